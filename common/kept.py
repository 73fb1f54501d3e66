"""SQL that Django writes once in a process and that is kept: writing it takes longer than asking.

``Kept`` is for small queries that depend on a few numbers, ``compiled`` for wide annotations that depend on a moment,
``insert`` and ``update`` for rows that are written again and again.
Nothing of one user or one request may be in what is kept, except where a place for it, ``MOMENT`` or a key tells it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, models
from django.db.models import Field, Model, QuerySet
from django.db.models.expressions import RawSQL

PLACE = -(2**62)
"""The first of the numbers that stand for those of a call in what is written once; no key of a row is so small."""


class Kept:
    """A query that asks for plain columns (``values_list``) and depends on nothing but the ``many`` numbers given.

    ``make`` gets these numbers and gives the query; it is called once, with numbers that only hold their places.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]], many: int = 1) -> None:
        self.make, self.many = make, many

    def rows(self, *values: int) -> list[tuple[Any, ...]]:
        """What the database answers to these numbers, as it says it."""
        sql, params = self._written
        given = {PLACE + place: value for place, value in enumerate(values)}
        with connection.cursor() as cursor:
            cursor.execute(sql, [given.get(value, value) if type(value) is int else value for value in params])
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    @cached_property
    def _written(self) -> tuple[str, tuple[Any, ...]]:
        places = [PLACE + place for place in range(self.many)]
        return compiled_rows(self.make(*places))


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


def insert(rows: Sequence[Model]) -> None:
    """INSERT these rows of one model and give them their keys; for models of which the database fills nothing else.

    Columns that are NULL in all of them are left out.
    """
    if not rows:
        return
    model = type(rows[0])
    names = tuple(name for name in _insertable(model) if any(getattr(row, name) is not None for row in rows))
    fields, head, places = _inserted(model, names)
    values = [_ready(field, is_plain, getattr(row, field.attname)) for row in rows for field, is_plain in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"{head} {', '.join([places] * len(rows))} RETURNING id", values)
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk, row._state.adding, row._state.db = key, False, connection.alias


def update(row: Model, *names: str) -> None:
    """What ``row.save(update_fields=names)`` writes, where nothing listens to saves; no such row is an error, too."""
    fields, sql = _updated(type(row), names)
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, row.pk])
        if cursor.rowcount != 1:
            raise DatabaseError(f"There is no {row._meta.model_name} {row.pk} to be changed.")


def update_many(rows: Sequence[Model], *names: str) -> None:
    """These columns of many rows of one model in one statement."""
    if not rows:
        return
    fields, sql = _updated_many(type(rows[0]), names)
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows] for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(sql, [[row.pk for row in rows], *values])


PLAIN = (models.IntegerField, models.AutoField, models.BooleanField, models.DateTimeField)
"""Fields that give the database a number, a truth or an aware time as it is."""


def _ready(field: Field[Any, Any], is_plain: bool, value: Any) -> Any:
    """The value as the database takes it; what needs no change is not asked about."""
    if value is None or (is_plain and (type(value) in (int, bool) or getattr(value, "tzinfo", None))):
        return value
    return field.get_db_prep_save(value, connection)


@cache
def _insertable(model: type[Model]) -> tuple[str, ...]:
    """The attributes that hold the columns of a new row."""
    fields = model._meta.concrete_fields
    return tuple(field.attname for field in fields if not field.primary_key and not field.generated)


@cache
def _inserted(model: type[Model], names: tuple[str, ...]) -> tuple[list[tuple[Field[Any, Any], bool]], str, str]:
    fields = [field for field in model._meta.concrete_fields if field.attname in names]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    head = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES"
    return [(field, isinstance(getattr(field, "target_field", field), PLAIN)) for field in fields], head, f"({places})"


@cache
def _updated(model: type[Model], names: tuple[str, ...]) -> tuple[list[Field[Any, Any]], str]:
    fields: list[Field[Any, Any]] = [model._meta.get_field(name) for name in names]  # type: ignore[misc]
    quote = connection.ops.quote_name
    changes = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    return fields, f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE id = %s"  # noqa: S608 - the model's names


@cache
def _updated_many(model: type[Model], names: tuple[str, ...]) -> tuple[list[Field[Any, Any]], str]:
    fields: list[Field[Any, Any]] = [model._meta.get_field(name) for name in names]  # type: ignore[misc]
    quote = connection.ops.quote_name
    columns = [quote(str(field.column)) for field in fields]
    changes = ", ".join(f"{column} = new.{column}" for column in columns)
    places = ", ".join(f"%s::{field.rel_db_type(connection)}[]" for field in fields)
    table = quote(model._meta.db_table)
    return fields, (
        f"UPDATE {table} AS kept SET {changes} FROM unnest(%s::bigint[], {places}) "  # noqa: S608 - the model's names
        f"AS new (id, {', '.join(columns)}) WHERE kept.id = new.id"
    )
