"""What a ticket is about, how urgent it is, spam and trash (T2, T5, C6)."""

from datetime import timedelta

import pytest

from common.errors import Malformed
from customers.models import Flag
from events.models import Event
from tickets.lifecycle import complaints, properties
from tickets.models import Category, Clock, Priority, Promise, Tag, TicketType

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("impact", "urgency", "priority"),
    [(3, 3, 4), (3, 2, 3), (2, 3, 3), (2, 2, 2), (3, 1, 2), (1, 3, 2), (1, 2, 1), (2, 1, 1), (1, 1, 1)],
)
def test_priority_comes_from_impact_and_urgency(taken_ticket, alice, impact, urgency, priority):
    properties.set_priority(taken_ticket, by=alice, impact=impact, urgency=urgency)

    assert taken_ticket.priority == priority


def test_prioritising_tells_from_and_to__T6(taken_ticket, alice, told):
    properties.set_priority(taken_ticket, by=alice, impact=3, urgency=3)

    assert told(taken_ticket) == ["prioritised"]
    data = Event.objects.get(kind="ticket.prioritised").data
    assert (data["from"]["priority"], data["to"]["priority"]) == (Priority.NORMAL, Priority.URGENT)


def test_the_same_priority_tells_nothing(taken_ticket, alice, told):
    properties.set_priority(taken_ticket, by=alice, impact=2, urgency=2)

    assert told(taken_ticket) == []


def test_an_old_quarrel_never_lowers_a_priority__C6(taken_ticket, make_ticket, oscar, tier1, carol, alice, now):
    for kind in (Flag.Kind.ABUSIVE, Flag.Kind.VULGAR, Flag.Kind.LEGAL_THREAT):
        Flag.objects.create(
            person=carol, kind=kind, reason="Shouted.", set_by=alice,
            review_at=now + timedelta(days=1), expires_at=now + timedelta(days=9),
        )  # fmt: skip
    other = make_ticket(oscar, team=tier1, at=taken_ticket.opened_at)

    for ticket in (taken_ticket, other):
        properties.set_priority(ticket, by=alice, impact=3, urgency=3, at=now)

    assert taken_ticket.priority == other.priority == Priority.URGENT
    assert taken_ticket.queue_at == other.queue_at


def test_a_level_that_is_none_is_malformed(taken_ticket, alice, refused):
    refused(
        lambda: properties.set_priority(taken_ticket, by=alice, impact=9, urgency=1), taken_ticket, code="no_such_level"
    )


def test_a_type_is_changed__T2(taken_ticket, alice, told):
    properties.set_type(taken_ticket, by=alice, type=TicketType.INCIDENT)

    assert taken_ticket.type == TicketType.INCIDENT
    assert told(taken_ticket) == ["typed"]


def test_a_begun_complaint_is_dropped_only_with_a_supervisor__T5(taken_ticket, alice, sara, refused, told):
    properties.set_type(taken_ticket, by=alice, type=TicketType.COMPLAINT)
    complaints.take_step(taken_ticket, by=alice, step="understood", text="The printer burned her desk.")

    refused(
        lambda: properties.set_type(taken_ticket, by=alice, type=TicketType.QUESTION),
        taken_ticket, code="supervisor_needed", rule="T5",
    )  # fmt: skip
    properties.set_type(taken_ticket, by=sara, type=TicketType.QUESTION)

    assert not taken_ticket.complaint_steps.filter(dropped_at=None).exists()
    assert taken_ticket.complaint_steps.count() == 1


def test_a_complaint_not_begun_changes_freely__T5(taken_ticket, alice):
    properties.set_type(taken_ticket, by=alice, type=TicketType.COMPLAINT)
    properties.set_type(taken_ticket, by=alice, type=TicketType.QUESTION)

    assert taken_ticket.type == TicketType.QUESTION


def test_category_tags_and_subject_each_tell_once__T6(taken_ticket, alice, told):
    category = Category.objects.create(name="Printers")
    Tag.objects.create(name="Fire")

    properties.set_category(taken_ticket, by=alice, category=category)
    properties.set_tags(taken_ticket, by=alice, tags=["fire", " smoke ", ""])
    properties.set_subject(taken_ticket, by=alice, subject="Fire\x00 in the\nprinter")

    assert taken_ticket.category == category
    assert sorted(taken_ticket.tags.values_list("name", flat=True)) == ["Fire", "smoke"]
    assert taken_ticket.subject == "Fire in the printer"
    assert told(taken_ticket) == ["classified", "tagged", "renamed"]
    assert "Fire" not in str(list(Event.objects.values_list("data", flat=True)))


@pytest.mark.parametrize("subject", ["", "  \x00 ", "x" * 251])
def test_a_subject_that_is_none(taken_ticket, alice, subject):
    with pytest.raises(Malformed):
        properties.set_subject(taken_ticket, by=alice, subject=subject)


def test_spam_leaves_the_queue_and_comes_back_as_it_was(taken_ticket, alice, told, now):
    before = list(Clock.objects.filter(ticket=taken_ticket).order_by("pk").values())
    assert before

    properties.mark_spam(taken_ticket, by=alice, at=now)

    assert taken_ticket.is_spam
    assert not Clock.objects.filter(ticket=taken_ticket, cancelled_at=None).exists()

    properties.unmark_spam(taken_ticket, by=alice, at=now + timedelta(hours=1))

    assert not taken_ticket.is_spam
    assert list(Clock.objects.filter(ticket=taken_ticket).order_by("pk").values()) == before
    assert told(taken_ticket) == ["spam_marked", "spam_unmarked"]


def test_the_trash_gives_back(taken_ticket, alice, told):
    before = list(Clock.objects.filter(ticket=taken_ticket).order_by("pk").values())

    properties.trash(taken_ticket, by=alice)
    assert taken_ticket.trashed_at
    properties.restore(taken_ticket, by=alice)

    assert taken_ticket.trashed_at is None
    assert list(Clock.objects.filter(ticket=taken_ticket).order_by("pk").values()) == before
    assert told(taken_ticket) == ["trashed", "restored"]


def test_a_legal_hold_keeps_it__E6(taken_ticket, alice, refused, now):
    taken_ticket.legal_hold_since = now
    taken_ticket.save(update_fields=["legal_hold_since"])

    refused(lambda: properties.trash(taken_ticket, by=alice), taken_ticket, code="legal_hold", rule="E6")


def test_where_something_was_promised_nothing_is_set_aside__T8(taken_ticket, alice, refused, now):
    Promise.objects.create(
        ticket=taken_ticket, owner=alice, made_by=alice, made_at=now, due_at=now + timedelta(hours=1),
        break_at=now + timedelta(days=1),
    )  # fmt: skip

    refused(lambda: properties.mark_spam(taken_ticket, by=alice), taken_ticket, code="promises_open", rule="T8")


def test_nothing_of_another_restricted_team__T13(taken_ticket, tier1, bella, refused):
    tier1.is_restricted = True
    tier1.save(update_fields=["is_restricted"])

    for act in (
        lambda: properties.set_priority(taken_ticket, by=bella, impact=3, urgency=3),
        lambda: properties.set_type(taken_ticket, by=bella, type="incident"),
        lambda: properties.set_subject(taken_ticket, by=bella, subject="Mine"),
        lambda: properties.mark_spam(taken_ticket, by=bella),
        lambda: properties.trash(taken_ticket, by=bella),
    ):
        refused(act, taken_ticket, code="restricted_team", rule="T13")
