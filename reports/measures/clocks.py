"""What counts as met, missed and running, and how long it took: from the clocks' rows alone (S6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, Count, F, FloatField, Q, QuerySet

from reports.measures.proportions import Interval, share, wilson
from sla.models import Metric
from tickets.models import Clock

METRICS = tuple(Metric.values)
USUAL = (str(Metric.FIRST_RESPONSE), str(Metric.NEXT_RESPONSE), str(Metric.RESOLUTION))
"""What every desk promises; the others are told of where a policy promises them."""
HAS_TARGET = Q(target_seconds__isnull=False)
STOPPED = Q(stopped_at__isnull=False)


class Percentiles(Aggregate):
    """The median and the 90th percentile, both or None; ``filter=`` works."""

    template = "percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(FloatField())


def late(at: datetime) -> Q:
    """Breached once, which stays (S5); stopped after its due time; or running, not paused, past it at ``at``."""
    stopped_late = STOPPED & Q(stopped_at__gt=F("due_at"))
    runs_late = Q(stopped_at=None, paused_at=None, due_at__lt=at)
    return HAS_TARGET & (Q(breached_at__isnull=False) | stopped_late | runs_late)


def overdue(at: datetime) -> Q:
    """Still running at ``at`` although its due time has passed; a pause lifts the due time."""
    return Q(stopped_at=None, cancelled_at=None, paused_at=None, due_at__lt=at)


def in_time(at: datetime) -> Q:
    """Stopped, and never late."""
    return HAS_TARGET & STOPPED & ~late(at)


def waiting(at: datetime) -> Q:
    """Running, and not late yet: neither met nor missed."""
    return HAS_TARGET & Q(stopped_at=None) & ~late(at)


@dataclass(frozen=True, slots=True)
class Times:
    """Clocks of one metric: how many were met, missed or run on, and how long those that stopped took, in seconds."""

    met: int = 0
    missed: int = 0
    running: int = 0
    median_seconds: float | None = None
    p90_seconds: float | None = None

    @property
    def counted(self) -> int:
        """Those that attainment speaks of."""
        return self.met + self.missed

    @property
    def attainment(self) -> float | None:
        """The part of met and missed that was met; None for no data."""
        return share(self.met, self.missed)

    @property
    def interval(self) -> Interval | None:
        return wilson(self.met, self.counted)


@dataclass(frozen=True, slots=True)
class Wait(Times):
    """All of them, and apart those of live contacts (met at once) and those in writing."""

    live: Times = field(default_factory=Times)
    written: Times = field(default_factory=Times)


def aggregates(at: datetime) -> dict[str, Any]:
    """What is asked of the database for one ``Wait``."""
    asked: dict[str, Any] = {}
    for prefix, which in (("", Q()), ("live_", Q(is_live=True)), ("written_", Q(is_live=False))):
        asked[f"{prefix}met"] = Count("pk", filter=in_time(at) & which)
        asked[f"{prefix}missed"] = Count("pk", filter=late(at) & which)
        asked[f"{prefix}running"] = Count("pk", filter=waiting(at) & which)
        asked[f"{prefix}seconds"] = Percentiles("elapsed_seconds", filter=STOPPED & which)
    return asked


def wait_of(found: dict[str, Any]) -> Wait:
    """A row of ``aggregates`` as a ``Wait``."""
    return Wait(**_times(found, ""), live=Times(**_times(found, "live_")), written=Times(**_times(found, "written_")))


def waits(clocks: QuerySet[Clock], at: datetime) -> dict[str, Wait]:
    """One ``Wait`` per metric over these clocks: one query."""
    rows: Iterable[Any] = clocks.order_by().values("metric").annotate(**aggregates(at))
    return {row["metric"]: wait_of(row) for row in rows}


def waits_by(clocks: QuerySet[Clock], group: Any, at: datetime) -> dict[Any, dict[str, Wait]]:
    """The same per value of ``group``, an expression over clocks: one query."""
    rows: Iterable[Any] = (
        clocks.order_by().annotate(of_group=group).values("of_group", "metric").annotate(**aggregates(at))
    )
    found: dict[Any, dict[str, Wait]] = {}
    for row in rows:
        found.setdefault(row["of_group"], {})[row["metric"]] = wait_of(row)
    return found


def _times(found: dict[str, Any], prefix: str) -> dict[str, Any]:
    median, p90 = found[f"{prefix}seconds"] or (None, None)
    counts = {name: found[prefix + name] for name in ("met", "missed", "running")}
    return {**counts, "median_seconds": median, "p90_seconds": p90}
