"""Many clocks at once are done as each would be alone, and workers share them instead of racing (S4)."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.errors import Refused
from events import dispatch
from events.models import Delivery, Event
from tickets import clocks, enforcement, lifecycle, tasks
from tickets.clocks import Points
from tickets.enforcement import due, passes
from tickets.lifecycle._ground import tell
from tickets.models import (
    Clock,
    Consent,
    EnforcementTally,
    Entry,
    Escalation,
    EscalationReason,
    Promise,
    Ticket,
    Transfer,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BREACH = EscalationReason.Reason.SLA_BREACH


# --- As one by one ------------------------------------------------------------


def alone(clock, at):
    """The steps of S4 for one clock, each by its verb."""
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=clock.ticket_id)
    moments = clocks.points(clock)
    if clock.breached_at is None:
        tell_warnings(clock, ticket, moments, at)
        clocks.record_breach(clock, ticket, at=at)
    clock.next_at = None
    clock.save()
    known = EscalationReason.objects.filter(escalation__ticket=ticket, reason=BREACH, raised_at__gte=clock.breached_at)
    if not known.exists():
        with suppress(Refused):
            lifecycle.escalate(ticket, by=None, reason=BREACH, at=at)


def tell_warnings(clock, ticket, moments: Points, at):
    percents = dict(zip(("owner", "supervisor"), clocks.warning_percents(), strict=True))
    for whom, when in (("owner", moments.owner), ("supervisor", moments.supervisor)):
        tell(
            ticket, "sla_warned", by=None, at=when, clock=clock, metric=clock.metric, whom=whom,
            percent=percents[whom], due_at=clock.due_at, late_seconds=int((at - when).total_seconds()), overtaken=True,
        )  # fmt: skip
    clock.warned_75_at, clock.warned_90_at = moments.owner, moments.supervisor


@pytest.fixture
def situations(make_ticket, carol, oscar, ivan, tier1, billing, alice, sara, hold_reasons, monday):
    """One ticket of everything that a breach can meet, by name; call it twice for two of each."""
    oscar.language, oscar.time_zone = "nb", "Asia/Kolkata"
    oscar.save(update_fields=["language", "time_zone"])

    def make():
        def opened(person=carol, team=tier1, **fields):
            return make_ticket(person, at=monday, team=team, **fields)

        made = {
            "plain": opened(), "another language": opened(oscar), "internal": opened(ivan),
            "no team": opened(team=None), "no supervisor": opened(team=billing),
            "no supervisor, but an agent": opened(team=billing, assignee=alice, status="open"),
            "on hold": opened(assignee=alice, status="open"), "in a transfer": opened(assignee=alice, status="open"),
            "escalated by a person": opened(), "escalated by the desk": opened(), "taken by the supervisor": opened(),
            "an escalation of before": opened(), "closed": opened(status="closed", closed_at=monday + HOUR),
            "breached, then answered, then not": opened(),
        }  # fmt: skip
        lifecycle.hold(
            made["on hold"], by=alice, reason="research", consent=Consent.TOLD, until=monday + 40 * HOUR,
            text="We ask the maker.", at=monday + HOUR,
        )  # fmt: skip
        lifecycle.transfer(
            made["in a transfer"], by=alice, to_team=billing, reason=Transfer.Reason.EXPERTISE, consent=Consent.TOLD,
            understood="An invoice.", tried="Looked.", text="They know more.", at=monday + HOUR,
        )  # fmt: skip
        lifecycle.escalate(made["escalated by a person"], by=alice, reason="limit", at=monday + HOUR)
        lifecycle.escalate(made["escalated by the desk"], by=None, reason=BREACH, at=monday + HOUR)
        taken = lifecycle.escalate(made["taken by the supervisor"], by=alice, reason="senior", at=monday + HOUR)
        lifecycle.take_escalation(taken, by=sara, at=monday + 2 * HOUR)
        before = lifecycle.escalate(made["an escalation of before"], by=alice, reason="limit", at=monday + HOUR)
        lifecycle.decline_escalation(before, by=sara, why="Go on.", at=monday + 2 * HOUR)
        Clock.objects.filter(ticket=made["breached, then answered, then not"], metric="first_response").update(
            breached_at=monday + DAY, breach_recorded_at=monday + DAY
        )
        return made

    return make


@pytest.mark.parametrize(("at", "answered"), [(DAY, 2), (7 * DAY, 0)], ids=["at the due time", "after a week's outage"])
def test_a_batch_writes_what_one_by_one_writes__S4(situations, monday, at, answered):
    single, together = situations(), situations()
    Promise.objects.update(reminded_at=monday, break_at=monday + 30 * DAY)  # clocks alone are compared here
    Escalation.objects.update(climbs_at=None)
    clocks_of = Clock.objects.filter(ticket__in=[one.pk for one in single.values()], stopped_at=None)
    for clock in clocks_of.filter(due_at__lte=monday + at).order_by("due_at", "pk"):
        alone(clock, monday + at)

    rows = [
        row for row in due.of_tickets([one.pk for one in together.values()], monday + at) if row.job.name == "clock"
    ]
    with transaction.atomic():
        passes._do(rows, monday + at)

    assert len(rows) >= len(together) - 2
    for name in single:
        assert told(together[name]) == told(single[name]), name
    assert Escalation.objects.filter(reasons__reason=BREACH).count() == 2 * (len(single) - answered - 1)  # the closed


def told(ticket):
    """All rows of a ticket without their keys: an id is the place of its row among the ticket's."""
    ticket.refresh_from_db()
    rows = {
        "clock": Clock.objects.filter(ticket=ticket),
        "escalation": Escalation.objects.filter(ticket=ticket),
        "promise": Promise.objects.filter(ticket=ticket),
        "entry": Entry.objects.filter(ticket=ticket),
        "hold": ticket.holds.all(),
        "transfer": ticket.transfers.all(),
    }
    places = {name: {row.pk: place for place, row in enumerate(found.order_by("pk"))} for name, found in rows.items()}
    events = Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk).order_by("subject_seq")
    return {
        "events": [
            (
                one.kind, one.subject_seq, one.actor_kind, one.origin, one.happened_at,
                {key: places[key].get(value, value) if key in places else value for key, value in one.data.items()},
                sorted(Delivery.objects.filter(event=one).values_list("reaction", flat=True)),
            )
            for one in events
        ],
        "seq": [one.subject_seq for one in events] == list(range(1, ticket.event_seq + 1)),
        "ticket": (ticket.version, ticket.event_seq, ticket.status, ticket.queue_rank, ticket.queue_at),
        "clocks": [
            plain(one, "ticket", "id", "breach_recorded_at", "terms_known_at", "started_by", "stopped_by")
            for one in rows["clock"]
        ],
        "escalations": [plain(one, "ticket", "id", "promise") for one in rows["escalation"].order_by("pk")],
        "reasons": [
            plain(one, "escalation", "id")
            for one in EscalationReason.objects.filter(escalation__ticket=ticket).order_by("pk")
        ],
        "promises": [plain(one, "ticket", "id") for one in rows["promise"].order_by("pk")],
        "entries": [
            (one.kind, one.visibility, one.text.replace(str(ticket.number), "N"), one.is_automatic, one.happened_at)
            for one in rows["entry"].order_by("pk")
        ],
    }  # fmt: skip


def plain(row, *without):
    return {
        field.name: field.value_from_object(row) for field in row._meta.concrete_fields if field.name not in without
    }


@pytest.mark.parametrize("many", [3, 40])
def test_a_batch_costs_the_same_for_any_number__S4(make_ticket, carol, tier1, sara, monday, many):
    for _ in range(many):
        make_ticket(carol, at=monday, team=tier1)

    with CaptureQueriesContext(connection) as asked:
        assert enforcement.enforce(at=monday + DAY)["escalated"] == many

    assert len(asked) <= 44, [query["sql"][:100] for query in asked]


def test_one_that_fails_in_a_batch_stops_no_other__S4(make_ticket, carol, tier1, sara, monday, caplog):
    tickets = [make_ticket(carol, at=monday, team=tier1) for _ in range(4)]
    Event.objects.create(
        kind="ticket.noted",
        subject_kind="ticket",
        subject_id=tickets[2].pk,
        subject_seq=1,
        actor_kind="system",
        happened_at=monday,
    )  # fmt: skip - the place that the next event wants is taken: the whole batch fails

    report = enforcement.enforce(at=monday + DAY)

    assert (report["escalated"], report["failed"]) == (3, 1)
    assert not Escalation.objects.filter(ticket=tickets[2]).exists()
    assert EnforcementTally.objects.get(job="clock").rows == 3
    assert "now row by row" in caplog.text
    Ticket.objects.filter(pk=tickets[2].pk).update(event_seq=F("event_seq") + 1)

    assert enforcement.enforce(at=monday + DAY)["escalated"] == 1


# --- Any number of workers ------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_workers_share_the_rows_and_do_each_once__S4(make_ticket, carol, tier1, sara, monday, monkeypatch):
    monkeypatch.setattr(passes, "BATCH", 3)
    tickets = [make_ticket(carol, at=monday, team=tier1) for _ in range(24)]
    start, reports = threading.Barrier(3), []

    def work():
        try:
            start.wait()
            with dispatch.silenced():
                reports.append(enforcement.enforce(at=monday + DAY))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)

    assert sum(report["escalated"] for report in reports) == len(tickets)
    assert sum(report["failed"] for report in reports) == 0
    assert sorted(Escalation.objects.values_list("ticket", flat=True)) == sorted(one.pk for one in tickets)
    assert Event.objects.filter(kind="ticket.sla_breached").count() == len(tickets)
    assert EnforcementTally.objects.get(job="clock").rows == len(tickets)


@pytest.mark.django_db(transaction=True)
def test_what_another_holds_is_passed_over_and_waited_for_by_nobody__S4(make_ticket, carol, tier1, sara, monday):
    held, free = (make_ticket(carol, at=monday, team=tier1) for _ in range(2))
    has_it, go_on = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                Ticket.objects.select_for_update().get(pk=held.pk)
                has_it.set()
                go_on.wait(120)
        finally:
            connection.close()

    person = threading.Thread(target=hold)
    person.start()
    has_it.wait(120)
    try:
        assert enforcement.enforce(at=monday + DAY)["escalated"] == 1
        assert Escalation.objects.get().ticket_id == free.pk
    finally:
        go_on.set()
        person.join(120)

    assert enforcement.enforce(at=monday + DAY)["escalated"] == 1


def test_a_pass_that_has_no_time_left_says_so_and_calls_for_help__S4(
    make_ticket, carol, tier1, sara, monday, monkeypatch
):
    monkeypatch.setattr(passes, "BATCH", 2)
    for _ in range(6):
        make_ticket(carol, at=monday, team=tier1)
    called = []

    assert not enforcement.sweep(seconds=0, call_help=called.append)
    assert called == [3]
    assert not Escalation.objects.exists()
    assert enforcement.sweep(seconds=60)
    assert Escalation.objects.count() == 6


@pytest.mark.parametrize(("due_now", "helpers"), [(1, 0), (7, 2)])
def test_a_worker_with_more_than_a_batch_calls_the_others__S4(
    make_ticket, carol, tier1, sara, monkeypatch, settings, due_now, helpers
):
    settings.CELERY_WORKER_CONCURRENCY = 3
    monkeypatch.setattr(passes, "BATCH", 2)
    asked = []
    monkeypatch.setattr(dispatch, "_task_sender", lambda name, pk: asked.append((name, pk)))
    for _ in range(due_now):
        make_ticket(carol, at=timezone.now() - DAY, team=tier1)

    tasks.enforce_sla()
    tasks.enforce_sla(1)

    assert Escalation.objects.count() == due_now
    assert asked == [(tasks.enforce_sla.name, helper + 1) for helper in range(helpers)]
