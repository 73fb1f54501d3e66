"""The staging table: rows go in as they are read and come out case by case."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from intake.importing.reading import Read
from intake.models import ImportRun, StagedRow
from tickets.loading.copying import Table

AT_ONCE = 5_000
BYTES = 8 * 1024 * 1024
CASES, ROWS_OF_BATCH, BYTES_OF_BATCH = 500, 20_000, 32 * 1024 * 1024
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Staged = tuple[int, datetime | None, Any, str]
"""Line, time, values, problem."""


class Stage:
    """The staged rows of one run."""

    def __init__(self, run: ImportRun) -> None:
        self.run, self._table, self._size = run, Table(StagedRow), 0

    def put(self, read: Read, case: str, at: datetime | None, problem: str) -> None:
        """Keep one row; it is sent with others."""
        values = storable(read.values)
        self._size += len(json.dumps(values))
        self._table.add(
            run_id=self.run.pk, case_id=case, line=read.line, at=at, values=values, raw="", problem=problem[:300]
        )
        if len(self._table.rows) >= AT_ONCE or self._size >= BYTES:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        self._table.write()
        self._size = 0

    def count(self) -> int:
        """How many cases there are."""
        return self.run.rows.values("case_id").distinct().count()

    def batches(self) -> Iterator[list[tuple[str, bool]]]:
        """Cases in order, some at a time: (case, whether it is small enough to be one ticket)."""
        last = None
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE intake_stagedrow")  # just filled: the planner still takes it for empty
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT case_id, count(*), sum(pg_column_size(values)) FROM intake_stagedrow"
                    " WHERE run_id = %s AND (%s::text IS NULL OR case_id > %s)"
                    " GROUP BY case_id ORDER BY case_id LIMIT %s",
                    [self.run.pk, last, last, CASES],
                )
                found = cursor.fetchall()
            if not found:
                return
            batch: list[tuple[str, bool]] = []
            rows = size = 0
            for case, its_rows, its_size in found:
                if batch and (rows + its_rows > ROWS_OF_BATCH or size + its_size > BYTES_OF_BATCH):
                    break
                fits = its_rows <= ROWS_OF_BATCH and its_size <= BYTES_OF_BATCH
                batch.append((case, fits))
                if fits:
                    rows, size = rows + its_rows, size + int(its_size)
            last = batch[-1][0]
            yield batch

    def cases(self, names: list[str]) -> Iterator[tuple[str, list[Staged]]]:
        """The rows of each case, in the order of time and line."""
        rows = self.run.rows.filter(case_id__in=names).order_by("case_id", "at", "line")
        case, gathered = None, list[Staged]()
        for name, *row in rows.values_list("case_id", "line", "at", "values", "problem").iterator(AT_ONCE):
            if name != case and gathered:
                yield str(case), gathered
                gathered = []
            case = name
            gathered.append(tuple(row))
        if gathered:
            yield str(case), gathered

    def rows(self, case: str) -> Iterator[Staged]:
        """The rows of a case that is too large to be held at once."""
        rows = self.run.rows.filter(case_id=case).order_by("line").values_list("line", "at", "values", "problem")
        yield from rows.iterator(100)

    def clear(self) -> None:
        """Leave nothing behind, not even of runs of this source that were killed."""
        runs = list(ImportRun.objects.filter(source=self.run.source).values_list("pk", flat=True))
        StagedRow.objects.filter(run__in=runs).delete()  # without a join, which the planner may take for cheap


def storable(value: Any) -> Any:
    """What PostgreSQL cannot hold is shown by a sign of its own."""
    if isinstance(value, str):
        return UNSTORABLE.sub(lambda found: "\u2400" if found[0] == "\0" else "\ufffd", value)
    if isinstance(value, list):
        return [storable(one) for one in value]
    if isinstance(value, dict):
        return {storable(key): storable(one) for key, one in value.items()}
    return value


def has_nul(value: Any) -> bool:
    """Whether a NUL stands in any text of it."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(has_nul(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(map(has_nul, value))


def longest(value: Any) -> int:
    """The characters of its longest text."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return max((longest(one) for pair in value.items() for one in pair), default=0)
    return max(map(longest, value), default=0) if isinstance(value, list) else 0
