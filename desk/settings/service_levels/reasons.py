"""Why this policy and not another, and how each due time comes about, in words."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.clock import in_zone
from common.durations import spoken
from common.timeline import Step
from desk.settings.service_levels import listing, words
from sla.models import PolicyVersion
from sla.policies import Candidate
from staff.models import CalendarVersion
from tickets.clocks.foreseeing import Foreseen, Foresight, closed_because
from tickets.models import Clock, Ticket

SHOWN = 24
"""Stretches of a story from its beginning; of a longer one the last stands after a gap."""


@dataclass(frozen=True)
class Other:
    """A policy that was not picked, and why."""

    version: PolicyVersion
    name: str
    says: str
    why: str


@dataclass(frozen=True)
class Line:
    """One stretch of a clock's story."""

    at: str
    kind: str
    text: str


@dataclass(frozen=True)
class Told:
    """A clock with its moments in words."""

    metric: str
    target: str
    due: str
    moment: datetime | None
    warnings: list[tuple[str, str]]
    lines: list[Line]
    left_out: int
    why_not: str


def picked(found: Foresight) -> dict[str, Any]:
    """The policy that holds, and what made it the one."""
    version = listing.with_names(PolicyVersion.objects.filter(pk=found.version.pk)).first() or copy(found.version)
    asks = next((one.asks for one in found.candidates if one.version.pk == version.pk), ())
    why = _("No other policy fits, so the one for everybody holds.")
    if asks:
        why = _("Everything it asks for fits: %(conditions)s.") % {"conditions": words.who(version)}
    elif not version.policy.is_default:
        why = _("It asks for nothing, so it fits every ticket.")
    return {"version": version, "says": words.sentence(version), "why": why}


def since_then(found: Foresight, at: datetime, zone: str) -> list[str]:
    """As of when it is reckoned, and what holds at this moment where that is another version; empty where it is not."""
    if found.held_now.pk == found.version.pk:
        return []
    said = [_("Reckoned as of %(at)s.") % {"at": _when(at, zone)}]
    name, now = found.version.policy, found.held_now.policy
    if not found.is_in_use:
        said.append(_("“%(name)s” is not in use by now.") % {"name": name})
    if now.pk == name.pk:
        said.append(_("By now another version of it holds; choose a time of today to see it."))
    else:
        said.append(_("By now “%(name)s” holds for such a ticket.") % {"name": now})
    return said


def holds(found: Foresight, at: datetime) -> str:
    """``Holds``, where that policy holds at this moment, too; else when it does."""
    if found.held_now.policy_id == found.version.policy_id:
        return _("Holds")
    return _("Held then") if at < timezone.now() else _("Will hold")


def followed(ticket: Ticket, zone: str) -> list[str]:
    """What the clocks of a ticket really run under: one query."""
    rows = Clock.objects.filter(ticket=ticket, cancelled_at=None).select_related("policy").order_by("started_at", "pk")
    return [
        _("%(metric)s: %(policy)s, %(due)s")
        % {
            "metric": one.get_metric_display(),
            "policy": _("“%(name)s”") % {"name": one.policy} if one.policy else _("no policy"),
            "due": _("due %(at)s") % {"at": _when(one.due_at, zone)} if one.due_at else _("no due time"),
        }
        for one in rows
    ]


def others(found: Foresight, given: dict[str, Any], *, hidden: Collection[int] = ()) -> list[Other]:
    """Every other policy in the order in which they are tried, each with why not; none of ``hidden`` teams (T13)."""
    among = [one.version.pk for one in found.candidates if one.version.team_id not in hidden]
    names = listing.with_names(PolicyVersion.objects.filter(pk__in=among).exclude(pk=found.version.pk)).in_bulk()
    rest = [one for one in found.candidates if one.version.pk in names]  # one may be gone by now
    asks = next((one.asks for one in found.candidates if one.version.pk == found.version.pk), ())
    return [
        Other(names[one.version.pk], str(names[one.version.pk].policy), words.sentence(names[one.version.pk]),
              _why_not(one, names[one.version.pk], len(asks), given))
        for one in rest
    ]  # fmt: skip


def _why_not(one: Candidate, version: PolicyVersion, asked: int, given: dict[str, Any]) -> str:
    if not version.is_active:
        return _("It is not in use at that time.")
    if one.against:
        parts = [
            _("%(condition)s: it asks for %(asked)s, the ticket has %(given)s")
            % {"condition": words.NAMES[name], "asked": words.value_of(name, getattr(version, name)),
               "given": words.value_of(name, given[name]) if given[name] else _("none")}
            for name in one.against
        ]  # fmt: skip
        return "; ".join(parts)
    if version.policy.is_default:
        return _("It fits every ticket, and holds only where no other fits.")
    if len(one.asks) < asked:
        return _("It fits, too, but asks for less (%(its)d against %(asked)d).") % {
            "its": len(one.asks),
            "asked": asked,
        }
    return _("It fits, too, and asks for as much, but stands later in the order.")


def clocks(found: Foresight, zone: str) -> list[Told]:
    """Each clock that would start, with its warnings, its due time and its story."""
    return [_told(one, found.hours, zone) for one in found.clocks]


def _told(one: Foreseen, hours: CalendarVersion | None, zone: str) -> Told:
    moments = zip(one.percents, (one.at.owner, one.at.supervisor), strict=True)
    due = _when(one.at.due, zone) if one.at.due else _("not while it waits")
    lines = [_line(step, hours, zone) for step in one.steps[:SHOWN]]
    left_out = max(len(one.steps) - SHOWN - 1, 0)
    if len(one.steps) > SHOWN:
        lines.append(_line(one.steps[-1], hours, zone))
    return Told(
        metric=one.clock.get_metric_display(),
        target=words.span(one.clock.target_seconds or 0, is_working=one.clock.hours_id is not None),
        due="" if one.why_not else due, moment=one.at.due,
        warnings=[(f"{percent} %", _when(at, zone)) for percent, at in moments if at],
        lines=lines, left_out=left_out, why_not=one.why_not,
    )  # fmt: skip


def _line(step: Step, hours: CalendarVersion | None, zone: str) -> Line:
    start = _when(step.start, zone)
    span = f"{start} – {_until(step, zone)}" if step.end else _("from %(start)s on") % {"start": start}
    if step.kind == "open":
        return Line(span, step.kind, _("%(span)s counted") % {"span": spoken(step.seconds, exact=True)})
    if step.kind == "paused":
        return Line(span, step.kind, _("paused"))
    names, never = closed_because(step, hours)
    days = [str(WEEKDAYS[day]) for day in never]
    weekend = _("weekend") if never == [5, 6] else ", ".join(days)
    told = [*names, *([weekend] if days else [])]
    return Line(span, step.kind, _("closed: %(why)s") % {"why": ", ".join(told)} if told else _("closed"))


def pause(found: Foresight, kind: str) -> str:
    """What waiting does to the clocks, and by which rule."""
    if kind == "ours":
        return _("A hold for a reason of ours pauses nothing: our reasons cost our time.")
    if any(one.is_paused for one in found.clocks):
        return _("Only resolution pauses; whoever writes is answered in time all the same.")
    if any(one.clock.metric == "resolution" for one in found.clocks):
        return _("This policy lets resolution run on meanwhile, and nothing else ever pauses.")
    return _("Nothing pauses: this policy promises no time for the resolution.")


def _when(at: datetime, zone: str) -> str:
    return date_format(in_zone(at, zone), "D j M Y, H:i")


def _until(step: Step, zone: str) -> str:
    assert step.end is not None
    start, end = in_zone(step.start, zone), in_zone(step.end, zone)
    return date_format(end, "H:i" if start.date() == end.date() else "D j M, H:i")
