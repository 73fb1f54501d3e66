"""What changed for a ticket's clocks when the policies and calendars that hold now were applied to them, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from common.clock import format_when
from common.measures import written_span
from events.models import Event
from sla import policies
from tickets.models import Clock


def is_in_sight(change: Mapping[str, Any]) -> bool:
    """Has a clock another due time or another policy, or, where it stands still, another time promised?"""
    return any(change[f"{name}_from"] != change[f"{name}_to"] for name in ("due", "policy", "promised"))


def applied(event: Event) -> str:
    """``applied what is promised by now: resolution is due today, 17:00, before: today, 15:00``.

    Empty for an event that does not say it. No query, where this process knows the policies' versions already.
    """
    changes = [_change(one) for one in event.data.get("changes", ()) if is_in_sight(one)]
    if not changes:
        return ""
    return _("applied what is promised by now: %(changes)s") % {"changes": "; ".join(changes)}


def _change(change: Mapping[str, Any]) -> str:
    said = {
        "metric": _label(change["metric"]),
        "before": _due(change["due_from"]),
        "after": _due(change["due_to"]),
    }
    if change["due_from"] != change["due_to"]:
        text = _("%(metric)s is due %(after)s, before: %(before)s") % said
        if change["due_to"] is None:
            text = _("%(metric)s is promised no time any more, before: %(before)s") % said
        elif change["due_from"] is None:
            text = _("%(metric)s is due %(after)s, before: no time") % said
    elif change["promised_from"] != change["promised_to"]:
        spans = {"before": _span(change["promised_from"]), "after": _span(change["promised_to"])}
        text = _("%(metric)s is promised within %(after)s, before: %(before)s") % (said | spans)
    else:
        text = _("%(metric)s is due as before") % said
    if change["policy_from"] and change["policy_from"] != change["policy_to"]:
        names = {"before": _policy(change["version_from"]), "after": _policy(change["version_to"])}
        text = _("%(change)s (by %(after)s, before: by %(before)s)") % {"change": text, **names}
    return text


def _label(metric: str) -> str:
    return str(Clock.Metric(metric).label).lower() if metric in Clock.Metric.values else metric


def _due(moment: str | None) -> str:
    if moment is None:
        return _("no time")
    return format_when(datetime.fromisoformat(moment), timezone.get_current_timezone_name())


def _span(seconds: int | None) -> str:
    return _("no time") if seconds is None else written_span(seconds)


def _policy(version_id: int | None) -> str:
    """The policy's name, with the quotes that names have."""
    if version_id is None:
        return _("no policy")
    try:
        return _("“%(name)s”") % {"name": policies.version(version_id).policy.name}
    except KeyError:  # a version that never was used may be gone by now
        return _("a policy that is gone")
