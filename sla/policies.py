"""Which promise about time holds for a ticket."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from django.utils import timezone
from django.utils.translation import gettext as _

from common.prepared import scalars
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
    _orders: dict[int, _Order] = field(default_factory=dict, init=False, repr=False, compare=False)

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
        """The first of the ``candidates`` if it fits, else the default one; None when there is none."""
        order = self._order(at, known_at)
        fitting = (one for one, asks in order.ranked if all(_known(facts, name) == value for name, value in asks))
        return next(fitting, order.default)

    def _order(self, at: datetime, known_at: datetime | None) -> _Order:
        """What is tried at ``at``; kept until another version comes into force, as every new ticket asks."""
        if known_at is not None:
            return _ordered(self.in_force(at, known_at=known_at))
        begun = sum((one.valid_from or EVER) <= at for one in self.versions)
        if begun not in self._orders:
            self._orders[begun] = _ordered(self.in_force(at))
        return self._orders[begun]


@dataclass(frozen=True, slots=True)
class _Order:
    """Policies in use, with what each asks for, in the order in which they are tried; and the default one."""

    ranked: tuple[tuple[PolicyVersion, tuple[tuple[str, object], ...]], ...]
    default: PolicyVersion | None


def _ordered(held: Iterable[PolicyVersion]) -> _Order:
    found = [(one, tuple((name, asked(one, name)) for name in asks_of(one))) for one in held]
    ranked = sorted((one for one in found if one[0].is_active), key=lambda one: place(one[0], len(one[1])))
    return _Order(tuple(ranked), next((one for one, _asks in found if one.policy.is_default), None))


def policy_for(facts: Facts, at: datetime | None = None, *, known_at: datetime | None = None) -> PolicyVersion:
    """The most specific policy in use that fits at ``at`` (now): most conditions, then by ``position`` (S2).

    ``known_at``: as it would have been picked then. One query; do not change what comes back, all requests share it.
    Who asks for more than the policy asks ``sla.rulebook``, which is one query, too.
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
    return tuple(name for name in CONDITIONS if asked(version, name) not in (None, ""))


def _look_at(version: PolicyVersion, facts: Facts) -> Candidate:
    asks = asks_of(version)
    against = tuple(name for name in asks if asked(version, name) != _known(facts, name))
    return Candidate(version, asks, against)


def asked(version: PolicyVersion, name: str) -> object:
    """What it asks for by this condition: an id or a code; None or empty is anything."""
    return getattr(version, f"{name}_id" if name in KEYS else name)


def _known(facts: Facts, name: str) -> object:
    return getattr(facts, f"{name}_id" if name in KEYS else name)


def _rank(candidate: Candidate) -> tuple[bool, int, bool, int, int]:
    """Smaller wins."""
    return not candidate.fits, *place(candidate.version, len(candidate.asks))


def place(version: PolicyVersion, asks: int) -> tuple[int, bool, int, int]:
    """Of two that fit the smaller wins; among those without any condition the default one stands last."""
    return -asks, version.policy.is_default, version.position, version.policy_id


# --- What never changes is read once in a process -----------------------------


class _Kept(threading.local):
    """The versions as they were when last counted."""

    mark = ""
    catalogue = Catalogue(())
    by_id: Mapping[int, PolicyVersion] = MappingProxyType({})


_kept = _Kept()
MARK = """
    SELECT concat_ws(' ', (SELECT count(*) FROM sla_policyversion),
        (SELECT id || ' ' || made_at FROM sla_policyversion ORDER BY id DESC LIMIT 1),
        (SELECT md5(string_agg(name, chr(10) ORDER BY id)) FROM sla_policy))
"""
"""Another answer: there are other versions, or other names."""


def catalogue(mark: str | None = None) -> Catalogue:
    """All versions; read anew when ``MARK`` gives another answer than last time.

    ``mark``: that answer, where it was asked with other things just now; else it is one small query.
    """
    if mark is None:
        [mark] = scalars("policies", MARK)
    if mark != _kept.mark:
        versions = tuple(PolicyVersion.objects.select_related("policy").order_by("number", "pk"))
        _kept.catalogue, _kept.by_id = Catalogue(versions), {one.pk: one for one in versions}
        _kept.mark = mark
    return _kept.catalogue
