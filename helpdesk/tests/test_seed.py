"""The seed: exact numbers, believable spread, the same twice, harmless on a desk that is filled."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.models import Count

from accounts.models import User
from customers.models import Person
from events.models import Delivery, Event
from helpdesk import seeding
from helpdesk.seeding import plan
from helpdesk.seeding.people import Cast
from staff.access import viewer
from tickets.models import ACTIVE, Clock, Entry, Status, Ticket
from tickets.rebuilding import rebuild

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
CAST = Cast(teams=[1, 2], agents=[[11, 12], [13]], people=list(range(100, 130)), categories=[1], tags=[1])
SILENCE = timedelta(days=5)


def told(tickets: int, entries: int) -> list[Any]:
    parts = plan.slices(tickets, entries)
    return [one for part in parts for one in plan.told(part, CAST, now=NOW, silence=SILENCE)]


def entries_of(story: Any) -> int:
    return 1 + sum(bool(getattr(step, "text", "")) for step in story.steps)


@pytest.mark.parametrize(("tickets", "entries"), [(1, 1), (1, 5), (7, 30), (2_003, 2_003), (4_500, 13_777)])
def test_tells_exactly_as_many_tickets_and_entries_as_asked(tickets: int, entries: int) -> None:
    stories = told(tickets, entries)

    assert len(stories) == tickets
    assert sum(map(entries_of, stories)) == entries


def test_tells_the_same_twice_and_nothing_of_the_future_or_out_of_order() -> None:
    stories = told(2_500, 7_500)

    assert stories == told(2_500, 7_500)
    for story in stories:
        times = [story.at, *(step.at for step in story.steps)]
        assert times == sorted(times)
        assert NOW - timedelta(days=740) < times[0] <= times[-1] <= NOW


def test_one_ticket_has_exactly_twenty_entries_and_is_still_open() -> None:
    (story,) = [story for story in told(4_500, 13_500) if story.subject == seeding.LONG_SUBJECT]

    assert entries_of(story) == seeding.LONG == 20
    assert story.steps[-1].__class__.__name__ not in {"Resolved", "Closed", "Confirmed"}


def test_seeded_tickets_are_spread_and_live(db: None) -> None:
    done = seeding.seed(400, entries=1_200)

    tickets = Ticket.objects.all()
    assert (tickets.count(), done.people, Person.objects.count()) == (400, 20, 20)
    assert Entry.objects.count() == 1_200 + done.counts["holds"]  # a hold is told in writing
    assert done.counts["holds"] == tickets.filter(status=Status.ON_HOLD).count() == 1
    states = Counter(tickets.values_list("status", flat=True))
    assert states[Status.CLOSED] > 300
    assert sum(states[status] for status in ACTIVE) > 4
    for field, least in (
        ("channel", 6),
        ("team", 6),
        ("assignee", 10),
        ("priority", 3),
        ("requester", 20),
        ("type", 5),
    ):
        assert tickets.exclude(**{field: None}).values(field).distinct().count() >= least, field
    assert tickets.filter(origin=Event.Origin.LIVE, is_enforced=True).count() == 400
    assert not Delivery.objects.filter(done_at=None).exists()
    assert Clock.objects.filter(next_at__isnull=False, ticket__status__in=ACTIVE).exists()
    assert not Clock.objects.filter(next_at__isnull=False, ticket__status=Status.CLOSED).exists()
    said: list[str] = []
    rebuild(say=said.append)
    assert said == []
    long = tickets.annotate(said=Count("entries")).get(number=done.long_ticket)
    assert (long.said, long.is_active) == (20, True)


def test_seeding_again_adds_to_what_is_there(db: None, printer_ticket: Ticket, alice: User) -> None:
    seeding.seed(20)
    again = seeding.seed(30)

    assert Ticket.objects.count() == 1 + 20 + 30
    assert again.counts["tickets"] == 30
    printer_ticket.refresh_from_db()
    assert printer_ticket.status == Status.NEW
    assert User.objects.filter(email=seeding.AGENT).count() == 1


def test_the_command_says_who_can_sign_in(db: None, client: Any) -> None:
    out = StringIO()

    call_command("seed", tickets=25, messages=60, stdout=out)

    assert "Added 25 tickets with 60 entries" in out.getvalue()
    assert f"{seeding.AGENT}  {seeding.PASSWORD}" in out.getvalue()
    agent = User.objects.get(email=seeding.AGENT)
    assert agent.check_password(seeding.PASSWORD)
    assert viewer(agent).is_staff


@pytest.mark.parametrize("words", [{"tickets": 0}, {"tickets": 10, "messages": 9}])
def test_what_cannot_be_is_refused_before_anything_is_made(db: None, words: dict[str, int]) -> None:
    with pytest.raises(CommandError):
        call_command("seed", **words)

    assert not User.objects.exists()
    assert not Ticket.objects.exists()


def test_several_processes_load_what_one_would(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = plan.SLICE + 50
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

    async def seeded() -> seeding.Seeded:
        return seeding.seed(tickets, entries=tickets, processes=2)

    def where_a_loop_has_a_second_connection() -> seeding.Seeded:
        assert not Ticket.objects.exists()  # the thread's own; a child would find it, and not the loop's
        try:
            return asyncio.run(seeded())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as thread:
        done = thread.submit(where_a_loop_has_a_second_connection).result()

    assert done.counts["tickets"] == Ticket.objects.count() == tickets
    assert Ticket.objects.values("number").distinct().count() == tickets
