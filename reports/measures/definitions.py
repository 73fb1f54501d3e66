"""Each measure once: its name, what it means in words, its unit, and where its value comes from.

The page, the CSV file and the text of the command walk through these; the JSON holds the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from reports.measures.outcomes import Outcomes
from reports.sla import Row

COUNT, SHARE, SECONDS = "count", "share", "seconds"
"""Units: a whole number, a part of one, seconds of time. Each may be None: no data."""


@dataclass(frozen=True, slots=True)
class Measure:
    """``of`` takes a ``Row`` (of a group, or the total) or the ``Outcomes``; None is "no data"."""

    code: str
    name: str | Lazy
    words: str | Lazy
    unit: str
    of: Callable[[Any], float | int | None]


def _row(code: str, name: Any, words: Any, unit: str, of: Callable[[Row], float | int | None]) -> Measure:
    return Measure(code, name, words, unit, of)


def _said(code: str, name: Any, words: Any, unit: str, of: Callable[[Outcomes], float | int | None]) -> Measure:
    return Measure(code, name, words, unit, of)


SLA = (
    _row(
        "tickets",
        _("Tickets"),
        _(
            "Tickets opened in the period, by the day they were opened. Merged tickets, spam and "
            "trash are left out. They stand with the team and agent that have them now, and with the policy that their "
            "first response counts by."
        ),
        COUNT,
        lambda r: r.tickets,
    ),
    _row(
        "first_response_share",
        _("First response in time"),
        _(
            "Of the first responses that are given or overdue, the "
            "part that came in time: from the customer's first message to the first answer by a person. "
            "Acknowledgements do not count. One that is still awaited in time is left out; one that is overdue "
            "counts as missed. They stand with the team and agent at the time of the answer."
        ),
        SHARE,
        lambda r: r.first_response.attainment,
    ),
    _row(
        "first_response_met",
        _("First response: met"),
        _("First responses in time."),
        COUNT,
        lambda r: r.first_response.met,
    ),
    _row(
        "first_response_missed",
        _("First response: missed"),
        _("First responses late, or awaited and overdue. A breach stays a breach."),
        COUNT,
        lambda r: r.first_response.missed,
    ),
    _row(
        "first_response_running",
        _("First response: awaited"),
        _("First responses awaited and not overdue."),
        COUNT,
        lambda r: r.first_response.running,
    ),
    _row(
        "first_response_median",
        _("First response: median"),
        _("Half of the first responses took no longer."),
        SECONDS,
        lambda r: r.first_response.median_seconds,
    ),
    _row(
        "first_response_p90",
        _("First response: 9 in 10"),
        _("Nine in ten first responses took no longer."),
        SECONDS,
        lambda r: r.first_response.p90_seconds,
    ),
    _row(
        "first_response_written_share",
        _("First response in writing: in time"),
        _("The same for tickets that began in writing, voicemail and missed calls among them."),
        SHARE,
        lambda r: r.first_response.written.attainment,
    ),
    _row(
        "first_response_written_median",
        _("First response in writing: median"),
        _("Half of the written ones took no longer."),
        SECONDS,
        lambda r: r.first_response.written.median_seconds,
    ),
    _row(
        "first_response_written_p90",
        _("First response in writing: 9 in 10"),
        _("Nine in ten of the written ones took no longer."),
        SECONDS,
        lambda r: r.first_response.written.p90_seconds,
    ),
    _row(
        "first_response_live",
        _("First response live"),
        _("Tickets that began in a call, a visit or a chat: met at once."),
        COUNT,
        lambda r: r.first_response.live.met,
    ),
    _row(
        "next_response_share",
        _("Next response in time"),
        _(
            "Of the customer's later waits for an answer, the part that "
            "ended in time. Each wait counts: several messages before one answer are one wait, from the earliest."
        ),
        SHARE,
        lambda r: r.next_response.attainment,
    ),
    _row(
        "next_response_met",
        _("Next response: met"),
        _("Later waits answered in time."),
        COUNT,
        lambda r: r.next_response.met,
    ),
    _row(
        "next_response_missed",
        _("Next response: missed"),
        _("Later waits answered late, or running and overdue."),
        COUNT,
        lambda r: r.next_response.missed,
    ),
    _row(
        "next_response_running",
        _("Next response: awaited"),
        _("Later waits running and not overdue."),
        COUNT,
        lambda r: r.next_response.running,
    ),
    _row(
        "next_response_median",
        _("Next response: median"),
        _("Half of the later waits took no longer."),
        SECONDS,
        lambda r: r.next_response.median_seconds,
    ),
    _row(
        "next_response_p90",
        _("Next response: 9 in 10"),
        _("Nine in ten later waits took no longer."),
        SECONDS,
        lambda r: r.next_response.p90_seconds,
    ),
    _row(
        "resolution_share",
        _("Resolved in time"),
        _(
            "Of the tickets that are resolved or overdue, the part resolved in "
            "time, seconds the customer made us wait left out. Reopened tickets run on."
        ),
        SHARE,
        lambda r: r.resolution.attainment,
    ),
    _row("resolution_met", _("Resolution: met"), _("Resolved in time."), COUNT, lambda r: r.resolution.met),
    _row(
        "resolution_missed",
        _("Resolution: missed"),
        _("Resolved late, or unresolved and overdue."),
        COUNT,
        lambda r: r.resolution.missed,
    ),
    _row(
        "resolution_running",
        _("Resolution: running"),
        _("Unresolved and not overdue."),
        COUNT,
        lambda r: r.resolution.running,
    ),
    _row(
        "resolution_median",
        _("Resolution: median"),
        _("Half of those resolved took no longer."),
        SECONDS,
        lambda r: r.resolution.median_seconds,
    ),
    _row(
        "resolution_p90",
        _("Resolution: 9 in 10"),
        _("Nine in ten of those resolved took no longer."),
        SECONDS,
        lambda r: r.resolution.p90_seconds,
    ),
    _row(
        "open_now",
        _("Open now"),
        _("Tickets still to be met now, whenever they were opened."),
        COUNT,
        lambda r: r.open_now,
    ),
    _row(
        "overdue_now",
        _("Overdue now"),
        _("Open tickets on which an answer or the resolution is overdue now."),
        COUNT,
        lambda r: r.overdue_now,
    ),
    _row(
        "keep_informed_share",
        _("Kept informed in time"),
        _(
            "Where a policy promises to tell the customer something every so many hours: of these waits, the part that "
            "ended with a person's word to the customer in time, whether the customer wrote or not."
        ),
        SHARE,
        lambda r: r.keep_informed.attainment,
    ),
    _row(
        "keep_informed_missed",
        _("Kept informed: missed"),
        _("Waits in which the customer heard nothing in time."),
        COUNT,
        lambda r: r.keep_informed.missed,
    ),
    _row(
        "transfer_share",
        _("Transfers accepted in time"),
        _(
            "Where a policy promises the time in which a team accepts: of the transfers, the part that got an answer "
            "in time. They stand with the team that was asked."
        ),
        SHARE,
        lambda r: r.transfer.attainment,
    ),
    _row(
        "transfer_missed",
        _("Transfers accepted: missed"),
        _("Transfers that got an answer too late, or none."),
        COUNT,
        lambda r: r.transfer.missed,
    ),
)

OUTCOMES = (
    _said(
        "promises_kept",
        _("Promises kept"),
        _(
            "Of the promises made on these tickets, the part kept by the promised "
            "time. Kept late, broken and overdue count as not kept; released by the customer, agreed anew and not yet "
            "due are left out."
        ),
        SHARE,
        lambda o: o.promises.rate,
    ),
    _said(
        "holds_kept",
        _("Holds kept"),
        _(
            "Of the holds on these tickets, the part in which the customer heard from a "
            "person before the promised time. Holds that ended otherwise are left out."
        ),
        SHARE,
        lambda o: o.holds.rate,
    ),
    _said(
        "closures_confirmed",
        _("Closed, confirmed by the customer"),
        _(
            "Of the closures that have an end, the part the "
            "customer confirmed by the link, on the portal or in a message."
        ),
        SHARE,
        lambda o: o.closures.part("confirmed"),
    ),
    _said(
        "closures_by_phone",
        _("Closed, confirmed on the phone or in person"),
        _("Of the same closures, the part confirmed to a member of staff."),
        SHARE,
        lambda o: o.closures.part("by_phone"),
    ),
    _said(
        "closures_refused",
        _("Not solved"),
        _("Of the same closures, the part the customer refused."),
        SHARE,
        lambda o: o.closures.part("refused"),
    ),
    _said(
        "closures_no_answer",
        _("No answer"),
        _("Of the same closures, the part that silence closed."),
        SHARE,
        lambda o: o.closures.part("no_answer"),
    ),
    _said(
        "csat",
        _("Customers satisfied"),
        _("Of the survey answers on these tickets, the part with 4 or 5 of 5."),
        SHARE,
        lambda o: o.satisfaction.score,
    ),
    _said(
        "csat_response_rate",
        _("Surveys answered"),
        _("Of the customers who were asked about these tickets, the part that answered."),
        SHARE,
        lambda o: o.satisfaction.response_rate,
    ),
)

MEASURES = {measure.code: measure for measure in (*SLA, *OUTCOMES)}
