"""Tables for spreadsheets: cells that cannot become formulas, files that open with the right letters."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

LONGEST_CELL = 32_000  # characters; spreadsheets stop at 32,767
BATCH = 200
BOM = "\ufeff"

UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
TRIGGERS = "=+-@|%"
LEAD = " \t\r\n\"'\u00a0\u200b\ufeff;,"
# A reader with another separator may begin a cell anew here.
INNER = re.compile(r"([;\t\r\n][\s\"';,\u200b\ufeff]*)(?=[=+\-@|%\uff1d\uff0b\uff0d\uff20])")


def safe_cell(value: Any) -> Any:
    """The value as a cell of CSV or XLSX: numbers, dates and booleans as they are, text that cannot run.

    Text that a spreadsheet could take for a formula, at its start or after something that looks like the end of a cell,
    gets an apostrophe before it; a text that is just a number stays.
    """
    if value is None:
        return ""
    if isinstance(value, bool | int | datetime | date):
        return value
    if isinstance(value, float | Decimal):
        return value if isfinite(value) else ""
    text = UNSTORABLE.sub("", str(value))[:LONGEST_CELL]
    if PLAIN_NUMBER.fullmatch(text):
        return text
    text = INNER.sub(r"\1'", text)
    significant = text.lstrip(LEAD)[:1]
    if significant and unicodedata.normalize("NFKC", significant)[0] in TRIGGERS and not _is_armed(text):
        text = f"'{text}"
    return text


def write_csv(rows: Iterable[Sequence[Any]], header: Sequence[str]) -> Iterator[bytes]:
    """A CSV file in pieces: UTF-8 with the mark that spreadsheets ask for, every text quoted, CRLF, constant memory."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC)
    buffer.write(BOM)
    writer.writerow([safe_cell(name) for name in header])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_written(safe_cell(value)) for value in row])
        if number % BATCH == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _written(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, datetime | date) else cell


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece


def _is_armed(text: str) -> bool:
    """An apostrophe at the very start already keeps the cell a text."""
    return text.startswith("'")
