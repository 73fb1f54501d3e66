"""A file as rows with their lines: CSV and JSON, in constant memory; one clear sentence for what cannot be read."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.utils.translation import gettext as _

from common.errors import Malformed

LONGEST = 32 * 1024 * 1024
"""Characters of one line, one cell or one object: more is no help desk's."""
PIECE = 1 << 16
DELIMITERS = ",;\t|"
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip


class Unusable(Malformed):
    """The file as a whole cannot be imported; nothing of it was."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="unusable_file")


@dataclass(frozen=True, slots=True)
class Read:
    """One row: the line it begins on, its cells (CSV) or its object (JSON), and what is wrong with it as a row."""

    line: int
    values: Any
    problem: str = ""


class TextFile:
    """A text file whose encoding is told by its byte order mark; without one it must be UTF-8."""

    def __init__(self, path: Path) -> None:
        self.path, self.line = path, 0
        try:
            self.raw = path.open("rb")
            head = self.raw.read(4096)
            self.raw.seek(0, io.SEEK_END)
            self.size = self.raw.tell()
            self.raw.seek(0)
        except OSError as error:
            raise Unusable(_("%(file)s cannot be read: %(why)s.") % {"file": path, "why": error.strerror}) from error
        self.encoding = next((name for mark, name in MARKS if head.startswith(mark)), "utf-8")
        if not head:
            self.raw.close()
            raise Unusable(_("%(file)s is empty.") % {"file": path})
        if self.encoding == "utf-8" and head.count(0) > len(head) // 4:
            self.raw.close()
            raise Unusable(
                _("%(file)s, line 1: this looks like UTF-16 without its byte order mark. Save it as UTF-8.")
                % {"file": path}
            )
        self.text = io.TextIOWrapper(self.raw, encoding=self.encoding, newline="")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.text.close()

    @property
    def position(self) -> int:
        """Bytes read so far."""
        return self.raw.tell()

    def lines(self) -> Iterator[str]:
        """Every line with its end (any of the three kinds)."""
        while line := self._read(self.text.readline):
            self.line += 1
            if len(line) >= LONGEST:
                raise Unusable(_("%(file)s, line %(line)d: the line is too long.") % self._here())
            yield line

    def piece(self) -> str:
        """The next characters; empty at the end."""
        return self._read(self.text.read, PIECE)

    def _read(self, how: Any, limit: int = LONGEST) -> str:
        try:
            return str(how(limit))
        except UnicodeError as error:
            raise Unusable(
                _("%(file)s, line %(line)d: this is not %(encoding)s. Save the file as UTF-8.")
                % {"file": self.path, "line": self._bad_line(), "encoding": self.encoding.upper()[:6].rstrip("-")}
            ) from error

    def _bad_line(self) -> int:
        """The line that holds the first bytes which are no text; only asked when there are some."""
        if not self.encoding.startswith("utf-8"):
            return self.line + 1
        with self.path.open("rb") as again:
            decoder = codecs.getincrementaldecoder("utf-8")()
            line = 1
            while piece := again.readline(PIECE):
                try:
                    decoder.decode(piece)
                except UnicodeError:
                    return line
                line += piece.endswith(b"\n")
        return line

    def _here(self) -> dict[str, Any]:
        return {"file": self.path, "line": self.line}


class CsvFile:
    """Rows of cells below one line of column names. A name that stands twice gets ``#2`` the second time."""

    def __init__(self, file: TextFile, delimiter: str = "") -> None:
        self.file = file
        lines = file.lines()
        first = next(lines, "")
        self.delimiter = delimiter or max(DELIMITERS, key=first.count)
        self._reader = csv.reader(_again(first, lines), delimiter=self.delimiter, strict=True)
        header = self._next()
        if header is None or not any(name.strip() for name in header[1]):
            raise Unusable(_("%(file)s, line 1: there are no column names.") % {"file": file.path})
        seen: Counter[str] = Counter()
        self.header: list[str] = []
        for name in header[1]:
            seen[name.strip()] += 1
            number = seen[name.strip()]
            self.header.append(name.strip() if number == 1 else f"{name.strip()}#{number}")
        self.twice = {name for name, number in seen.items() if name and number > 1}

    def rows(self) -> Iterator[Read]:
        """Every row but blank ones."""
        width = len(self.header)
        while (row := self._next()) is not None:
            line, cells = row
            if not any(cells):
                continue
            problem = ""
            if len(cells) != width:
                problem = _("It has %(cells)d cells; the header names %(columns)d.") % {
                    "cells": len(cells), "columns": width,
                }  # fmt: skip
            yield Read(line, cells, problem)

    def _next(self) -> tuple[int, list[str]] | None:
        line = self._reader.line_num + 1
        before = csv.field_size_limit(LONGEST)
        try:
            return line, next(self._reader)
        except StopIteration:
            return None
        except csv.Error as error:
            raise Unusable(
                _("%(file)s, line %(line)d: the quoting is broken or a cell has no end (%(why)s).")
                % {"file": self.file.path, "line": line, "why": error}
            ) from error
        finally:
            csv.field_size_limit(before)


class JsonFile:
    """Objects: one array of them, or one after the other (JSON lines)."""

    header: tuple[str, ...] = ()
    twice: frozenset[str] = frozenset()

    def __init__(self, file: TextFile) -> None:
        self.file = file
        self._buffer, self._line, self._ended = "", 1, False
        self._decoder = json.JSONDecoder(parse_constant=lambda _name: None)

    def rows(self) -> Iterator[Read]:
        """Every element of the array, or every value of the file."""
        in_array, needs_comma, is_open = self._peek() == "[", False, True
        if in_array:
            self._drop(1)
        elif not self._peek():
            raise Unusable(_("%(file)s is empty.") % {"file": self.file.path})
        while (mark := self._peek()) and is_open:
            if in_array and mark == "]":
                self._drop(1)
                is_open = False
            elif in_array and needs_comma:
                if mark != ",":
                    raise self._broken(_("a comma is missing between two objects"))
                self._drop(1)
                needs_comma = False
            else:
                yield self._value()
                needs_comma = True
        if in_array and is_open:
            raise self._broken(_("the list has no end"))
        if self._peek():
            raise self._broken(_("something follows the list"))

    def _value(self) -> Read:
        line, wanted = self._line, 0
        while True:
            while len(self._buffer) < wanted and self._more():
                pass
            try:
                value, end = self._decoder.raw_decode(self._buffer)
                if end < len(self._buffer) or not self._more():  # a number may go on behind the piece
                    self._drop(end)
                    return Read(line, value, "" if isinstance(value, dict) else _("It is no object."))
            except RecursionError as error:
                raise self._broken(_("it is nested too deeply")) from error
            except ValueError as error:
                if len(self._buffer) > LONGEST or (len(self._buffer) >= wanted and not self._more()):
                    raise self._broken(getattr(error, "msg", str(error))[:80]) from error
            wanted = 2 * len(self._buffer)

    def _peek(self) -> str:
        while True:
            blank = len(self._buffer) - len(self._buffer.lstrip())
            self._drop(blank)
            if self._buffer or not self._more():
                return self._buffer[:1]

    def _more(self) -> bool:
        piece = "" if self._ended else self.file.piece()
        self._ended = not piece
        self._buffer += piece
        return bool(piece)

    def _drop(self, count: int) -> None:
        self._line += self._buffer.count("\n", 0, count)
        self._buffer = self._buffer[count:]

    def _broken(self, why: str) -> Unusable:
        return Unusable(
            _("%(file)s, line %(line)d: this is no JSON (%(why)s).")
            % {"file": self.file.path, "line": self._line, "why": why}
        )


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest
