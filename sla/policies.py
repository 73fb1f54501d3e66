"""Which promise about time holds for a ticket."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from sla.models import Policy, PolicyVersion

CONDITIONS = (
    "organisation", "department", "plan", "team", "priority", "ticket_type", "channel", "customer_type",
)  # fmt: skip
"""What a policy may ask for (S2)."""
KEYS = frozenset({"organisation", "department", "plan", "team"})
EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a policy is picked by (S2); ``channel``, ``ticket_type`` and ``priority`` are the codes of tickets."""

    customer_type: str
    channel: str
    ticket_type: str
    priority: int
    organisation_id: int | None = None
    department_id: int | None = None
    plan_id: int | None = None
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A policy that was looked at, the one that is taken first: ``against`` names the conditions that do not fit."""

    version: PolicyVersion
    asks: tuple[str, ...]
    against: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Is it in use, and does every condition fit?"""
        return self.version.is_active and not self.against


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All versions of all policies, in the order in which they were made; picking from it costs no query."""

    versions: tuple[PolicyVersion, ...]

    def in_force(self, at: datetime, *, known_at: datetime | None = None) -> list[PolicyVersion]:
        """The version of each policy that holds at ``at``: the latest to come into force, then the latest made.

        One that holds since ever also takes the place of all that had come into force before it was made.
        ``known_at``: as it was known then, without what was decided since.
        """
        held: dict[int, PolicyVersion] = {}
        for one in self.versions:
            if (one.valid_from or EVER) <= at and (known_at is None or one.made_at <= known_at):
                before = held.get(one.policy_id)
                if before is None or _since(before) <= _since(one) or _undoes(one, before):
                    held[one.policy_id] = one
        return list(held.values())

    def candidates(self, facts: Facts, at: datetime, *, known_at: datetime | None = None) -> list[Candidate]:
        """Every policy with what it asks for and what of that does not fit, in the order in which they are taken."""
        held = self.in_force(at, known_at=known_at)
        return sorted((_look_at(one, facts) for one in held), key=_rank)

    def pick(self, facts: Facts, at: datetime, *, known_at: datetime | None = None) -> PolicyVersion | None:
        """The most specific policy in use that fits, else the default one; None when there is none."""
        found = self.candidates(facts, at, known_at=known_at)
        fitting = next((one.version for one in found if one.fits), None)
        return fitting or next((one.version for one in found if one.version.policy.is_default), None)


def policy_for(facts: Facts, at: datetime | None = None, *, known_at: datetime | None = None) -> PolicyVersion:
    """The most specific policy in use that fits at ``at`` (now): most conditions, then by ``position`` (S2).

    ``known_at``: as it would have been picked then. One query; do not change what comes back, all requests share it.
    """
    return catalogue().pick(facts, at or timezone.now(), known_at=known_at) or default(at)


def candidates(facts: Facts, at: datetime | None = None, *, known_at: datetime | None = None) -> list[Candidate]:
    """Every policy with what it asks for and what of that does not fit, in the order in which they are taken."""
    return catalogue().candidates(facts, at or timezone.now(), known_at=known_at)


def default(at: datetime | None = None) -> PolicyVersion:
    """The policy used where no other fits; made when missing, so that the desk works with no configuration (S1)."""
    held = catalogue().in_force(at or timezone.now())
    found = next((one for one in held if one.policy.is_default), None)
    if found is None:
        policy, _made = Policy.objects.get_or_create(is_default=True, defaults={"name": _("Standard promise")})
        found = policy.versions.order_by("number").first() or PolicyVersion.objects.create(policy=policy, number=1)
    return found


def counting_with(calendars: Collection[int]) -> list[tuple[int, str]]:
    """Which policies in use count with these calendars: (id of the calendar, name), by name."""
    held = [one for one in catalogue().in_force(timezone.now()) if one.is_active]
    return sorted((one.calendar_id or 0, one.policy.name) for one in held if one.calendar_id in calendars)


def promised_in(calendar: int) -> list[tuple[str, int]]:
    """Which policies in use, now or from a later day on, promise times of this calendar: (name, longest in seconds)."""
    now, found = timezone.now(), catalogue()
    planned = [one for one in found.versions if one.valid_from and one.valid_from > now]
    using = [one for one in [*found.in_force(now), *planned] if one.is_active and one.calendar_id == calendar]
    longest = [max((most for said in one.targets.values() for most in said.values()), default=0) for one in using]
    return [(one.policy.name, most) for one, most in zip(using, longest, strict=True)]


def version(version_id: int) -> PolicyVersion:
    """One version by its id; a version never changes, so it is read once."""
    kept = _kept.by_id.get(version_id)
    if kept is None:
        catalogue()
        kept = _kept.by_id[version_id]
    return kept


def _since(version: PolicyVersion) -> tuple[datetime, int]:
    return version.valid_from or EVER, version.number


def _undoes(version: PolicyVersion, before: PolicyVersion) -> bool:
    return version.valid_from is None and (before.valid_from or EVER) <= version.made_at


def asks_of(version: PolicyVersion) -> tuple[str, ...]:
    """The conditions it sets, by name."""
    return tuple(name for name in CONDITIONS if _asked(version, name) not in (None, ""))


def _look_at(version: PolicyVersion, facts: Facts) -> Candidate:
    asks = asks_of(version)
    against = tuple(name for name in asks if _asked(version, name) != _known(facts, name))
    return Candidate(version, asks, against)


def _asked(version: PolicyVersion, name: str) -> object:
    return getattr(version, f"{name}_id" if name in KEYS else name)


def _known(facts: Facts, name: str) -> object:
    return getattr(facts, f"{name}_id" if name in KEYS else name)


def _rank(candidate: Candidate) -> tuple[bool, int, bool, int, int]:
    """Smaller wins; among those that fit without any condition the default one stands last."""
    version = candidate.version
    return not candidate.fits, -len(candidate.asks), version.policy.is_default, version.position, version.policy_id


# --- What never changes is read once in a process -----------------------------


class _Kept(threading.local):
    """The versions as they were when last counted."""

    mark: tuple[int, int, str] = (0, 0, "")
    catalogue = Catalogue(())
    by_id: Mapping[int, PolicyVersion] = MappingProxyType({})


_kept = _Kept()
_MARK = """
    SELECT count(*), coalesce(max(id), 0),
        (SELECT coalesce(md5(string_agg(name, chr(10) ORDER BY id)), '') FROM sla_policy)
    FROM sla_policyversion
"""


def catalogue() -> Catalogue:
    """All versions; read anew when there are others, or other names, than last time: one small query to know."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK)
        mark = cursor.fetchone()
    if mark != _kept.mark:
        versions = tuple(PolicyVersion.objects.select_related("policy").order_by("number", "pk"))
        _kept.catalogue, _kept.by_id = Catalogue(versions), {one.pk: one for one in versions}
        _kept.mark = mark
    return _kept.catalogue
