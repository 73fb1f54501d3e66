"""The report in words: how many first responses came in time, against the period before and the target."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from reports import words
from reports.measures.clocks import Times
from reports.measures.proportions import FEW, Difference, difference
from reports.sla import Report, Row


@dataclass(frozen=True, slots=True)
class Answer:
    """Sentences, the first two in pieces so that the page can mark them; empty pieces are left out.

    ``tone`` is up, down, or empty for no change or one that may be chance.
    """

    share: str
    change: str = ""
    tone: str = ""
    than: str = ""
    target: str = ""
    lowest: str = ""


def answer(report: Report, before: Report | None, target_percent: int) -> Answer | None:
    """None when nothing can be said: no first response was given, and none is overdue."""
    first = report.total.first_response
    if first.attainment is None:
        return None
    change = change_of(report.total, before.total if before else None)
    return Answer(
        share=words.percent(first.attainment),
        change=_change(change),
        tone=tone_of(change, {1: "up", -1: "down"}),
        than=_than(change, before),
        target=_target(first.attainment, target_percent),
        lowest=_lowest(report, target_percent),
    )


def change_of(row: Row, before: Row | None) -> Difference | None:
    """How much larger the part of first responses in time became; None where one of the two has no data."""
    return change_between(row.first_response, before.first_response if before else None)


def change_between(now: Times, then: Times | None) -> Difference | None:
    """The same for any wait; None where there is nothing before."""
    return None if then is None else difference(now.met, now.counted, then.met, then.counted)


def tone_of(change: Difference | None, tones: dict[int, str]) -> str:
    """A tone for better (1) and worse (-1); none where the difference may be chance."""
    if change is None or change.is_chance:
        return ""
    return tones[1 if change.value > 0 else -1]


def _change(change: Difference | None) -> str:
    if change is None:
        return ""
    if not round(change.value * 100, 1):
        return _("the same")
    better = _("%(points)s points better") if change.value > 0 else _("%(points)s points worse")
    return better % {"points": words.points(change.value)}


def _than(change: Difference | None, before: Report | None) -> str:
    if before is None:
        return ""
    if change is None:
        return _("There is nothing to compare it with %(when)s.") % {"when": before.period.when}
    if not round(change.value * 100, 1):
        return _("as %(when)s.") % {"when": before.period.when}
    if change.is_chance:
        return _("than %(when)s, which may be chance.") % {"when": before.period.when}
    return _("than %(when)s.") % {"when": before.period.when}


def _target(attainment: float, target_percent: int) -> str:
    text = _("That is above the target of %(target)s.") if attainment * 100 > target_percent else (
        _("That meets the target of %(target)s.") if attainment * 100 == target_percent else
        _("That is below the target of %(target)s.")
    )  # fmt: skip
    return text % {"target": words.percent(target_percent / 100, digits=0)}


def _lowest(report: Report, target_percent: int) -> str:
    """The group furthest below the target, if there are several and it has enough cases; never a person."""
    if report.by.code == "agent":
        return ""
    rows = [row for row in report.rows if row.first_response.counted >= FEW]
    below = [row for row in rows if (row.first_response.attainment or 0) * 100 < target_percent]
    if len(rows) < 2 or not below:
        return ""
    row = min(below, key=lambda row: row.first_response.attainment or 0)
    return _("%(group)s stands lowest with %(share)s: %(late)s of %(whole)s were late.") % {
        "group": row.label,
        "share": words.percent(row.first_response.attainment),
        "late": words.count(row.first_response.missed),
        "whole": words.count(row.first_response.counted),
    }
