"""SQL that Django writes once and that is kept: writing a wide query costs more than asking it, every time the same.

Nothing of one user or one moment may be in what is compiled, except where a key or ``MOMENT`` tells it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Field, QuerySet
from django.db.models.expressions import RawSQL

MOMENT = datetime(2, 1, 1, tzinfo=UTC)
"""Stands for the time that each request brings; a time counted from it stays as far from the request's."""

LATEST = 100
"""The year before which a time can only have been counted from ``MOMENT``."""


def at(params: Iterable[Any], moment: datetime) -> tuple[Any, ...]:
    """These parameters of kept SQL, with ``moment`` (aware) where ``MOMENT`` stood."""
    return tuple(moment + (value - MOMENT) if _is_counted(value) else value for value in params)


def _is_counted(value: Any) -> bool:
    return isinstance(value, datetime) and value.year < LATEST


@dataclass(frozen=True, slots=True)
class Compiled:
    """The SQL of an annotation."""

    sql: str
    params: tuple[Any, ...]
    output_field: Field[Any, Any]

    def at(self, moment: datetime) -> RawSQL:
        """The annotation, with ``moment`` where ``MOMENT`` stood."""
        return RawSQL(self.sql, at(self.params, moment), self.output_field)  # noqa: S611 - by Django, values apart


def compiled(rows: QuerySet[Any], annotations: Mapping[str, Any]) -> dict[str, Compiled]:
    """These annotations of ``rows`` as SQL."""
    query = rows.annotate(**annotations).query
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    ready = {}
    for name in annotations:
        annotation = query.annotations[name]
        sql, params = compiler.compile(annotation)
        ready[name] = Compiled(sql, tuple(params), annotation.output_field)
    return ready


def compiled_rows(rows: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    """A whole query and its parameters; ``EmptyResultSet`` when it can find nothing."""
    sql, params = rows.query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    return sql, tuple(params)
