"""S7: every due time explains itself, step by step, from the same rows that enforce it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common import timeline
from common.durations import spoken
from events.models import Event
from sla.models import PolicyVersion
from staff.models import CalendarVersion
from tickets.clocks.reckoning import RESPONSES, hours_of, pauses_of
from tickets.clocks.terms import length, particulars, promise, versions_between
from tickets.models import Clock, ClockPause, DueChange, Entry, Hold

__all__ = ["StoryStep", "explain", "length"]

Cause = DueChange.Cause
MANY = 3
"""More open stretches than this in a row are told as one."""
PUNCTUAL = 90
"""Seconds within which a thing happened when it should."""
ORDER = (
    "policy",
    "started",
    "open",
    "closed",
    "paused",
    "changed",
    "warned",
    "due",
    "breached",
    "stopped",
    "cancelled",
)
"""What stands first of what happened in the same moment."""


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One line of a clock's story; ``until`` is None for a moment and for a pause that still runs.

    ``kind``: one of ``ORDER``. ``seconds`` is what an ``open`` stretch counted. ``detail``: what else is to be said.
    ``entry``: what was written or said then; its id in the conversation.
    """

    kind: str
    text: str
    at: datetime | None = None
    until: datetime | None = None
    seconds: int = 0
    detail: tuple[str, ...] = ()
    entry: int | None = None


def explain(clock: Clock) -> list[StoryStep]:
    """Which policy, which calendar, which pauses, and how they come to the due time, in the order of time.

    Half a dozen queries, besides those for what ``clock`` was loaded without.
    """
    steps = [_start(clock), *_stretches(clock)]
    steps += [*_changes(clock), *_warnings(clock), *_due(clock), *_end(clock)]
    steps.sort(key=lambda step: (step.at, ORDER.index(step.kind)))
    return [StoryStep("policy", promise(clock), detail=particulars(clock)), *steps]


# --- How it began, and how it ended -----------------------------------------------


def _start(clock: Clock) -> StoryStep:
    entry = clock.started_by
    if clock.is_live:
        words = _("A live contact began: the customer is answered at once")
    elif entry is None:
        words = _("The clock started")
    elif entry.author_person is not None and entry.kind != Entry.Kind.MESSAGE:
        words = _("Started by the contact with %(name)s") % {"name": _author(entry)}
    elif clock.metric in RESPONSES or clock.metric == Clock.Metric.RESOLUTION:
        words = _("Started by the message of %(name)s") % {"name": _author(entry)}
    else:
        words = _("Started by what %(name)s told the customer") % {"name": _author(entry)}
    return StoryStep("started", words, clock.started_at, entry=clock.started_by_id)


def _end(clock: Clock) -> Iterator[StoryStep]:
    if clock.stopped_at:
        took = clock.elapsed_seconds or 0
        detail = (_("%(span)s after it started, pauses left out") % {"span": spoken(took)},)
        yield StoryStep("stopped", _stop(clock), clock.stopped_at, seconds=took, detail=detail,
                        entry=clock.stopped_by_id)  # fmt: skip
    if clock.cancelled_at:
        yield StoryStep("cancelled", _("No longer counted"), clock.cancelled_at)


def _stop(clock: Clock) -> str:
    if clock.stopped_by is not None and clock.metric != Clock.Metric.RESOLUTION:
        return _("Stopped by the answer of %(name)s") % {"name": _author(clock.stopped_by)}
    if clock.agent is not None and clock.metric == Clock.Metric.RESOLUTION:
        return _("Resolved; %(name)s had it") % {"name": clock.agent.name}
    return _("The clock stopped")


def _author(entry: Entry) -> str:
    """Who wrote or spoke, as it stands in the conversation."""
    person = entry.author_person.name if entry.author_person else ""
    return person or entry.author_name or (entry.author.name if entry.author else "") or _("the desk")


# --- When it is due, and what was done about it ------------------------------------


def _due(clock: Clock) -> Iterator[StoryStep]:
    if clock.due_at:
        was_met = clock.stopped_at is not None and clock.stopped_at <= clock.due_at
        yield StoryStep("due", _("It would have been due") if was_met else _("Due"), clock.due_at)
    if clock.breached_at:
        yield StoryStep("breached", _("The promise was broken at this time"), clock.breached_at, detail=_late(clock))


def _late(clock: Clock) -> tuple[str, ...]:
    """How late the breach was written down."""
    if clock.breach_recorded_at is None or clock.breached_at is None:
        return ()
    late = (clock.breach_recorded_at - clock.breached_at).total_seconds()
    return () if late < PUNCTUAL else (_("written down %(span)s later") % {"span": spoken(late)},)


def _warnings(clock: Clock) -> Iterator[StoryStep]:
    """Who was warned, from the history; one query."""
    if not (clock.warned_75_at or clock.warned_90_at):
        return
    told = Event.objects.filter(
        subject_kind="ticket", subject_id=clock.ticket_id, kind="ticket.sla_warned", data__clock=clock.pk
    )
    for at, data in told.order_by("subject_seq").values_list("happened_at", "data"):
        to = WARNED[data.get("whom") == "supervisor", bool(data.get("overtaken"))]
        words = _("%(to)s: %(percent)s %% of the time was gone") % {"to": to, "percent": data.get("percent", "?")}
        yield StoryStep("warned", words, at, detail=_how_late(data))


WARNED = {
    (False, False): gettext_lazy("The owner was warned"),
    (True, False): gettext_lazy("The supervisor was warned"),
    (False, True): gettext_lazy("Time to warn the owner"),
    (True, True): gettext_lazy("Time to warn the supervisor"),
}
"""By whether it is the supervisor, and whether the due time came before anybody could be told."""


def _how_late(data: dict[str, object]) -> tuple[str, ...]:
    if data.get("overtaken"):
        return (_("nobody was told: when it was seen, it was already due"),)
    late = data.get("late_seconds")
    if isinstance(late, int) and late >= PUNCTUAL:
        return (_("told %(span)s later") % {"span": spoken(late)},)
    return ()


def _changes(clock: Clock) -> Iterator[StoryStep]:
    """What moved it, from the rows; which versions came in the place of which, from the history: one query more."""
    changes = list(clock.changes.select_related("policy_before"))
    if not changes:
        return
    after = [*(one.policy_before_id for one in changes[1:]), clock.policy_id]
    told = _applied(clock) if any(one.cause in (Cause.POLICY, Cause.CALENDAR) for one in changes) else {}
    for change, policy_after in zip(changes, after, strict=True):
        yield _change(change, policy_after, told.get(change.changed_at, {}))


def _applied(clock: Clock) -> dict[datetime, dict[str, Any]]:
    """What each asking to apply what holds moved of this clock, by its moment."""
    events = Event.objects.filter(
        subject_kind="ticket", subject_id=clock.ticket_id, kind="ticket.terms_applied",
        data__changes__contains=[{"clock": clock.pk}],
    )  # fmt: skip
    found = events.values_list("happened_at", "data")
    return {at: next(one for one in data["changes"] if one["clock"] == clock.pk) for at, data in found}


def _change(change: DueChange, policy_after: int | None, told: dict[str, Any]) -> StoryStep:
    before, after = _moment(change.due_before), _moment(change.due_after)
    text, detail = change.get_cause_display(), []
    if change.cause == Cause.POLICY and change.policy_before is not None and change.policy_before_id == policy_after:
        text = _("“%(policy)s” was changed, and its newer version counts") % {"policy": change.policy_before.name}
        detail = versions_between(PolicyVersion, told.get("version_from"), told.get("version_to"))
    elif change.cause == Cause.CALENDAR:
        text = _("The calendar was changed, and its newer hours count")
        detail = versions_between(CalendarVersion, told.get("hours_from"), told.get("hours_to"))
    elif change.policy_before is not None:
        text = _("%(cause)s; before: %(policy)s") % {"cause": text, "policy": change.policy_before.name}
    if before != after:
        detail.append(_("due %(before)s before, %(after)s since") % {"before": before, "after": after})
    return StoryStep("changed", text, change.changed_at, detail=tuple(detail))


def _moment(at: datetime | None) -> str:
    return date_format(localtime(at), "D j M, H:i") if at else _("no time")


# --- When it ran and when it stood still -------------------------------------------


def _stretches(clock: Clock) -> list[StoryStep]:
    """Up to the due time, or to where it stopped before."""
    if clock.target_seconds is None:
        return []
    hours, pauses = hours_of(clock), pauses_of(clock)
    until = timeline.due_at(clock.started_at, clock.target_seconds, hours, pauses)
    over = clock.stopped_at or clock.cancelled_at
    if over is not None and (until is None or over < until):
        until = over
    found = timeline.story(clock.started_at, until, hours, pauses)
    causes = _causes(clock, found)
    told: list[StoryStep] = []
    for is_paused, steps in groupby(found, key=lambda step: step.kind == "paused"):
        run = list(steps)
        told += [_pause(step, causes) for step in run] if is_paused else _ran(run, clock)
    return told


def _ran(run: Sequence[timeline.Step], clock: Clock) -> list[StoryStep]:
    """Open and closed stretches between two pauses: many open ones in the middle are told as one."""
    opened = [step for step in run if step.kind == "open"]
    if len(opened) <= MANY:
        return [_stretch(step, clock) for step in run]
    first, *middle, last = opened
    closed = tuple(day for step in run for day in step.holidays)
    together = StoryStep(
        "open", _together(middle), middle[0].start, middle[-1].end, sum(step.seconds for step in middle),
        detail=_holidays(clock, closed),
    )  # fmt: skip
    before = [_stretch(step, clock) for step in run[: run.index(first) + 1]]
    return [*before, together, *(_stretch(step, clock) for step in run[run.index(last) :])]


def _together(steps: Sequence[timeline.Step]) -> str:
    """``Counted on 5 working days, 08:00–18:00``, in the reader's zone; without the hours where they differ."""
    walls = [(localtime(step.start), localtime(step.end)) for step in steps if step.end]
    days = len({start.date() for start, _end in walls})
    said = ngettext("Counted on %(n)d working day", "Counted on %(n)d working days", days) % {"n": days}
    spans = list(dict.fromkeys((start.time(), end.time()) for start, end in walls))
    if len(spans) * days != len(walls):
        return said
    return f"{said}, " + ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in spans)


def _stretch(step: timeline.Step, clock: Clock) -> StoryStep:
    words = _("Counted") if step.kind == "open" else _("Closed: not counted")
    return StoryStep(step.kind, words, step.start, step.end, step.seconds, detail=_holidays(clock, step.holidays))


def _holidays(clock: Clock, days: Sequence[date]) -> tuple[str, ...]:
    """The holidays of a closed stretch by their names."""
    names = clock.hours.holidays if clock.hours else {}
    return tuple(
        f"{date_format(day, 'j M')}: {name}" if (name := names.get(day.isoformat())) else date_format(day, "j M")
        for day in days
    )


Causes = dict[datetime, tuple[ClockPause, int]]


def _causes(clock: Clock, steps: Sequence[timeline.Step]) -> Causes:
    """The pauses by their start, each with the number of its hold on the ticket; at most two queries."""
    if not any(step.kind == "paused" for step in steps):
        return {}
    pauses = list(clock.pauses.select_related("hold__reason", "hold__consent_person"))
    holds = list(Hold.objects.filter(ticket=clock.ticket_id).order_by("placed_at", "pk").values_list("pk", flat=True))
    number = {pk: place for place, pk in enumerate(holds, start=1)}
    return {pause.started_at: (pause, number.get(pause.hold_id or 0, 0)) for pause in pauses}


def _pause(step: timeline.Step, causes: Causes) -> StoryStep:
    pause, number = causes.get(step.start, (None, 0))
    if pause is None:
        return StoryStep("paused", _("The clock stood still"), step.start, step.end)
    if pause.hold is None:
        return StoryStep("paused", pause.get_cause_display(), step.start, step.end)
    hold = pause.hold
    text = _("Paused by hold no. %(number)d: %(reason)s") % {"number": number, "reason": hold.reason}
    detail = [_consent(hold)] if hold.consent_person or hold.consent_at else []
    if hold.outcome:
        detail.append(_("it ended: %(outcome)s") % {"outcome": hold.get_outcome_display()})
    return StoryStep("paused", text, step.start, step.end, detail=tuple(detail),
                     entry=hold.consent_entry_id or hold.announcement_id)  # fmt: skip


def _consent(hold: Hold) -> str:
    name = hold.consent_person.name if hold.consent_person else _("the customer")
    return _("with the consent of %(name)s, %(when)s") % {"name": name, "when": _moment(hold.consent_at)}
