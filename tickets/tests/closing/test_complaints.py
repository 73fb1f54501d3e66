"""The four steps of a complaint (T5)."""

import pytest

from common.errors import Refused
from tickets import lifecycle
from tickets.lifecycle import closing, complaints, confirming
from tickets.models import Entry, Status, TicketType

pytestmark = pytest.mark.django_db


@pytest.fixture
def complaint(taken_ticket):
    taken_ticket.type = TicketType.COMPLAINT
    taken_ticket.save(update_fields=["type"])
    return taken_ticket


def steps(ticket):
    return list(ticket.complaint_steps.filter(dropped_at=None).order_by("pk").values_list("step", flat=True))


def test_the_four_steps_in_their_order__T5(complaint, alice, told):
    complaints.take_step(complaint, by=alice, step="understood", text="Her desk burned.")
    complaints.take_step(complaint, by=alice, step="confirmed", text="You say your desk burned. Is that so?")
    complaints.take_step(complaint, by=alice, step="resolved")
    complaints.take_step(complaint, by=alice, step="thanked", text="Thank you for telling us.")

    assert steps(complaint) == ["understood", "confirmed", "resolved", "thanked"]
    assert told(complaint, "complaint_step") == ["complaint_step"] * 4


def test_what_was_understood_stays_inside__T5_T13(complaint, alice):
    taken = complaints.take_step(complaint, by=alice, step="understood", text="Her desk burned.")

    assert taken.entry.visibility == Entry.Visibility.INTERNAL


def test_what_is_said_back_reaches_the_customer__T5(complaint, alice):
    complaints.take_step(complaint, by=alice, step="understood", text="Her desk burned.")
    taken = complaints.take_step(complaint, by=alice, step="confirmed", text="Your desk burned?")

    assert taken.entry.visibility == Entry.Visibility.PUBLIC
    complaint.refresh_from_db()
    assert complaint.unanswered_since is None


def test_said_back_on_the_phone__T5(complaint, alice, call):
    complaints.take_step(complaint, by=alice, step="understood", text="Her desk burned.")

    complaints.take_step(complaint, by=alice, step="confirmed", contact=call)

    assert steps(complaint) == ["understood", "confirmed"]


@pytest.mark.parametrize("step", ["confirmed", "resolved", "thanked"])
def test_no_step_before_the_one_before__T5(complaint, alice, step, refused):
    refused(
        lambda: complaints.take_step(complaint, by=alice, step=step, text="x"),
        complaint, code="step_out_of_order", rule="T5",
    )  # fmt: skip


def test_no_step_twice__T5(complaint, alice, refused):
    complaints.take_step(complaint, by=alice, step="understood", text="Her desk burned.")

    refused(
        lambda: complaints.take_step(complaint, by=alice, step="understood", text="x"),
        complaint, code="step_taken", rule="T5",
    )  # fmt: skip


def test_words_are_needed__T5(complaint, alice, refused):
    refused(
        lambda: complaints.take_step(complaint, by=alice, step="understood"), complaint, code="text_missing", rule="T5"
    )


def test_a_question_has_no_steps__T5(taken_ticket, alice, refused):
    refused(
        lambda: complaints.take_step(taken_ticket, by=alice, step="understood", text="x"),
        taken_ticket, code="no_complaint", rule="T5",
    )  # fmt: skip


def test_not_resolved_before_it_was_confirmed__T5(complaint, alice, refused):
    complaints.take_step(complaint, by=alice, step="understood", text="Her desk burned.")

    refused(lambda: closing.resolve(complaint, by=alice), complaint, code="not_confirmed", rule="T5")


def test_resolving_is_the_third_step_and_not_solved_takes_it_back__T5(complaint, alice, carol, call):
    complaints.take_step(complaint, by=alice, step="understood", text="Her desk burned.")
    complaints.take_step(complaint, by=alice, step="confirmed", contact=call)
    closing.resolve(complaint, by=alice)
    assert steps(complaint) == ["understood", "confirmed", "resolved"]

    confirming.confirm(complaint, by=carol, solved=False, via="link")

    assert steps(complaint) == ["understood", "confirmed"]
    assert complaint.status == Status.OPEN


def test_thanked_after_the_end__T5(complaint, alice, carol, call):
    complaints.take_step(complaint, by=alice, step="understood", text="Her desk burned.")
    complaints.take_step(complaint, by=alice, step="confirmed", contact=call)
    closing.resolve(complaint, by=alice)
    confirming.confirm(complaint, by=carol, solved=True, via="link")

    taken = complaints.take_step(complaint, by=alice, step="thanked", text="Thank you for telling us.")

    assert steps(complaint)[-1] == "thanked"
    assert taken.entry.visibility == Entry.Visibility.PUBLIC
    assert complaint.status == Status.CLOSED


def test_a_supervisors_leave_lets_a_begun_complaint_be_dropped_once__T5(complaint, alice, sara):
    complaints.take_step(complaint, by=alice, step="understood", text="It is a question after all.")
    asked = lifecycle.ask_approval(complaint, by=alice, rule="T5", act="set_type", reason="She only asks.")
    lifecycle.give_approval(asked, by=sara)

    lifecycle.set_type(complaint, by=alice, type=TicketType.QUESTION)

    asked.refresh_from_db()
    assert asked.used_at is not None
    lifecycle.set_type(complaint, by=alice, type=TicketType.COMPLAINT)
    complaints.take_step(complaint, by=alice, step="understood", text="A complaint it is.")
    with pytest.raises(Refused) as refusal:
        lifecycle.set_type(complaint, by=alice, type=TicketType.QUESTION)
    assert refusal.value.code == "supervisor_needed"
