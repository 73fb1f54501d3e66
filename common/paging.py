"""Paging by the last row seen (keyset), never by counting: every page costs the same, new rows move nothing."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model, OrderBy, Q, QuerySet
from django.utils.translation import gettext as _

from common.errors import Malformed

Row = TypeVar("Row", bound=Model)

SALT = "common.paging"
LARGEST = 200
LONGEST_CURSOR = 4000
READERS: dict[str, Any] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "n": Decimal,
    "u": UUID,
}


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of rows; ``next_cursor`` is None on the last."""

    items: list[Row]
    next_cursor: str | None


def page(
    queryset: QuerySet[Row], *, order: tuple[str, ...], after: str | None = None, size: int = 50, strict: bool = False
) -> Page[Row]:
    """The rows after a cursor, ``size`` (at most 200) of them, in one query.

    ``order`` names fields (``"-created_at"``, ``"customer__name"``, annotations), the last of them unique; where a
    value is missing the row comes last, in either direction. A cursor that is forged, of another order or unreadable
    gives the first page, or ``Malformed`` (``bad_cursor``) when ``strict``.
    """
    size = max(1, min(size, LARGEST))
    keys = [_Key.of(queryset.model, name) for name in order]
    rows = queryset.order_by(*(key.ordering() for key in keys))
    try:
        if after:
            rows = rows.filter(_behind(keys, read_cursor(after, order)))
    except Malformed:
        if strict:
            raise
    found = list(rows[: size + 1])
    more = len(found) > size
    items = found[:size]
    return Page(items, write_cursor(order, [key.value(items[-1]) for key in keys]) if more else None)


def write_cursor(order: tuple[str, ...], values: list[Any]) -> str:
    """Where a page ended, signed, for the address of the next."""
    return signing.dumps([list(order), [_packed(value) for value in values]], salt=SALT, compress=True)


def read_cursor(cursor: str, order: tuple[str, ...]) -> list[Any]:
    """The values of the last row seen. Raises ``Malformed`` for what we did not write for this order."""
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise ValueError("too long for a cursor")
        written_order, values = signing.loads(cursor, salt=SALT)
        if tuple(written_order) != order or len(values) != len(order):
            raise ValueError("a cursor of another list")
        return [_unpacked(value) for value in values]
    except (signing.BadSignature, ValueError, TypeError, LookupError, InvalidOperation) as error:
        raise Malformed(_("This page cannot be continued; start again."), code="bad_cursor", field="after") from error


@dataclass(frozen=True, slots=True)
class _Key:
    name: str
    descending: bool
    nullable: bool

    @classmethod
    def of(cls, model: type[Model], written: str) -> "_Key":
        name = written.removeprefix("-")
        return cls(name, written.startswith("-"), _is_nullable(model, name))

    def ordering(self) -> OrderBy:
        # Said only where it matters: without it the plainest index serves in both directions.
        last = True if self.nullable else None
        return F(self.name).desc(nulls_last=last) if self.descending else F(self.name).asc(nulls_last=last)

    def value(self, row: Any) -> Any:
        for part in self.name.split("__"):
            row = getattr(row, part) if row is not None else None
        return row

    def behind(self, value: Any, *, or_equal: bool = False) -> Q:
        """Rows whose own value comes later in this order than ``value`` (or is it)."""
        if value is None:
            return Q((f"{self.name}__isnull", True)) if or_equal else Q(pk__in=[])
        later = Q((f"{self.name}__{'lt' if self.descending else 'gt'}{'e' if or_equal else ''}", value))
        return later | Q((f"{self.name}__isnull", True)) if self.nullable else later

    def same(self, value: Any) -> Q:
        return Q((f"{self.name}__isnull", True)) if value is None else Q((self.name, value))


def _behind(keys: list[_Key], values: list[Any]) -> Q:
    """Later in the first key, or the same there and later in the rest."""
    later = keys[-1].behind(values[-1])
    for key, value in reversed(list(zip(keys[:-1], values[:-1], strict=True))):
        later = key.behind(value) | (key.same(value) & later)
    if len(keys) > 1:  # says the same once more in a form that bounds an index scan
        return keys[0].behind(values[0], or_equal=True) & later
    return later


def _is_nullable(model: type[Model], name: str) -> bool:
    """May the value be missing, on any step of the way? An annotation may."""
    for part in name.split("__"):
        if part == "pk":
            return False
        try:
            field = model._meta.get_field(part)
        except FieldDoesNotExist:
            return True
        if getattr(field, "null", True):
            return True
        model = field.related_model or model
    return False


def _packed(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return ["t", value.isoformat()]
        case date():
            return ["d", value.isoformat()]
        case Decimal() | UUID():
            return ["n" if isinstance(value, Decimal) else "u", str(value)]
    raise TypeError(f"pages cannot be ordered by {type(value).__name__}")


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        kind, text = value
        return READERS[kind](text)
    return value
