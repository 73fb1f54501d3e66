"""What would be promised to a ticket that does not exist: the same functions as for one that does (S6, S7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from common import timeline
from common.business_hours import NeverOpen
from common.clock import zone_named
from customers.models import CustomerType, Person
from sla import policies
from sla.models import Metric, PolicyVersion
from sla.policies import Candidate, Facts
from sla.rulebook import rulebook
from staff.models import CalendarVersion
from tickets.clocks.reckoning import Points, hours_of, percents_of, points, promised
from tickets.models import Channel, Clock, ClockPause, Priority, TicketType


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One clock as it would run; ``why_not`` says what keeps it from ever being due."""

    clock: Clock
    at: Points
    percents: tuple[int, int]
    steps: Sequence[timeline.Step]
    is_paused: bool
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Foresight:
    """Which policy would be picked, all that were looked at in their order, and the clocks it promises.

    ``held_now``: what would be picked at this moment; ``is_in_use``: is the picked policy in use at this moment?
    """

    version: PolicyVersion
    candidates: Sequence[Candidate]
    clocks: Sequence[Foreseen]
    hours: CalendarVersion | None
    held_now: PolicyVersion
    is_in_use: bool


def foresee(
    facts: Facts, at: datetime, *, pause: timeline.Pause | None = None, cause: str = ClockPause.Cause.PENDING
) -> Foresight:
    """A ticket with these ``facts`` whose clocks start at ``at``.

    ``pause``: a stretch in which it is pending, or on hold with the customer's consent and for a reason of theirs
    (``cause``); resolution alone pauses, where the policy lets it (H6).
    """
    rules = rulebook()
    version = rules.policy_for(facts, at)
    counted = rules.hours_for(version, at)
    may_pause = version.pauses_on_hold if cause == ClockPause.Cause.HOLD else version.pauses_on_pending
    clocks = []
    for metric in Metric:
        clock = promised(metric, version, counted, facts.priority, at=at)
        if clock.target_seconds is not None:
            stands = pause is not None and may_pause and metric == Metric.RESOLUTION
            clocks.append(_foreseen(clock, rules.percents, [pause] if pause and stands else []))
    hours = CalendarVersion.objects.select_related("calendar").get(pk=counted) if counted else None
    now = timezone.now()
    in_use = any(one.policy_id == version.policy_id and one.is_active for one in rules.catalogue.in_force(now))
    return Foresight(
        version, rules.catalogue.candidates(facts, at), clocks, hours, rules.policy_for(facts, now), in_use
    )


def answer_promised(person: Person | None, at: datetime) -> tuple[int | None, bool]:
    """Within how many seconds who writes by the web form is answered, and whether these are of working time.

    None is promised no time. Somebody not yet known is an external customer, as their ticket will be; the type they
    state may still lead to another promise, which the page after sending tells.
    """
    facts = Facts(
        customer_type=person.kind if person else CustomerType.EXTERNAL, channel=Channel.WEB,
        ticket_type=TicketType.QUESTION, priority=Priority.NORMAL,
        organisation_id=person.organisation_id if person else None,
        department_id=person.department_id if person else None, plan_id=person.entitled_plan_id if person else None,
    )  # fmt: skip
    version = policies.policy_for(facts, at)
    return version.target_for(Metric.FIRST_RESPONSE, Priority.NORMAL), version.calendar_id is not None


def _foreseen(clock: Clock, usual: tuple[int, int], pauses: list[timeline.Pause]) -> Foreseen:
    percents = percents_of(clock, usual)
    try:
        at = points(clock, usual, pauses)
        steps = timeline.explain(clock.started_at, clock.target_seconds or 0, hours_of(clock), pauses)
    except NeverOpen as error:
        return Foreseen(clock, Points(None, None, None), percents, (), bool(pauses), str(error))
    return Foreseen(clock, at, percents, steps, bool(pauses))


def closed_because(step: timeline.Step, version: CalendarVersion | None) -> tuple[list[str], list[int]]:
    """Why a closed stretch is closed: the holidays in it by name, and its weekdays that never open (0 is Monday)."""
    if version is None or step.end is None:
        return [], []
    zone = zone_named(version.time_zone)
    first, last = step.start.astimezone(zone).date(), (step.end - timedelta(microseconds=1)).astimezone(zone).date()
    names = [version.holidays.get(day.isoformat()) or day.isoformat() for day in step.holidays if day <= last]
    days = [first + timedelta(days=n) for n in range(min((last - first).days + 1, 14))]
    never = {day.weekday() for day in days if not version.hours.get(str(day.weekday()))}
    return names, sorted(never)
