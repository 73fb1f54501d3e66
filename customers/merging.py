"""Two records of one human become one, and nothing of either history is lost (C2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Refused
from customers import policy
from customers._ground import moment, tell
from customers.models import Person, PersonMerge

Moved = dict[str, list[int]]
"""Ids of the rows that moved, by ``app.Model.field``."""
Mover = Callable[[Person, Person], Moved]

_movers: list[Mover] = []
FILLED = ("called", "language", "time_zone")


def mover(function: Mover) -> Mover:
    """Register what a higher app moves from a source to a target, both locked, inside the merge's transaction."""
    _movers.append(function)
    return function


def repoint(rows: models.QuerySet[Any], field: str, target: Person) -> Moved:
    """Let ``field`` of these rows point at ``target``; tells which they were."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    if ids:
        rows.model._base_manager.filter(pk__in=ids).update(**{field: target})
    return {f"{rows.model._meta.app_label}.{rows.model.__name__}.{field}": ids}


@transaction.atomic
def merge_people(source: Person, *, into: Person, by: User, at: datetime | None = None) -> PersonMerge:
    """``source`` becomes part of ``into``; its row stays and leads there. Events keep naming whom they named."""
    now = moment(at)
    rows = Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[source.pk, into.pk])
    people = {person.pk: person for person in rows.order_by("pk")}
    source, into = people[source.pk], people[into.pk]
    policy.may_merge(source, into).demand()
    moved: Moved = {}
    for move in (_move_own, *_movers):
        moved |= move(source, into)
    filled = _fill_in(source, into)
    source.merged_into = into
    source.save(update_fields=["merged_into"])
    merge = PersonMerge.objects.create(
        source=source,
        target=into,
        merged_by=by,
        merged_at=now,
        moved={**{name: ids for name, ids in moved.items() if ids}, "filled": filled},
    )
    tell(source, "merged", by=by, at=now, into=into)
    tell(into, "absorbed", by=by, at=now, source=source, merge=merge)
    return merge


class _Rehearsed(Exception):
    """Ends a rehearsal and takes everything back."""


def preview(source: Person, *, into: Person, by: User) -> dict[str, int]:
    """How many rows of each kind would move: the merge itself, rehearsed and rolled back, with its refusals."""
    counts: dict[str, int] = {}
    try:
        with transaction.atomic():
            merge = merge_people(source, into=into, by=by)
            counts = {name: len(ids) for name, ids in merge.moved.items() if name != "filled"}
            raise _Rehearsed
    except _Rehearsed:
        return counts


def present(person: Person) -> Person:
    """The record that stayed, however often it was merged."""
    seen = {person.pk}
    while person.merged_into is not None:
        person = person.merged_into
        if person.pk in seen:
            raise Refused(_("These records lead to each other."), code="merged_in_a_ring", rule="C2")
        seen.add(person.pk)
    return person


def _move_own(source: Person, target: Person) -> Moved:
    moved = _move_unique(source, target, source.addresses.all(), lambda row: row.address.lower(), target.addresses)
    moved |= _move_unique(source, target, source.phones.all(), lambda row: row.normalised, target.phones)
    moved |= repoint(source.purchases.all(), "person", target)
    moved |= _move_flags(source, target)
    moved |= repoint(Person.objects.filter(merged_into=source), "merged_into", target)
    moved |= repoint(PersonMerge.objects.filter(target=source), "target", target)
    return moved


def _move_unique(
    source: Person, target: Person, rows: models.QuerySet[Any], key: Callable[[Any], str], held: Any
) -> Moved:
    """Addresses and numbers: what both have stays once, and a verification counts; the target's main one stays main."""
    there = {key(row): row for row in held.all()}
    moving = []
    for row in rows:
        twin = there.get(key(row))
        if twin is None:
            moving.append(row.pk)
            continue
        if getattr(row, "verified_at", None) and not twin.verified_at:
            twin.verified_at = row.verified_at
            twin.save(update_fields=["verified_at"])
        row.delete()
    moved = repoint(rows.model._base_manager.filter(pk__in=moving), "person", target)
    if there:
        rows.model._base_manager.filter(pk__in=moving).update(is_primary=False)
    return moved


def _move_flags(source: Person, target: Person) -> Moved:
    """Every flag moves; of two of a kind in force the one that lasts longer stays in force."""
    for flag in source.flags.filter(lifted_at=None):
        twin = target.flags.filter(kind=flag.kind, lifted_at=None).first()
        if twin:
            shorter = min(flag, twin, key=lambda one: one.expires_at)
            shorter.lifted_at = timezone.now()
            shorter.save(update_fields=["lifted_at"])
    return repoint(source.flags.all(), "person", target)


def _fill_in(source: Person, target: Person) -> list[str]:
    """What the target did not know yet, it takes from the source; notes are kept both."""
    filled = {
        field: getattr(source, field) for field in FILLED if not getattr(target, field) and getattr(source, field)
    }
    if not target.name and source.name:
        filled["name"] = source.name
        if not (target.organisation_id or target.department_id):
            filled["kind"] = source.kind
    if source.kind == filled.get("kind", target.kind):
        for field in ("organisation", "department"):
            if not getattr(target, f"{field}_id") and getattr(source, f"{field}_id"):
                filled[field] = getattr(source, field)
    if source.plan_id and not target.plan_id:
        filled["plan"] = source.plan
    if source.notes and source.notes not in target.notes:
        filled["notes"] = f"{target.notes}\n\n{source.notes}".strip()
    if source.never_survey_since and not target.never_survey_since:
        filled["never_survey_since"] = source.never_survey_since
    given_up: dict[str, Any] = {}
    if source.external_id and not target.external_id:
        filled["external_id"], given_up["external_id"] = source.external_id, ""
    if source.user_id:
        given_up["user"] = None
        if target.user is None or not target.user.is_active:
            filled["user"] = source.user
    for person, fields in ((source, given_up), (target, filled)):
        if fields:
            for field, value in fields.items():
                setattr(person, field, value)
            person.save(update_fields=list(fields))
    return sorted(filled)
