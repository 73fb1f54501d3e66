from datetime import timedelta

import pytest

from common.errors import Refused
from events.models import Approval, Event
from staff.models import StaffProfile
from tickets.lifecycle import approving, holding, merging, promising, transferring
from tickets.models import Clock, Consent, Entry, FollowUp, HoldReason, Promise, Status, Transfer

WAITING, ACCEPTED = Transfer.Status.WAITING, Transfer.Status.ACCEPTED


def events(kind):
    return Event.objects.filter(kind=f"ticket.{kind}")


def test_tells_the_customer_and_says_who_why_and_what_was_tried__X1(taken_ticket, pass_on, alice, billing):
    sent = pass_on(taken_ticket)

    event = events("transfer_sent").get()
    assert (event.actor, event.data["to_team"], event.data["reason"]) == (alice, billing.pk, "expertise")
    assert sent.announcement.visibility == Entry.Visibility.PUBLIC
    assert billing.name in sent.announcement.text
    assert sent.tried == "Looked it up in the order."


@pytest.mark.parametrize("text", ["", "Our billing team looks into your invoice now."])
def test_only_words_of_ones_own_answer_the_customer__X1_S3(taken_ticket, pass_on, text):
    sent = pass_on(taken_ticket, text=text)

    first = Clock.objects.get(ticket=taken_ticket, metric=Clock.Metric.FIRST_RESPONSE)
    assert first.stopped_by == (sent.announcement if text else None)
    assert sent.announcement.event == events("transfer_sent").get()


@pytest.mark.parametrize("missing", ["understood", "tried"])
def test_needs_a_summary_so_that_nobody_asks_again__X1(taken_ticket, pass_on, missing):
    with pytest.raises(Refused, match="Sum up the problem") as refusal:
        pass_on(taken_ticket, **{missing: " \x00 "})

    assert (refusal.value.rule, refusal.value.field) == ("X1", missing)
    assert not Transfer.objects.exists()
    assert not events("transfer_sent").exists()


def test_a_caller_is_asked_before_they_are_passed_on__X1(taken_ticket, pass_on, call):
    with pytest.raises(Refused, match="Ask the customer"):
        pass_on(taken_ticket, contact=call, consent=Consent.TOLD)
    assert not Transfer.objects.exists()

    sent = pass_on(taken_ticket, contact=call, consent=Consent.GIVEN)
    assert sent.announcement is None
    assert sent.consent_at is not None


def test_a_call_that_has_ended_is_not_live__X1(taken_ticket, pass_on, call, now):
    call.ended_at = now
    call.save(update_fields=["ended_at"])

    with pytest.raises(Refused, match="in writing"):
        pass_on(taken_ticket, contact=call, consent=Consent.GIVEN)


def test_who_refuses_is_offered_a_promise_or_an_escalation__X1(taken_ticket, pass_on, call):
    with pytest.raises(Refused) as refusal:
        pass_on(taken_ticket, contact=call, consent=Consent.REFUSED)

    assert refusal.value.offers == ("promise", "escalate")
    assert not Transfer.objects.exists()


def test_only_safety_or_a_legal_duty_overrides__X1(taken_ticket, pass_on, call):
    with pytest.raises(Refused, match="outweighs"):
        pass_on(taken_ticket, contact=call, consent=Consent.OVERRIDDEN)

    assert pass_on(taken_ticket, contact=call, consent=Consent.OVERRIDDEN, reason=Transfer.Reason.SAFETY).pk


def test_inside_a_team_one_assigns__X2(taken_ticket, pass_on, tier1):
    with pytest.raises(Refused, match="one assigns"):
        pass_on(taken_ticket, to_team=tier1)


def test_an_agent_must_be_of_the_team__X2(taken_ticket, pass_on, bob, bella):
    with pytest.raises(Refused, match="not in the team"):
        pass_on(taken_ticket, to_agent=bob)

    assert pass_on(taken_ticket, to_agent=bella).to_agent == bella


def test_a_target_that_is_away_is_shown_before__X2(billing, bella, monday):
    there = transferring.target_state(billing, bella, at=monday)
    StaffProfile.objects.filter(user=bella).update(availability=StaffProfile.Availability.AWAY)
    away = transferring.target_state(billing, bella, at=monday - timedelta(hours=4))

    assert (there.is_open, there.online, there.agent_is_there) == (True, 1, True)
    assert (away.is_open, away.online, away.agent_is_there) == (False, 0, False)
    assert away.opens_at == monday - timedelta(hours=1)


def test_until_it_is_accepted_the_sender_has_it__X3(taken_ticket, pass_on, alice, bella, billing, tier1):
    sent = pass_on(taken_ticket)
    taken_ticket.refresh_from_db()
    assert (taken_ticket.assignee, taken_ticket.team) == (alice, tier1)

    transferring.accept_transfer(sent, by=bella)
    taken_ticket.refresh_from_db()
    assert (taken_ticket.assignee, taken_ticket.team) == (bella, billing)
    assert events("transferred").get().data["from_agent"] == alice.pk


def test_an_unassigned_ticket_becomes_the_senders__X3(printer_ticket, pass_on, alice):
    pass_on(printer_ticket)

    printer_ticket.refresh_from_db()
    assert (printer_ticket.assignee, printer_ticket.status) == (alice, Status.OPEN)


def test_only_who_has_it_passes_it_on__X3(taken_ticket, pass_on, bob):
    with pytest.raises(Refused, match="Take it first"):
        pass_on(taken_ticket, by=bob)


def test_one_at_a_time__X3(taken_ticket, pass_on):
    pass_on(taken_ticket)
    with pytest.raises(Refused, match="already waits"):
        pass_on(taken_ticket)
    assert Transfer.objects.count() == 1


def test_strangers_do_not_accept__X3(taken_ticket, pass_on, bob):
    sent = pass_on(taken_ticket)
    with pytest.raises(Refused, match="Only the team"):
        transferring.accept_transfer(sent, by=bob)
    assert not events("transferred").exists()


def test_a_refused_one_stays_with_the_sender__X3(taken_ticket, pass_on, alice, bella):
    sent = pass_on(taken_ticket)
    with pytest.raises(Refused, match="Say why"):
        transferring.refuse_transfer(sent, by=bella, why=" ")

    transferring.refuse_transfer(sent, by=bella, why="It is about the heating.")
    taken_ticket.refresh_from_db()
    assert taken_ticket.assignee == alice
    with pytest.raises(Refused, match="no longer waits"):
        transferring.accept_transfer(sent, by=bella)


def test_the_sender_takes_it_back__X3(taken_ticket, pass_on, alice, bella):
    sent = pass_on(taken_ticket)
    with pytest.raises(Refused, match="sender"):
        transferring.take_back_transfer(sent, by=bella)

    assert transferring.take_back_transfer(sent, by=alice).status == Transfer.Status.TAKEN_BACK
    assert events("transfer_taken_back").count() == 1


def test_nobody_accepts_in_time_so_the_senders_supervisor_has_it__X3(taken_ticket, pass_on, sara, monday):
    sent = pass_on(taken_ticket, at=monday)
    assert not transferring.return_due_transfer(sent.pk, at=sent.accept_by - timedelta(seconds=1))

    late = sent.accept_by + timedelta(minutes=3)
    assert transferring.return_due_transfer(sent.pk, at=late)
    assert not transferring.return_due_transfer(sent.pk, at=late)
    taken_ticket.refresh_from_db()
    assert taken_ticket.assignee == sara
    event = events("transfer_returned").get()
    assert (event.happened_at, event.data["supervisor"]) == (sent.accept_by, sara.pk)


def test_back_to_who_passed_it_on_needs_a_supervisor__X4(taken_ticket, pass_on, alice, bella, tier1, sara, sven):
    transferring.accept_transfer(pass_on(taken_ticket), by=bella)
    with pytest.raises(Refused) as refusal:
        pass_on(taken_ticket, by=bella, to_team=tier1)
    assert (refusal.value.code, refusal.value.rule) == ("approval_needed", "X4")

    asked = approving.ask_approval(taken_ticket, by=bella, rule="X4", act="transfer", reason="It is theirs after all")
    approving.give_approval(asked, by=sven)
    sent = pass_on(taken_ticket, by=bella, to_team=tier1)
    assert sent.approval.answer == Approval.Answer.GIVEN


def test_refused_ones_do_not_count__X4(taken_ticket, pass_on, bella):
    for _try in range(3):
        transferring.refuse_transfer(pass_on(taken_ticket), by=bella, why="Not ours.")
    assert pass_on(taken_ticket).status == WAITING


def test_the_first_agent_keeps_the_duty_to_ask__X5(taken_ticket, pass_on, alice, bella):
    transferring.accept_transfer(pass_on(taken_ticket), by=bella)

    duty = FollowUp.objects.get()
    assert (duty.owner, duty.status) == (alice, FollowUp.Status.WAITING)


def test_promises_move_only_when_taken_over__X6(taken_ticket, pass_on, alice, bella, tomorrow):
    kept_by_alice = promising.promise(taken_ticket, by=alice, kind=Promise.Kind.CALL_BACK, due_at=tomorrow)
    moved = promising.promise(taken_ticket, by=alice, kind=Promise.Kind.SEND, due_at=tomorrow)

    transferring.accept_transfer(pass_on(taken_ticket), by=bella, take_promises=[moved.pk])
    kept_by_alice.refresh_from_db()
    moved.refresh_from_db()
    assert (kept_by_alice.owner, moved.owner) == (alice, bella)


def test_never_restarts_a_clock__X7(taken_ticket, pass_on, bella, call):
    before = list(Clock.objects.order_by("pk").values("started_at", "due_at", "stopped_at", "target_seconds"))
    transferring.accept_transfer(pass_on(taken_ticket, contact=call, consent=Consent.GIVEN), by=bella)

    assert list(Clock.objects.order_by("pk").values("started_at", "due_at", "stopped_at", "target_seconds")) == before


def test_a_running_hold_is_inherited__X3(taken_ticket, pass_on, alice, bella, hold_reasons, tomorrow):
    reason = hold_reasons[HoldReason.objects.filter(side="ours").first().code]
    placed = holding.hold(taken_ticket, by=alice, reason=reason, consent=Consent.TOLD, until=tomorrow)

    transferring.accept_transfer(pass_on(taken_ticket), by=bella)
    placed.refresh_from_db()
    assert (placed.ended_at, placed.inherited_by) == (None, bella)


def test_a_merged_ticket_brings_its_transfers_along__X4(
    taken_ticket, make_ticket, carol, pass_on, alice, bella, tier1, sara
):
    other = make_ticket(carol, "The same again", team=tier1, assignee=alice, status=Status.OPEN)
    transferring.accept_transfer(pass_on(other), by=bella)
    other.refresh_from_db()
    merging.merge(other, into=taken_ticket, by=sara)

    taken_ticket.refresh_from_db()
    assert transferring.needs_supervisor(taken_ticket, tier1)
