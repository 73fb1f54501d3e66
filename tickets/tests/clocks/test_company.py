"""Several workers at once do each due thing once, and wait for nobody (S4)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from events.models import Event
from tickets import enforcement
from tickets.enforcement import passes
from tickets.models import Clock, Ticket

DAY = timedelta(days=1)


def elsewhere(*functions):
    """Run these at the same time, each on a connection of its own; return what they gave."""
    results = [None] * len(functions)

    def run(place, function):
        try:
            results[place] = function()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results


@pytest.mark.django_db(transaction=True)
def test_two_workers_breach_each_clock_once__S4(make_ticket, carol, sara, tier1, monday, monkeypatch):
    """Each has locked its first batch before either goes on."""
    for _ in range(6):
        make_ticket(carol, at=monday, team=tier1)
    monkeypatch.setattr(passes, "BATCH", 2)
    both, met, do = threading.Barrier(2), threading.local(), passes._do

    def do_together(rows, at):
        if not hasattr(met, "other"):
            met.other = both.wait(20)
        return do(rows, at)

    monkeypatch.setattr(passes, "_do", do_together)

    def one_pass():
        return enforcement.enforce(at=monday + DAY)

    reports = elsewhere(one_pass, one_pass)

    assert sum(report["breached"] for report in reports) == 6
    assert all(report["breached"] >= 2 for report in reports), "both worked"
    assert sum(report["failed"] for report in reports) == 0
    assert Event.objects.filter(kind="ticket.sla_breached").count() == 6
    assert Clock.objects.filter(breached_at__isnull=False).count() == 6


@pytest.mark.django_db(transaction=True)
def test_a_ticket_in_other_hands_is_left_to_the_next_pass__S4(make_ticket, carol, sara, tier1, monday):
    busy, free = (make_ticket(carol, at=monday, team=tier1) for _ in range(2))

    with transaction.atomic():
        Ticket.objects.select_for_update().get(pk=busy.pk)
        [report] = elsewhere(lambda: enforcement.enforce(at=monday + DAY))

    assert (report["breached"], report["failed"]) == (1, 0)
    assert Event.objects.filter(kind="ticket.sla_breached").get().subject_id == free.pk
    assert enforcement.enforce(at=monday + DAY)["breached"] == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_before_commit_leaves_nothing_half_done__S4(
    make_ticket, carol, sara, tier1, monday, monkeypatch
):
    ticket = make_ticket(carol, at=monday, team=tier1)

    def die(*args, **more):
        raise SystemExit(1)

    with monkeypatch.context() as patch:
        patch.setattr("tickets.enforcement.clocks._escalate", die)
        with pytest.raises(SystemExit):
            enforcement.enforce(at=monday + DAY)
    assert not Event.objects.exists()
    assert Clock.objects.get(ticket=ticket, metric="first_response").breached_at is None

    assert enforcement.enforce(at=monday + DAY)["breached"] == 1
