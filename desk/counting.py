"""Counts that are shown capped: never counted whole, and many of them in one query."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import IntegerField, QuerySet, Subquery

from accounts.models import User
from common.kept import MOMENT, at, compiled_rows

MOST = 99


class Capped(Subquery):
    """How many rows, counted no further than one above what is shown."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS capped)"
    output_field = IntegerField()

    def __init__(self, rows: QuerySet[Any]) -> None:
        super().__init__(rows.order_by().values("pk")[: MOST + 1])


def counts(user: User, **rows: QuerySet[Any]) -> dict[str, int]:
    """All of these counts for a user, in one query."""
    wanted = {f"count_{name}": Capped(some) for name, some in rows.items()}
    found: Any = User.objects.filter(pk=user.pk).values(**wanted).first() or {}
    return {name.removeprefix("count_"): many for name, many in found.items()}


Rows = Mapping[str, QuerySet[Any]]
READY: dict[Hashable, tuple[str, tuple[Any, ...], tuple[str, ...]]] = {}
MOST_READY = 2000


def ready_counts(
    key: Hashable, now: datetime, make: Callable[[datetime], Mapping[str, QuerySet[Any]]]
) -> dict[str, int]:
    """``counts`` of what ``make`` gives for a time, in one query whose SQL is kept: writing it costs far more than
    asking. ``key`` holds all that ``make`` depends on but the time."""
    known = READY.get(key)
    if known is None:
        if len(READY) >= MOST_READY:
            READY.clear()
        known = READY[key] = _compiled(make(MOMENT))
    sql, params, names = known
    if not names:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(sql, at(params, now))
        return dict(zip(names, cursor.fetchone() or (), strict=False))


def _compiled(rows: Rows) -> tuple[str, tuple[Any, ...], tuple[str, ...]]:
    parts: list[str] = []
    params: list[Any] = []
    for some in rows.values():
        try:
            sql, values = compiled_rows(some.order_by().values("pk")[: MOST + 1])
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS capped)")  # noqa: S608 - written by Django, values apart
        params += values
    return "SELECT " + ", ".join(parts), tuple(params), tuple(rows)


def shown(count: int) -> str:
    """``17``, ``99+``, or nothing for none."""
    return f"{MOST}+" if count > MOST else str(count or "")
