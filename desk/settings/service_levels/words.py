"""What a policy says, in words: for the list, the history and the simulator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.measures import DAY, HOUR, written_span
from customers.models import CustomerType
from sla.models import Metric, PolicyVersion
from sla.policies import asks_of
from staff.models import Calendar
from tickets.models import Channel, Priority, TicketType

NAMES: dict[str, Any] = {
    "customer_type": gettext_lazy("Customers"),
    "plan": gettext_lazy("Support plan"),
    "organisation": gettext_lazy("Organisation"),
    "department": gettext_lazy("Department"),
    "team": gettext_lazy("Team"),
    "channel": gettext_lazy("Channel"),
    "ticket_type": gettext_lazy("Type"),
    "priority": gettext_lazy("Priority"),
}
"""The conditions, as people read them: who it is first, then what it is about."""
CODES: dict[str, Any] = {
    "customer_type": CustomerType,
    "channel": Channel,
    "ticket_type": TicketType,
    "priority": Priority,
}
SENTENCES: dict[str, str | Lazy] = {
    "plan": gettext_lazy("%(name)s customers"),
    "team": gettext_lazy("team %(name)s"),
    "department": gettext_lazy("department %(name)s"),
    "priority": gettext_lazy("priority %(name)s"),
    "channel": gettext_lazy("by %(name)s"),
}
PAUSES: dict[str, Any] = {
    "pauses_on_pending": gettext_lazy("Resolution pauses while the customer has the turn"),
    "pauses_on_hold": gettext_lazy("Resolution pauses on a hold that the customer asked for"),
}
WARNINGS: dict[str, Any] = {
    "warn_owner_percent": gettext_lazy("Warns the owner at"),
    "warn_supervisor_percent": gettext_lazy("Warns the supervisor at"),
}


def value_of(name: str, value: Any) -> str:
    """What a condition asks for: the label of a code, the name of a row."""
    if value in (None, ""):
        return _("any")
    labels = {str(code): str(label) for code, label in CODES[name].choices} if name in CODES else {}
    return labels.get(str(value), str(value))


def who(version: PolicyVersion) -> str:
    """``Gold customers, external, by e-mail``; everybody without a condition."""
    asks = asks_of(version)
    parts = []
    for name in ("plan", *(one for one in NAMES if one != "plan")):
        if name in asks:
            said = value_of(name, getattr(version, name))
            said = said if name not in CODES or said.isupper() else said[:1].lower() + said[1:]
            wraps = SENTENCES.get(name)
            parts.append(str(wraps) % {"name": said} if wraps else said)
    if not parts:
        return _("Everybody else") if version.policy.is_default else _("Everybody")
    told = ", ".join(parts)
    return told[:1].upper() + told[1:]


def span(seconds: int, *, is_working: bool) -> str:
    """``4 h``; from a day on ``72 h of working time``, where a calendar counts: its days are shorter than a day."""
    if not is_working or seconds < DAY:
        return written_span(seconds)
    hours, rest = divmod(seconds, HOUR)
    told = " ".join([_("%(n)d h") % {"n": hours}, *([written_span(rest)] if rest else [])])
    return _("%(hours)s of working time") % {"hours": told}


def target(by_priority: dict[str, int], *, is_working: bool) -> str:
    """``4 h (Urgent 1 h, High 2 h)``; ``is_working``: a calendar counts them."""
    others = [
        _("%(priority)s %(span)s")
        % {"priority": value_of("priority", code), "span": span(seconds, is_working=is_working)}
        for code, seconds in sorted(by_priority.items(), reverse=True)
        if code
    ]
    usual = span(by_priority[""], is_working=is_working) if "" in by_priority else _("no time")
    return _("%(usual)s (%(others)s)") % {"usual": usual, "others": ", ".join(others)} if others else usual


def targets(version: PolicyVersion) -> list[tuple[str, str]]:
    """Each metric that has a target, with it in words."""
    is_working = version.calendar_id is not None
    return [
        (str(metric.label), target(version.targets[metric], is_working=is_working))
        for metric in Metric
        if version.targets.get(str(metric))
    ]


def hours(calendar: Calendar | None) -> str:
    """The calendar's name; nothing named counts every hour."""
    return str(calendar) if calendar else _("around the clock")


def sentence(version: PolicyVersion) -> str:
    """The whole policy: who it is for, what is promised, by which hours."""
    promised = ", ".join(f"{metric[:1].lower()}{metric[1:]} {span}" for metric, span in targets(version))
    said = {"who": who(version), "promised": promised or _("no time promised"), "hours": hours(version.calendar)}
    return _("%(who)s → %(promised)s, %(hours)s") % said


def differences(before: PolicyVersion, after: PolicyVersion) -> list[str]:
    """What ``after`` says otherwise, a line for each."""
    return [
        _("%(what)s: %(before)s → %(after)s") % {"what": what, "before": old, "after": new}
        for what, old, new in _compared(before, after)
        if old != new
    ]


def _compared(before: PolicyVersion, after: PolicyVersion) -> Iterable[tuple[str, str, str]]:
    yield _("In use"), _yes(before.is_active), _yes(after.is_active)
    for name, label in NAMES.items():
        yield str(label), value_of(name, getattr(before, name)), value_of(name, getattr(after, name))
    for metric in Metric:
        old, new = (target(one.targets.get(str(metric), {}), is_working=one.calendar_id is not None)
                    for one in (before, after))  # fmt: skip
        yield str(metric.label), old, new
    yield _("Calendar"), hours(before.calendar), hours(after.calendar)
    for name, label in WARNINGS.items():
        yield str(label), _percent(getattr(before, name)), _percent(getattr(after, name))
    for name, label in PAUSES.items():
        yield str(label), _yes(getattr(before, name)), _yes(getattr(after, name))
    yield _("Place among equals"), str(before.position), str(after.position)


def _yes(value: bool) -> str:
    return _("yes") if value else _("no")


def _percent(value: int | None) -> str:
    return f"{value} %" if value else _("the desk's")
