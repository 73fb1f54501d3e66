"""All that a promise about time depends on: each process keeps it, and one small query tells that it still holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from common.prepared import scalars
from events import values
from sla import policies
from sla.models import PolicyVersion
from sla.policies import Catalogue, Facts
from sla.values import SLA_WARN_OWNER_PERCENT, SLA_WARN_SUPERVISOR_PERCENT
from staff import hours


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Policies, calendars and warning points as they stood when it was asked for; asking it costs no query.

    ``percents``: at which part of its time a clock warns its owner and the supervisor, where its policy does not say.
    """

    catalogue: Catalogue
    calendars: Mapping[int, Sequence[hours.Known]]
    percents: tuple[int, int]

    def policy_for(self, facts: Facts, at: datetime, *, known_at: datetime | None = None) -> PolicyVersion:
        """As ``sla.policies.policy_for``."""
        return self.catalogue.pick(facts, at, known_at=known_at) or policies.default(at)

    def hours_for(self, version: PolicyVersion, at: datetime, *, known_at: datetime | None = None) -> int | None:
        """The version of the policy's calendar that a clock counts with from ``at`` on; None without a calendar."""
        calendar = version.calendar_id
        if calendar is None:
            return None
        return hours.version_among(self.calendars.get(calendar) or hours.versions_of(calendar), at, known_at=known_at)


def rulebook() -> Rulebook:
    """As it stands now: one query, and those that read what somebody has changed since."""
    policies_mark, hours_mark, owner, supervisor = scalars("rulebook", *_asked())
    percents = values.read(SLA_WARN_OWNER_PERCENT, owner), values.read(SLA_WARN_SUPERVISOR_PERCENT, supervisor)
    return Rulebook(policies.catalogue(policies_mark), hours.versions_when(hours_mark), percents)


@cache
def _asked() -> tuple[str, ...]:
    percents = values.stored(SLA_WARN_OWNER_PERCENT), values.stored(SLA_WARN_SUPERVISOR_PERCENT)
    return policies.MARK, hours.MARK, *percents
