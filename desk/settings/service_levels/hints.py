"""What a manager may have overlooked in a policy: said after saving and beside it, never a refusal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.settings.service_levels import words
from sla.models import Metric, Policy, PolicyVersion
from sla.overlaps import conditions, fallback, hidden_by, in_order
from sla.policies import catalogue
from tickets.models import Priority

MISSING: dict[str, Any] = {
    Metric.FIRST_RESPONSE: gettext_lazy("No time for the first response is promised here"),
    Metric.NEXT_RESPONSE: gettext_lazy("No time for later responses is promised here"),
    Metric.KEEP_INFORMED: gettext_lazy("Nobody is kept informed by this policy"),
    Metric.RESOLUTION: gettext_lazy("No time to resolve is promised here"),
    Metric.TRANSFER: gettext_lazy("No time to accept a transfer is promised here"),
}


def of_policy(policy: Policy, at: datetime) -> list[str]:
    """The hints for what a policy says at ``at``; none while it is not in use. A query or two."""
    held = catalogue().in_force(at)
    version = next((one for one in held if one.policy_id == policy.pk and one.is_active), None)
    return of(version, in_order(held)) if version else []


def of(version: PolicyVersion, tried: Sequence[PolicyVersion]) -> list[str]:
    """The hints for one of the policies that are ``tried``, in their order."""
    return [*_never_picked(version, tried), *_left_out(version, tried), *_later(version), *_sooner(version)]


def _never_picked(version: PolicyVersion, tried: Sequence[PolicyVersion]) -> Iterator[str]:
    if other := hidden_by(version, tried):
        if conditions(version):
            words_ = _("Never picked: “%(name)s” has the same conditions and stands before it.")
        else:
            words_ = _("Never picked: “%(name)s” fits every ticket, too, and stands before it.")
        yield words_ % {"name": other.policy}


def _left_out(version: PolicyVersion, tried: Sequence[PolicyVersion]) -> Iterator[str]:
    """Metrics without any time, where what would hold otherwise has one."""
    other = fallback(version, tried)
    if other is None:
        return
    for metric in Metric:
        if not version.targets.get(str(metric)) and (promised := other.targets.get(str(metric))):
            span = words.target(promised, is_working=other.calendar_id is not None)
            said = {"missing": MISSING[metric], "name": other.policy, "span": span}
            yield _("%(missing)s; “%(name)s” promises %(span)s.") % said


def _later(version: PolicyVersion) -> Iterator[str]:
    """A more urgent ticket that is promised a later time than a less urgent one; one hint for each metric."""
    urgent_first = sorted(Priority, reverse=True)
    for metric in Metric:
        spans = [(one, version.target_for(metric, one)) for one in urgent_first]
        given = [(one, seconds) for one, seconds in spans if seconds is not None]
        for (more, longer), (less, shorter) in pairwise(given):
            if longer > shorter:
                said: dict[str, object] = {"metric": metric.label, "more": more.label, "less": less.label}
                said |= {"longer": _span(version, longer), "shorter": _span(version, shorter)}
                yield _("%(metric)s: %(more)s is promised %(longer)s, later than %(less)s with %(shorter)s.") % said
                break


def _sooner(version: PolicyVersion) -> Iterator[str]:
    """A case that is to be solved before anybody has to answer; one hint, for the most urgent priority of them."""
    for one in sorted(Priority, reverse=True):
        first = version.target_for(Metric.FIRST_RESPONSE, one)
        solved = version.target_for(Metric.RESOLUTION, one)
        if first is not None and solved is not None and solved < first:
            said = {"solved": _span(version, solved), "first": _span(version, first)}
            yield _("Resolution (%(solved)s) is promised before the first response (%(first)s).") % said
            return


def _span(version: PolicyVersion, seconds: int) -> str:
    return words.span(seconds, is_working=version.calendar_id is not None)
