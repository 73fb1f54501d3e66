"""Bulk loading for imports, seeds and demo data: the one exemption from the verbs.

A ticket is given as what happened to it, in order: a ``LoadedTicket`` with ``steps`` (``Wrote``, ``Answered``,
``Noted``, ``Spoke``, ``Taken``, ``Assigned``, ``Waited``, ``Returned``, ``Escalated``, ``Resolved``, ``Reopened``,
``Confirmed``, ``Closed``). ``load`` tells the story in memory and writes the rows that the verbs of
``tickets.lifecycle`` would have written (contacts, entries, clocks with their pauses, closures, events with gapless
``subject_seq``, the ticket's own columns) with COPY, in one transaction per call. A test holds the two equal.

    from tickets import loading
    from tickets.loading import Answered, Closed, LoadedTicket, Resolved, Wrote

    loaded = loading.load([
        LoadedTicket(
            requester=carol.pk, subject="Printer", text="It smokes.", channel="email", at=monday, team=tier1.pk,
            external_source="old-desk", external_id="4711",
            steps=[Answered(at=…, by=alice.pk, text="Water?"), Resolved(at=…, by=alice.pk), Closed(at=…)],
        ),
    ])
    loaded.counts["tickets"], loaded.ticket_ids

People, teams, categories and staff are given by id and exist already; ``at`` is when it happened. By default the
rows are marked as imported (``origin="import"``): breaches stand at their due time, no reaction runs, and enforcement
leaves them alone. With ``origin="live", is_enforced=True`` (demo, seed) the clocks are enforced from now on; reactions
run in neither case. ``extend`` goes on with tickets that were loaded before and that nobody has worked on since. Give
some 500 to 5,000 tickets per call.
"""

from tickets.lifecycle._parts import TEXT_LIMIT
from tickets.loading.continuing import extend, refuse_worked_on
from tickets.loading.loader import Loaded, load
from tickets.loading.steps import (
    Answered,
    Assigned,
    Closed,
    Confirmed,
    Escalated,
    Joined,
    LoadedTicket,
    Noted,
    Reopened,
    Resolved,
    Returned,
    Spoke,
    Step,
    Taken,
    Waited,
    Wrote,
)

__all__ = [
    "TEXT_LIMIT",
    "Answered", "Assigned", "Closed", "Confirmed", "Escalated", "Joined", "Loaded", "LoadedTicket", "Noted", "Reopened",
    "Resolved", "Returned", "Spoke", "Step", "Taken", "Waited", "Wrote", "extend", "load",
    "refuse_worked_on",
]  # fmt: skip
