"""Settings of the desk as rows with history: each has a code, a default, a kind, and says what it decides."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import transaction
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.errors import Malformed
from common.kept import Kept
from events.models import Setting


@dataclass(frozen=True, slots=True)
class Definition:
    """One setting. ``kind`` is ``seconds``, ``days``, ``count``, ``bytes``, ``text`` or ``words`` (a list of words)."""

    key: str
    default: Any
    kind: str
    label: str | Lazy
    group: str = "rules"
    minimum: int = 0
    maximum: int = 10**12

    @property
    def highest(self) -> int:
        """The largest number that may be set: no time from now lies beyond the calendar."""
        return min(self.maximum, {"seconds": LONGEST_DAYS * 86_400, "days": LONGEST_DAYS}.get(self.kind, self.maximum))


LONGEST_DAYS = 3_660
"""Ten years: the longest span that a setting may name."""

_definitions: dict[str, Definition] = {}


def define(key: str, default: Any, kind: str, label: str | Lazy, **more: Any) -> str:
    """Announce a setting and return its key. Called at import by the app that reads it."""
    _definitions[key] = Definition(key, default, kind, label, **more)
    return key


def definitions() -> list[Definition]:
    """Every setting, in the order it was announced."""
    return list(_definitions.values())


def get(key: str) -> Any:
    """The value in force: one query."""
    return many(key)[key]


def many(*keys: str) -> dict[str, Any]:
    """The values in force of several settings: one query."""
    stored = {key: json.loads(value) for key, value in _newest(keys).rows()}
    return {key: stored.get(key, _definitions[key].default) for key in keys}


def last_set(*keys: str) -> datetime | None:
    """When one of them was set last; None: never. One query."""
    newest = Setting.objects.filter(key__in=keys).order_by("-set_at").first()
    return newest.set_at if newest else None


def stored(key: str) -> str:
    """SQL that gives the value as it is stored, None where none was set: for asking together with other things."""
    code = _definitions[key].key.replace("'", "''")
    return f"SELECT value::text FROM events_setting WHERE key = '{code}' ORDER BY set_at DESC, id DESC LIMIT 1"  # noqa: S608 - a code of ours


def read(key: str, value: str | None) -> Any:
    """The value in force, from what ``stored`` gave."""
    return _definitions[key].default if value is None else json.loads(value)


@cache
def _newest(keys: tuple[str, ...]) -> Kept:
    """The newest row of each of these, as the database holds it: an act asks several times."""
    rows = Setting.objects.filter(key__in=keys).order_by("key", "-set_at", "-pk").distinct("key")
    return Kept(lambda: rows.values_list("key", "value"), many=0)


Guard = Callable[[Mapping[str, Any]], None]
_guards: list[tuple[tuple[str, ...], Guard]] = []


def guard(check_all: Guard, *keys: str) -> None:
    """Values that depend on each other, or on other rows: ``check_all`` sees all of ``keys`` as they would be.

    It is called before any of them is set, in the transaction that sets it, and raises what speaks against it.
    """
    _guards.append((keys, check_all))


_followers: list[tuple[tuple[str, ...], Callable[[], object]]] = []


def follow(act: Callable[[], object], *keys: str) -> None:
    """Rows that were reckoned with these values: ``act`` is called after any was set, in the same transaction."""
    _followers.append((keys, act))


def put(key: str, value: Any, *, by: User | None) -> Setting:
    """Set a value; the old one stays in the history. A value of the wrong kind is ``Malformed``."""
    return put_many({key: value}, by=by)[0]


@transaction.atomic
def put_many(wanted: Mapping[str, Any], *, by: User | None) -> list[Setting]:
    """Set several values at once, so that those that depend on each other may change together; as ``put``."""
    checked = {key: check(key, value) for key, value in wanted.items()}
    for keys, check_all in _guards:
        if not checked.keys().isdisjoint(keys):
            check_all({**many(*keys), **{key: checked[key] for key in keys if key in checked}})
    rows = [Setting.objects.create(key=key, value=value, set_by=by) for key, value in checked.items()]
    for keys, act in _followers:
        if not checked.keys().isdisjoint(keys):
            act()
    return rows


def check(key: str, value: Any) -> Any:
    """The value as it would be stored, or ``Malformed``."""
    definition = _definitions.get(key)
    if definition is None:
        raise Malformed(f"There is no setting {key}.", code="unknown_setting")
    if definition.kind == "text":
        return str(value)
    if definition.kind == "words":
        return [str(word) for word in value]
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise Malformed(str(_("Enter a whole number.")), code="not_a_number", field=key) from None
    highest = definition.highest
    if not definition.minimum <= number <= highest:
        raise Malformed(
            str(_("Enter a number from %(low)s to %(high)s.") % {"low": definition.minimum, "high": highest}),
            code="out_of_range",
            field=key,
        )
    return number
