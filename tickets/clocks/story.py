"""S7: every due time explains itself, step by step, from the same rows that enforce it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import timeline
from tickets.clocks.reckoning import hours_of, pauses_of
from tickets.models import Clock, ClockPause, DueChange


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One line of a clock's story; ``until`` is None for a moment and for a pause that still runs.

    ``kind``: ``policy``, ``started``, ``open``, ``closed``, ``paused``, ``changed``, ``due``, ``breached``, ``stopped``
    or ``cancelled``. ``seconds`` is what an ``open`` stretch counted.
    """

    kind: str
    text: str
    at: datetime | None = None
    until: datetime | None = None
    seconds: int = 0


def explain(clock: Clock) -> list[StoryStep]:
    """Which policy, which calendar, which pauses, and how they come to the due time. A handful of queries."""
    steps = [StoryStep("policy", _promise(clock)), StoryStep("started", _("The clock started"), clock.started_at)]
    steps += _stretches(clock)
    steps += [StoryStep("changed", _change(change), change.changed_at) for change in clock.changes.all()]
    if clock.due_at:
        steps.append(StoryStep("due", _("Due"), clock.due_at))
    if clock.breached_at:
        steps.append(StoryStep("breached", _("The promise was broken at this time"), clock.breached_at))
    if clock.stopped_at:
        steps.append(StoryStep("stopped", _("The clock stopped"), clock.stopped_at, seconds=clock.elapsed_seconds or 0))
    if clock.cancelled_at:
        steps.append(StoryStep("cancelled", _("No longer counted"), clock.cancelled_at))
    return steps


def _promise(clock: Clock) -> str:
    name = clock.policy.name if clock.policy else _("No policy")
    hours = clock.hours.calendar.name if clock.hours else _("around the clock")
    if clock.target_seconds is None:
        return _("%(policy)s: no target") % {"policy": name}
    return _("%(policy)s: %(metric)s within %(target)s, %(hours)s") % {
        "policy": name,
        "metric": clock.get_metric_display(),
        "target": length(clock.target_seconds),
        "hours": hours,
    }


def _stretches(clock: Clock) -> list[StoryStep]:
    if clock.target_seconds is None:
        return []
    causes = {pause.started_at: pause for pause in clock.pauses.all()}
    found = timeline.explain(clock.started_at, clock.target_seconds, hours_of(clock), pauses_of(clock))
    return [StoryStep(step.kind, _told(step.kind, causes.get(step.start)), step.start, step.end, step.seconds)
            for step in found]  # fmt: skip


def _told(kind: str, pause: ClockPause | None) -> str:
    if kind == "paused":
        return pause.get_cause_display() if pause else _("The clock stood still")
    return _("Counted") if kind == "open" else _("Closed: not counted")


def _change(change: DueChange) -> str:
    if change.policy_before is None:
        return change.get_cause_display()
    return _("%(cause)s; before: %(policy)s") % {
        "cause": change.get_cause_display(),
        "policy": change.policy_before.name,
    }


def length(seconds: int) -> str:
    """Seconds as people say them: "24 hours", "5 hours 30 minutes"."""
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    parts = []
    if hours:
        parts.append(ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours})
    if minutes or not hours:
        parts.append(ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes})
    return " ".join(parts)
