"""What the report's page shows, in words: every number comes from ``reports``, none is made here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from desk.reports.choices import COMPARE, Choices
from events import values
from reports import charts, pictures, words
from reports.answer import answer, change_between, change_of, tone_of
from reports.closings import refusals, spoken_by
from reports.drill import SHOWN, key_text
from reports.export import with_total
from reports.grouping import GROUPINGS
from reports.measures.clocks import USUAL, Times, Wait
from reports.measures.definitions import MEASURES
from reports.measures.outcomes import Outcomes, outcomes
from reports.measures.proportions import FEW, Interval
from reports.notes import notes
from reports.periods import latest_months, quick
from reports.policy import readable_teams
from reports.population import Teams, tickets_opened
from reports.sla import Report, Row, sla_report
from reports.values import ATTAINMENT_TARGET_PERCENT
from staff.access import viewer
from tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Tile:
    """One number with its name and what it rests on; ``is_none`` where there is no data."""

    name: str
    value: str
    rests_on: str = ""
    more: str = ""
    is_none: bool = False
    change: str = ""
    tone: str = ""


def page(chosen: Choices, user: User, at: datetime) -> dict[str, Any]:
    """The context of the page; a fixed number of queries."""
    teams = readable_teams(viewer(user))
    report = sla_report(chosen.period, by=chosen.by.code, teams=teams, at=at)
    before = sla_report(chosen.before, by=chosen.by.code, teams=teams, at=at) if chosen.before else None
    tickets = tickets_opened(chosen.period, teams)
    target = values.get(ATTAINMENT_TARGET_PERCENT)
    return {
        "chosen": chosen,
        "report": report,
        "before": before,
        "answer": answer(report, before, target),
        "notes": notes(tickets),
        "tiles": tiles(report.total, outcomes(tickets, at), before.total if before else None),
        "apart": apart(report.total.first_response),
        "spoken_by": spoken_by(tickets),
        "refusals": refusals(tickets, user),
        "lines": lines(report, before, chosen),
        "few": FEW,
        "has_figures": report.total.is_of_period,
        "breaches": _breaches(chosen, user, at, teams),
        "breaches_in_all": sum(wait.missed for wait in report.total.waits.values()),
        "measures": list(MEASURES.values()),
        **_pictures(chosen, report, target, teams, at),
        **_menus(chosen, at),
    }


def tiles(total: Row, told: Outcomes, before: Row | None = None) -> list[Tile]:
    """The numbers of the whole period, the first response first; shares against the period before."""
    first = total.first_response
    then = before.waits if before else {}
    closures, csat = told.closures, told.satisfaction
    return [
        _in_time("first_response_share", first, then=then.get("first_response")),
        Tile(
            _("Median first response in writing"),
            words.seconds(first.written.median_seconds),
            _("9 in 10 within %(span)s") % {"span": words.seconds(first.written.p90_seconds)}
            if first.written.p90_seconds is not None else "",
            _("%(number)s more were live: answered at once") % {"number": words.count(first.live.met)}
            if first.live.met else "",
            is_none=first.written.median_seconds is None,
        ),
        _in_time("next_response_share", total.next_response, _median(total.next_response), then.get("next_response")),
        _in_time("resolution_share", total.resolution, _median(total.resolution), then.get("resolution")),
        *(
            _in_time(f"{name}_share", wait, _median(wait), then.get(name))
            for name, wait in total.waits.items() if name not in USUAL and wait.counted
        ),
        Tile(_("Overdue now"), words.count(total.overdue_now),
             _("of %(number)s open tickets, whenever opened") % {"number": words.count(total.open_now)}),
        Tile(
            _("Promises kept"), words.percent(told.promises.rate, digits=0),
            _rests_on(told.promises.kept, told.promises.counted, told.promises.interval),
            _("Holds kept: %(share)s (%(kept)s of %(all)s)") % {
                "share": words.percent(told.holds.rate, digits=0), "kept": told.holds.kept, "all": told.holds.counted,
            } if told.holds.counted else "",
            is_none=told.promises.rate is None,
        ),
        Tile(
            _("Closed, confirmed by the customer"), words.percent(closures.part("confirmed"), digits=0),
            _("%(phone)s by phone or in person · %(silence)s no answer · %(refused)s not solved") % {
                "phone": words.percent(closures.part("by_phone"), digits=0),
                "silence": words.percent(closures.part("no_answer"), digits=0),
                "refused": words.percent(closures.part("refused"), digits=0),
            } if closures.ended else "",
            is_none=not closures.ended,
        ),
        Tile(
            _("Customers satisfied"), words.percent(csat.score, digits=0),
            _rests_on(csat.satisfied, csat.answered, csat.interval),
            _("%(share)s of %(asked)s asked have answered") % {
                "share": words.percent(csat.response_rate, digits=0), "asked": words.count(csat.asked),
            } if csat.asked else "",
            is_none=csat.score is None,
        ),
    ]  # fmt: skip


def apart(first: Wait) -> list[tuple[str, str, str, str, str]]:
    """First responses live and in writing, apart: a call is answered at once, and would make a letter look fast."""
    kinds = ((_("In writing"), first.written), (_("Live: phone, visit, chat"), first.live), (_("Both"), first))
    return [
        (name, words.count(times.counted), _said(times.attainment, words.percent),
         _said(times.median_seconds, words.seconds), _said(times.p90_seconds, words.seconds)) for name, times in kinds
    ]  # fmt: skip


def _said(value: float | None, say: Callable[[float | None], str]) -> str:
    """A cell without data is a dash: a table that repeats the same words is not read."""
    return "–" if value is None else say(value)


def lines(report: Report, before: Report | None, chosen: Choices) -> list[dict[str, Any]]:
    """The table by group, the whole at its end; each against the same group before."""
    then = {row.key: row for row in before.rows} if before else {}
    *rows, whole = with_total(report)
    pairs = [(row, then.get(row.key) if before else None) for row in rows]
    found = [(row, old, key_text(row.key)) for row, old in pairs]
    return [
        {**_line(row, old), **_links(chosen, group)}
        for row, old, group in [*found, (whole, before.total if before else None, "")]
    ]


def _links(chosen: Choices, group: str) -> dict[str, str]:
    """Where a line's numbers lead: to the tickets they count."""
    here = f"{reverse('desk:sla_report_tickets')}{chosen.query}&{urlencode({'group': group})}"
    return {f"{show}_url": f"{here}&show={show}" for show in SHOWN}


def _line(row: Row, before: Row | None) -> dict[str, Any]:
    change = change_of(row, before)
    first = row.first_response
    return {
        "label": row.label,
        "tickets": words.count(row.tickets),
        "share": _said(first.attainment, words.percent),
        "is_few": 0 < first.counted < FEW,
        "change": words.signed_points(change.value) if change else "",
        "is_chance": bool(change and change.is_chance),
        "tone": tone_of(change, {1: "good", -1: "bad"}),
        "median": _said(first.median_seconds, words.seconds),
        "p90": _said(first.p90_seconds, words.seconds),
        "next": _said(row.next_response.attainment, words.percent),
        "resolved": _said(row.resolution.attainment, words.percent),
        "late": words.count(first.missed),
        "overdue": words.count(row.overdue_now),
    }


def _in_time(code: str, times: Times, more: str = "", then: Times | None = None) -> Tile:
    rests_on = _rests_on(times.met, times.counted, times.interval)
    change = change_between(times, then)
    return Tile(
        str(MEASURES[code].name), words.percent(times.attainment), rests_on, more, times.attainment is None,
        words.signed_points(change.value) if change else "", tone_of(change, {1: "good", -1: "bad"}),
    )  # fmt: skip


def _median(times: Times) -> str:
    if times.median_seconds is None:
        return ""
    return _("Median %(span)s") % {"span": words.seconds(times.median_seconds)}


def _rests_on(part: int, whole: int, interval: Interval | None) -> str:
    """``1,086 of 1,123 · ± 1.1``; few cases say so."""
    if interval is None:
        return ""
    text = _("%(part)s of %(whole)s · ± %(margin)s") % {
        "part": words.count(part), "whole": words.count(whole), "margin": words.points(interval.margin),
    }  # fmt: skip
    return _("%(text)s, few cases") % {"text": text} if whole < FEW else text


def _pictures(chosen: Choices, report: Report, target: int, teams: Teams, at: datetime) -> dict[str, Any]:
    points = pictures.trend(chosen.period, at, teams)
    bars = pictures.distribution(chosen.period, report.total.first_response, at, teams)
    here, behind = reverse("desk:sla_report"), reverse("desk:sla_report_tickets")
    points = _since_the_first(points)
    has_trend = any(point.times.counted for point in points)
    return {
        "trend": charts.trend_chart(points, target, lambda point: behind + chosen.with_period(point.period).query)
        if has_trend else None,
        "trend_rows": [
            (str(point.period), here + chosen.with_period(point.period).query, words.percent(point.times.attainment),
             words.count(point.times.counted)) for point in points
        ],
        "is_monthly": points[0].period.months == 1,
        "distribution": charts.distribution_chart(bars) if bars else None,
        "distribution_rows": [
            (charts.bar_label(bar), words.count(bar.in_time), words.count(bar.late)) for bar in bars
        ],
    }  # fmt: skip


def _since_the_first(points: list[pictures.Point]) -> list[pictures.Point]:
    """Without the empty steps before anything was counted, but three at least."""
    first = next((n for n, point in enumerate(points) if point.times.counted), 0)
    return points[min(first, max(len(points) - 3, 0)) :]


def _breaches(chosen: Choices, user: User, at: datetime, teams: Teams) -> list[dict[str, Any]]:
    """The latest breaches; what this reader may not open has no subject and no link (T13)."""
    clocks = list(pictures.breaches(chosen.period, at, teams)[: pictures.MOST_BREACHES])
    numbers = {clock.ticket_id for clock in clocks}
    visible = set(Ticket.objects.visible_to(user).filter(pk__in=numbers).values_list("pk", flat=True))
    return [
        {
            "clock": clock, "ticket": clock.ticket, "is_visible": clock.ticket_id in visible,
            "team": pictures.holder(clock)[0], "agent": pictures.holder(clock)[1],
            "due": clock.due, "late": pictures.late_seconds(clock, at),  # type: ignore[attr-defined]
        }
        for clock in clocks
    ]  # fmt: skip


def _menus(chosen: Choices, at: datetime) -> dict[str, Any]:
    months = latest_months(at, chosen.period.zone_name)[2:]
    ready = quick(at, chosen.period.zone_name)
    return {
        "quick": [(name, chosen.with_period(one).query, one == chosen.period) for name, one in ready],
        "period_name": next((name for name, one in ready if one == chosen.period), ""),
        "months": [(str(one), chosen.with_period(one).query, one == chosen.period) for one in months],
        "groupings": [(one.label, chosen.with_by(one).query, one == chosen.by) for one in GROUPINGS.values()],
        "comparisons": [(label, chosen.with_compare(code).query, code == chosen.compare)
                        for code, label in COMPARE.items()],
    }  # fmt: skip
