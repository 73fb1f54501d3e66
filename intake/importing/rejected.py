"""What was not imported: every row with its line and the reason."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext as _

from common.tabular import safe_cell
from intake.importing.reading import Unusable


class Rejected:
    """A CSV file that is put in its place when the run ends; without rejected rows there is none.

    ``path`` None writes nothing. An older file at ``path`` is replaced, by the header alone when nothing is rejected.
    """

    def __init__(self, path: Path | None, header: Sequence[str]) -> None:
        self.path, self.rows = path, 0
        self._header = ["line", "reason", *(header or ("row",))]
        self._file: TextIO | None = None
        self._whole = not header
        if path is not None:
            self._part = path.with_name(f".{path.name}.part")
            try:
                self._file = self._part.open("w", encoding="utf-8-sig", newline="")
            except OSError as error:
                raise Unusable(
                    _("%(file)s cannot be written: %(why)s.") % {"file": path, "why": error.strerror}
                ) from error
            self._writer = csv.writer(self._file)
            self._writer.writerow(map(safe_cell, self._header))

    def add(self, line: int, reason: str, values: Any) -> None:
        """One row that stays out."""
        self.rows += 1
        if self._file is not None:
            cells = [json.dumps(values, ensure_ascii=False)] if self._whole else values
            self._writer.writerow([line, safe_cell(reason), *map(safe_cell, cells)])

    def finish(self) -> None:
        """The file in its place."""
        if self._file is None or self.path is None:
            return
        self._file.close()
        self._file = None
        if self.rows or self.path.exists():
            self._part.replace(self.path)
        else:
            self._part.unlink()

    def abandon(self) -> None:
        """The run did not end: what was written so far stands, so that no reason is lost."""
        if self.rows:
            self.finish()
        elif self._file is not None:
            self._file.close()
            self._file = None
            self._part.unlink()
