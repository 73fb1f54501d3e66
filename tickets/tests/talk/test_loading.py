"""A loaded ticket equals the ticket that was worked on, field by field."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, models

from common.errors import Malformed
from events.models import Delivery, Event
from tickets import lifecycle, loading
from tickets.lifecycle.assigning import assign, take
from tickets.lifecycle.closing import close, reopen, resolve
from tickets.lifecycle.confirming import confirm
from tickets.loading import (
    Answered,
    Assigned,
    Closed,
    Confirmed,
    LoadedTicket,
    Noted,
    Reopened,
    Resolved,
    Spoke,
    Taken,
    Waited,
    Wrote,
)
from tickets.models import Clock, Status, Ticket

HOUR = timedelta(hours=1)
MOMENTARY = {
    "id", "public_id", "number", "search", "correlation_id",  # of the row itself
    "recorded_at", "created_at", "updated_at", "breach_recorded_at",  # when it was typed, not when it happened
    "terms_known_at",
    "before",  # what undoing a confirmation gives back: a loaded one cannot be undone
}  # fmt: skip


def dump(ticket: Ticket) -> dict[str, list[dict[str, Any]]]:
    """Every row of a ticket, ids told as their place in their table."""
    entries, clocks = list(ticket.entries.order_by("pk")), list(ticket.clocks.order_by("pk"))
    events = list(Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk))
    tables: dict[str, list[models.Model]] = {
        "ticket": [ticket],
        "contact": list(ticket.contacts.order_by("pk")),
        "entry": entries,
        "clock": clocks,
        "pause": [pause for clock in clocks for pause in clock.pauses.order_by("pk")],
        "change": [change for clock in clocks for change in clock.changes.order_by("pk")],
        "closure": list(ticket.closures.order_by("pk")),
        "event": events,
    }
    places = {(type(row), row.pk): f"{name} {place}" for name, rows in tables.items() for place, row in enumerate(rows)}
    data = {
        "entry": type(entries[0]), "clock": Clock, "closure": ticket.closures.model, "event": Event,
    }  # fmt: skip

    def value(row: models.Model, field: models.Field) -> Any:
        raw = getattr(row, field.attname)
        if field.name == "data":
            return {key: places.get((data.get(key), one), one) for key, one in raw.items()}
        if isinstance(row, Event) and field.name == "subject_id":
            return "ticket 0"
        if isinstance(row, Event) and field.name == "contact_id":
            return places.get((ticket.contacts.model, raw), raw)
        if field.related_model:
            return places.get((field.related_model, raw), raw)
        return raw

    return {
        name: [
            {field.name: value(row, field) for field in row._meta.concrete_fields if field.name not in MOMENTARY}
            for row in rows
        ]
        for name, rows in tables.items()
    }


def assert_equal(operated: Ticket, loaded: Ticket) -> None:
    left, right = dump(Ticket.objects.get(pk=operated.pk)), dump(loaded)
    for table, rows in left.items():
        assert len(rows) == len(right[table]), table
        for mine, other in zip(rows, right[table], strict=True):
            assert mine == other, table


def load_one(*, requester: int, **fields: Any) -> Ticket:
    given = LoadedTicket(requester=requester, **fields)
    loaded = loading.load([given], origin="live", is_enforced=True)
    return Ticket.objects.get(pk=loaded.ticket_ids[0])


@pytest.mark.parametrize("pace", [1, 40], ids=["in time", "too late"])
def test_a_loaded_ticket_equals_the_one_that_was_worked_on(carol, alice, tier1, monday, pace):
    at = [monday + pace * step * HOUR for step in range(9)]
    silence = at[8] + timedelta(days=8)
    mine = lifecycle.open_ticket(
        requester=carol, subject="Printer", text="It smokes.", channel="email", by=carol, team=tier1, at=at[0]
    )
    lifecycle.reply(mine, by=alice, text="Which one?", at=at[1])
    lifecycle.add_note(mine, by=alice, text="Third this week", at=at[2])
    lifecycle.await_customer(mine, by=alice, at=at[3])
    lifecycle.receive(mine, person=carol, text="The red one.", at=at[4])
    resolve(mine, by=alice, text="Replaced.", at=at[5])
    reopen(mine, by=alice, at=at[6])
    lifecycle.log_contact(
        by=alice, person=carol, channel="phone", direction="in", text="Hot", agreed="New one", tickets=[mine],
        happened_at=at[7], duration_seconds=90, at=at[7],
    )  # fmt: skip
    resolve(mine, by=alice, at=at[8])
    close(mine, by=None, cause="no_answer", at=silence)

    loaded = load_one(
        requester=carol.pk, subject="Printer", text="It smokes.", channel="email", team=tier1.pk, at=at[0],
        steps=[
            Answered(at=at[1], by=alice.pk, text="Which one?"),
            Noted(at=at[2], by=alice.pk, text="Third this week"),
            Waited(at=at[3], by=alice.pk),
            Wrote(at=at[4], text="The red one."),
            Resolved(at=at[5], by=alice.pk, text="Replaced."),
            Reopened(at=at[6], by=alice.pk),
            Spoke(at=at[7], by=alice.pk, text="Hot", agreed="New one", seconds=90),
            Resolved(at=at[8], by=alice.pk),
            Closed(at=silence, cause="no_answer"),
        ],
    )  # fmt: skip

    assert_equal(mine, loaded)


def test_calls_owners_and_confirmations_are_equal_too(carol, alice, bob, tier1, monday):
    mine = lifecycle.open_ticket(
        requester=carol, subject="Bill", text="Too high", channel="phone", by=alice, impact=3, urgency=3, at=monday
    )
    assign(mine, by=alice, to=bob, team=tier1, at=monday + HOUR)
    assign(mine, by=bob, to=None, at=monday + HOUR)
    take(mine, by=alice, at=monday + 2 * HOUR)
    resolve(mine, by=alice, at=monday + 3 * HOUR)
    confirm(mine, by=carol, solved=True, via="link", at=monday + 4 * HOUR)

    loaded = load_one(
        requester=carol.pk, subject="Bill", text="Too high", channel="phone", opened_by=alice.pk, impact=3, urgency=3,
        at=monday,
        steps=[
            Assigned(at=monday + HOUR, by=alice.pk, to=bob.pk, team=tier1.pk),
            Assigned(at=monday + HOUR, by=bob.pk),
            Taken(at=monday + 2 * HOUR, by=alice.pk),
            Resolved(at=monday + 3 * HOUR, by=alice.pk),
            Confirmed(at=monday + 4 * HOUR),
        ],
    )  # fmt: skip

    assert_equal(mine, loaded)


def test_an_open_ticket_is_equal_in_the_queue_and_in_enforcement(carol, alice, tier1, now):
    mine = lifecycle.open_ticket(
        requester=carol, subject="A", text="B", channel="web", by=carol, team=tier1, at=now - HOUR
    )
    loaded = load_one(requester=carol.pk, subject="A", text="B", channel="web", team=tier1.pk, at=now - HOUR)

    assert_equal(mine, loaded)
    assert loaded.clocks.exclude(next_at=None).count() == 2


def test_an_import_writes_its_breaches_and_owes_no_reaction__S(carol, alice, monday):
    loaded = loading.load([LoadedTicket(requester=carol.pk, subject="A", text="B", channel="email", at=monday)])

    ticket = Ticket.objects.get(pk=loaded.ticket_ids[0])
    assert (ticket.origin, ticket.is_enforced) == ("import", False)
    for clock in ticket.clocks.all():
        assert (clock.breached_at, clock.next_at) == (clock.due_at, None)
    breaches = Event.objects.filter(kind="ticket.sla_breached")
    assert {event.happened_at for event in breaches} == {clock.due_at for clock in ticket.clocks.all()}
    assert set(Event.objects.values_list("origin", flat=True)) == {"import"}
    assert not Delivery.objects.exists()


def test_sequences_have_no_gaps_and_numbers_go_on(carol, monday):
    loaded = loading.load(
        LoadedTicket(requester=carol.pk, subject=f"T{n}", text="B", channel="email", at=monday) for n in range(30)
    )
    assert loaded.counts["tickets"] == 30
    for ticket in Ticket.objects.filter(pk__in=loaded.ticket_ids):
        seqs = list(Event.objects.filter(subject_id=ticket.pk).values_list("subject_seq", flat=True))
        assert seqs == list(range(1, ticket.event_seq + 1))
    later = lifecycle.open_ticket(requester=carol, subject="A", text="B", channel="web", by=carol)
    assert later.number > max(Ticket.objects.filter(pk__in=loaded.ticket_ids).values_list("number", flat=True))


def test_an_import_may_come_back_after_closed(carol, alice, monday):
    loaded = loading.load([
        LoadedTicket(
            requester=carol.pk, subject="A", text="B", channel="email", at=monday,
            steps=[Taken(at=monday, by=alice.pk), Closed(at=monday + HOUR), Wrote(at=monday + 2 * HOUR, text="C")],
        ),
    ])  # fmt: skip
    assert Ticket.objects.get(pk=loaded.ticket_ids[0]).status == Status.OPEN


def test_all_or_nothing(carol, alice, monday):
    twice = [
        LoadedTicket(
            requester=carol.pk, subject="A", text="B", channel="email", at=monday, external_source="x", external_id="1"
        )
    ] * 2
    with pytest.raises(IntegrityError):
        loading.load(twice)


def test_nothing_of_a_bad_batch_stays(carol, monday):
    with pytest.raises(Malformed):
        loading.load([
            LoadedTicket(requester=carol.pk, subject="A", text="B", channel="email", at=monday),
            LoadedTicket(requester=0, subject="A", text="B", channel="email", at=monday),
        ])  # fmt: skip
    assert not Ticket.objects.exists()


def test_what_people_typed_survives_copy(carol, monday):
    text = "Tab\there, back\\slash, \\N, quotes \" and '\nאבג 🔥 x\x00y"
    loaded = loading.load([
        LoadedTicket(
            requester=carol.pk, subject="\\N\t\x00", text=text, channel="email", at=monday, custom={"a\tb": "\\\n"}
        ),
    ])  # fmt: skip
    ticket = Ticket.objects.get(pk=loaded.ticket_ids[0])
    assert ticket.entries.get().text == text.replace("\x00", "")
    assert (ticket.subject, ticket.custom) == ("\\N", {"a\tb": "\\\n"})
