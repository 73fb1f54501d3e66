"""Many small sets of rows beside one row, in one query: each comes as JSON and becomes model instances again."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Field, ForeignKey, GeneratedField, Model, QuerySet
from django.db.models.functions import JSONObject

Row = TypeVar("Row", bound=Model)


@lru_cache
def _fields(model: type[Model]) -> list[Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if not isinstance(field, GeneratedField)]


def packed(rows: QuerySet[Any], **more: str) -> ArraySubquery:
    """These rows whole, with ``more`` of their neighbours (``reason_name="reason__name"``), as one column."""
    fields = _fields(rows.model)  # type: ignore[arg-type]  # a class is hashable, whatever the stubs say of Any
    told = {field.attname: F(field.attname) for field in fields} | {name: F(path) for name, path in more.items()}
    return ArraySubquery(rows.annotate(told=JSONObject(**told)).values("told"))


def unpacked(model: type[Row], column: Iterable[dict[str, Any]] | None) -> list[Row]:
    """The instances that ``packed`` made a column of; ``more`` are attributes of them."""
    found = []
    for told in column or ():
        row = model(**{field.attname: field.to_python(told.pop(field.attname)) for field in _fields(model)})
        row._state.adding, row._state.db = False, "default"
        for name, value in told.items():
            setattr(row, name, value)
        found.append(row)
    return found


def ids_of(rows: Iterable[Model], *models: type[Model]) -> set[int]:
    """The keys of rows of ``models`` that these rows point at."""
    return {
        pk
        for row in rows
        for field in row._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model in models and (pk := getattr(row, field.attname))
    }


def join(rows: Iterable[Model], known: dict[int, Any], *models: type[Model]) -> None:
    """Let these rows point at the instances in ``known`` without asking for them again."""
    for row in rows:
        for field in row._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.related_model in models:
                pk = getattr(row, field.attname)
                if pk is None or pk in known:
                    field.set_cached_value(row, known.get(pk))
