"""Rows to PostgreSQL by COPY: each model's own columns and defaults, ids taken from its sequence beforehand."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": None})
NULL = "\\N"
CHUNK = 5_000
"""How many ids are fetched at once; the ones that are not used stay unused."""


class Table:
    """The rows of one model that wait to be written. ``add`` wants column names (``ticket_id``), not field names."""

    def __init__(self, model: type[models.Model]) -> None:
        fields = [field for field in model._meta.concrete_fields if not field.generated]
        self.model = model
        self.columns = [str(field.column) for field in fields]
        self.constants: dict[str, Any] = {}
        self.makers: dict[str, Callable[[], Any]] = {}
        for one in fields:
            if callable(one.default) and one.default not in (dict, list):
                self.makers[str(one.column)] = one.get_default
            elif not one.primary_key and not one.has_db_default():
                self.constants[str(one.column)] = one.get_default()
        self.rows: list[dict[str, Any]] = []
        self.ids = ids_of(model)

    def add(self, **values: Any) -> dict[str, Any]:
        """A row; it may still be changed until it is written. Its ``id`` is final."""
        row = {"id": next(self.ids), **values}
        self.rows.append(row)
        return row

    def write(self) -> int:
        """Send what waits; returns how many rows that were."""
        if self.rows:
            lines = io.StringIO("\n".join(self._lines()) + "\n")
            columns = ", ".join(map(connection.ops.quote_name, self.columns))
            table = connection.ops.quote_name(self.model._meta.db_table)
            with connection.wrap_database_errors, connection.cursor() as cursor:
                cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", lines)
        written, self.rows = len(self.rows), []
        return written

    def _lines(self) -> Iterator[str]:
        plan = [
            (column, self.makers.get(column), cell(self.constants[column]) if column in self.constants else NULL)
            for column in self.columns
        ]
        for row in self.rows:
            yield "\t".join(
                cell(row[column]) if column in row else cell(maker()) if maker else constant
                for column, maker, constant in plan
            )


def cell(value: Any) -> str:
    """A value in COPY's text format."""
    if value is None:
        return NULL
    if isinstance(value, str):
        return str(value).translate(ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False).translate(ESCAPES)
    if isinstance(value, (int, float, UUID)):
        return str(value)
    raise TypeError(f"no column takes a {type(value).__name__}")


def ids_of(model: type[models.Model]) -> Iterator[int]:
    """Fresh primary keys of a model, without end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [connection.ops.quote_name(model._meta.db_table)])
        (sequence,) = cursor.fetchone()
    size = 10
    while True:
        yield from drawn(sequence, size)
        size = min(size * 10, CHUNK)


def drawn(sequence: str, count: int) -> list[int]:
    """The next numbers of a sequence."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])
        return [number for (number,) in cursor.fetchall()]
