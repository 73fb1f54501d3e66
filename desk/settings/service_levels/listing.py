"""The policies in the order in which they are tried, as the list shows them: a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import Count, QuerySet

from customers.models import SupportPlan
from desk.settings.service_levels import hints, words
from sla.models import Policy, PolicyVersion
from sla.operations import groups_of_equals
from sla.overlaps import in_order
from sla.policies import asks_of, catalogue
from tickets.clocks.counting import running_by_policy


@dataclass
class Row:
    """A policy as the list shows it; ``above`` and ``below`` are the equally specific ones it may pass."""

    policy: Policy
    version: PolicyVersion
    place: int = 0
    asks: int = 0
    running: int = 0
    above: Policy | None = None
    below: Policy | None = None
    planned: list[PolicyVersion] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)

    @property
    def who(self) -> str:
        return words.who(self.version)

    @property
    def targets(self) -> list[tuple[str, str]]:
        return words.targets(self.version)

    @property
    def hours(self) -> str:
        return words.hours(self.version.calendar)


@dataclass
class Listing:
    """What the page shows."""

    tried: list[Row]
    default: Row | None
    coming: list[Row]
    retired: list[Row]
    is_all: bool


def with_names(versions: QuerySet[PolicyVersion]) -> QuerySet[PolicyVersion]:
    """Loaded with all that their words name."""
    return versions.select_related("policy", "plan", "organisation", "department", "team", "calendar", "made_by")


def load(at: datetime) -> Listing:
    """All policies: those in use in their order, the default one, those that are planned, those out of use."""
    held = {one.policy_id: one for one in catalogue().in_force(at)}
    planned = [one for one in catalogue().versions if one.valid_from and one.valid_from > at]
    names = with_names(PolicyVersion.objects.filter(pk__in=[one.pk for one in (*held.values(), *planned)])).in_bulk()
    held = {pk: one for pk, one in held.items() if one.pk in names}  # what is gone by now is not shown
    planned = [one for one in planned if one.pk in names]
    running, in_use = running_by_policy(), in_order(held.values())

    def row(version: PolicyVersion) -> Row:
        known = names[version.pk]
        later = sorted((names[one.pk] for one in planned if one.policy_id == version.policy_id),
                       key=lambda one: (one.valid_from, one.number))  # fmt: skip
        said = hints.of(version, in_use) if version in in_use else []
        return Row(known.policy, known, asks=len(asks_of(version)), planned=later, hints=said,
                   running=running.by_policy.get(version.policy_id, 0))  # fmt: skip

    tried: list[Row] = []
    for group in groups_of_equals(at):
        rows = [row(one) for one in group if one.pk in names]
        for one, after in pairwise(rows):
            one.below, after.above = after.policy, one.policy
        tried += rows
    for place, one in enumerate(tried, start=1):
        one.place = place
    default = next((row(one) for one in held.values() if one.policy.is_default), None)
    retired = [row(one) for one in held.values() if not one.is_active and not one.policy.is_default]
    first = {one.policy_id: one for one in reversed(planned) if one.policy_id not in held}
    return Listing(tried, default, [row(one) for one in first.values()], retired, running.is_all)


def plans() -> QuerySet[SupportPlan]:
    """The support plans, each with how many organisations and people have it."""
    return SupportPlan.objects.annotate(
        organisation_count=Count("organisations", distinct=True), person_count=Count("people", distinct=True)
    ).order_by("position", "name")


def history(policy: Policy, at: datetime) -> list[dict[str, Any]]:
    """The versions, newest first, each with what it says otherwise than the one before it."""
    versions = list(with_names(policy.versions.order_by("number")))
    held = next((one.pk for one in catalogue().in_force(at) if one.policy_id == policy.pk), None)
    told = []
    for before, one in zip([None, *versions], versions, strict=False):
        told.append(
            {
                "version": one,
                "says": words.differences(before, one) if before else [words.sentence(one)],
                "is_held": one.pk == held,
                "is_planned": bool(one.valid_from and one.valid_from > at),
            }
        )
    return told[::-1]
