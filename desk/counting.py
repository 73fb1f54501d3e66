"""Counts that are shown capped: never counted whole, and many of them in one query."""

from __future__ import annotations

from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery

from accounts.models import User

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


def shown(count: int) -> str:
    """``17``, ``99+``, or nothing for none."""
    return f"{MOST}+" if count > MOST else str(count or "")
