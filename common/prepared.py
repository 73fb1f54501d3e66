"""Queries that PostgreSQL plans once for each connection: planning a very wide one takes longer than running it.

Inside ``with prepared("ticket"):`` each query becomes a statement that the server keeps, with its numbers and times as
parameters and everything else written into it. Meant for queries that are few and always of the same shape.
``scalars`` asks for several single values, always the same ones, at once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connection

MOST = 16
"""Statements that one connection keeps; the one that was used longest ago makes room."""

KINDS: dict[type, str] = {int: "bigint", datetime: "timestamptz"}
"""What becomes a parameter; other values stand in the statement."""

_kept: WeakKeyDictionary[Any, OrderedDict[str, str]] = WeakKeyDictionary()


@contextmanager
def prepared(name: str) -> Iterator[None]:
    """Let the server keep the plan of what is asked inside; ``name`` only tells the statements apart for a reader."""

    def run(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        line = context["connection"].connection
        if many or not params or not sql.startswith("SELECT"):
            return execute(sql, params, many, context)
        statement, values = _split(context["cursor"], sql, params)
        known = _kept.setdefault(line, OrderedDict())
        _keep(line, known, statement, name)
        places = ", ".join(["%s"] * len(values))
        return execute(
            f"EXECUTE {known[statement]}" + (f" ({places})" if values else ""), values or None, many, context
        )

    if not settings.DATABASE_PREPARES:
        yield
        return
    with connection.execute_wrapper(run):
        yield


def scalars(name: str, *subqueries: str) -> tuple[Any, ...]:
    """The one value of each of these queries, which have no parameters: one statement, planned once for a connection.

    Nothing that a user or a request brings may stand in them.
    """
    sql = f"SELECT {', '.join(f'({one})' for one in subqueries)}"
    with connection.cursor() as cursor:
        if settings.DATABASE_PREPARES:
            line = cursor.connection
            sql = f"EXECUTE {_keep(line, _kept.setdefault(line, OrderedDict()), sql, name)}"
        cursor.execute(sql)
        found: tuple[Any, ...] = cursor.fetchone()
        return found


def _keep(line: Any, known: OrderedDict[str, str], statement: str, name: str) -> str:
    """What the server calls this statement; it is told of it when it does not keep it yet."""
    if statement not in known:
        _prepare(line, known, statement, f"{name}_{abs(hash(statement))}")
    known.move_to_end(statement)
    return known[statement]


def _split(cursor: Any, sql: str, params: Any) -> tuple[str, list[Any]]:
    """The statement with ``$1`` for each number and time, and those; other values stand in it as they are."""
    values: list[Any] = []
    places: list[str] = []
    for value in params:
        kind = KINDS.get(type(value))
        if kind:
            values.append(value)
            places.append(f"${len(values)}::{kind}")
        else:
            places.append(cursor.mogrify("%s", [value]).decode())
    return sql % tuple(places), values


def _prepare(line: Any, known: OrderedDict[str, str], statement: str, name: str) -> None:
    with line.cursor() as cursor:
        if not known:  # else each connection plans anew five times before it keeps a plan
            cursor.execute("SET plan_cache_mode = force_generic_plan")
        if len(known) >= MOST:
            cursor.execute(f"DEALLOCATE {known.popitem(last=False)[1]}")
        cursor.execute(f"PREPARE {name} AS {statement}")
    known[statement] = name
