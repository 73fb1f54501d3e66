"""Queries whose SQL is written once in a process: for a small one, writing it takes Django longer than asking."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet

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
        sql, params = self.make(*places).query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        return sql, tuple(params)
