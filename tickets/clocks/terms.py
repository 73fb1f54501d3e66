"""What a clock runs under, in words: which policy and why that one, which calendar, what its target is."""

from __future__ import annotations

from datetime import time

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.models import CustomerType
from sla.models import PolicyVersion
from sla.policies import asks_of
from staff.models import CalendarVersion
from staff.words import hours_in_words
from tickets.models import Channel, Clock, Priority, TicketType


def promise(clock: Clock) -> str:
    """``Standard promise: First response within 24 hours, around the clock``."""
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


def particulars(clock: Clock) -> tuple[str, ...]:
    """Why this policy, in which version, by which calendar, and why the target is longer than the policy's."""
    said = []
    if clock.policy_version:
        said += [_why(clock.policy_version), _version(clock.policy_version.policy.name, clock.policy_version)]
    if clock.hours:
        said.append(_version(clock.hours.calendar.name, clock.hours))
        said.append(f"{_week(clock.hours)}, {clock.hours.time_zone}")
    promised, target = clock.promised_seconds, clock.target_seconds
    if promised is not None and target is not None and target > promised:
        words = _(
            "The policy says %(promised)s; it was changed while the clock ran, and a quarter was left from then on"
        )
        said.append(words % {"promised": length(promised)})
    return tuple(said)


def _why(version: PolicyVersion) -> str:
    asked = asks_of(version)
    if not asked:
        return _("Picked because no policy fits that asks for more")
    return _("Picked because it asks for most of what fits: %(asked)s") % {
        "asked": ", ".join(_condition(version, name) for name in asked)
    }


def _condition(version: PolicyVersion, name: str) -> str:
    """One condition as people say it: the name of a team, the label of a code."""
    value = getattr(version, name)
    labels = {"customer_type": CustomerType, "channel": Channel, "ticket_type": TicketType, "priority": Priority}
    if name not in labels:
        return str(value)
    label = str(labels[name](value).label).lower()
    return {
        "customer_type": _("%(label)s customers"),
        "channel": _("by %(label)s"),
        "ticket_type": "%(label)s",
        "priority": _("priority %(label)s"),
    }[name] % {"label": label}


def _week(version: CalendarVersion) -> str:
    """``Mon–Fri 8–17``."""
    spans = {
        int(day): [(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in given]
        for day, given in version.hours.items()
        if given
    }
    return hours_in_words(spans)


def _version(name: str, version: PolicyVersion | CalendarVersion) -> str:
    if version.valid_from is None:
        return _("%(name)s, version %(number)d") % {"name": name, "number": version.number}
    since = date_format(localtime(version.valid_from), "j M Y, H:i")
    words = _("%(name)s, version %(number)d, in force since %(since)s")
    return words % {"name": name, "number": version.number, "since": since}


def versions_between(
    kind: type[PolicyVersion] | type[CalendarVersion], before: int | None, after: int | None
) -> list[str]:
    """``Gold, version 2, in force since …, before: Gold, version 1``; nothing where they are not known. One query."""
    if before is None or after is None:
        return []
    named = "policy" if issubclass(kind, PolicyVersion) else "calendar"
    rows = kind._default_manager.select_related(named).in_bulk([before, after])
    if len(rows) < 2:
        return []
    said = [_version(getattr(rows[pk], named).name, rows[pk]) for pk in (before, after)]
    return [_("%(after)s; before: %(before)s") % {"before": said[0], "after": said[1]}]


def length(seconds: int) -> str:
    """Seconds as people say them: "24 hours", "5 hours 30 minutes"."""
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    parts = []
    if hours:
        parts.append(ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours})
    if minutes or not hours:
        parts.append(ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes})
    return " ".join(parts)
