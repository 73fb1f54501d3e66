"""Whoever a case is about does not handle it (T13); who has it meanwhile keeps it (E3); words in the right language."""

import pytest
from django.utils import translation

from common.errors import Refused
from tickets import lifecycle
from tickets.lifecycle import transferring
from tickets.models import Entry, EscalationReason, Ticket
from tickets.policy import escalating, passing

pytestmark = pytest.mark.django_db
Reason = EscalationReason.Reason


@pytest.fixture
def own(carol):
    """``own(user)``: carol of the tickets is this colleague."""

    def belong(user):
        carol.user = user
        carol.save(update_fields=["user"])
        user.__dict__.pop("_viewer", None)

    return belong


def test_nobody_steps_in_on_their_own_case__T13(taken_ticket, alice, sara, own):
    raised = lifecycle.escalate(taken_ticket, by=alice, reason=Reason.LIMIT)
    own(sara)
    assert escalating.may_take_escalation(sara, raised).refusal.code == "own_ticket"
    with pytest.raises(Refused):
        lifecycle.take_escalation(raised, by=sara)


def test_nobody_accepts_their_own_case__T13(taken_ticket, bella, pass_on, own):
    sent = pass_on(taken_ticket)
    own(bella)
    assert passing.may_answer_transfer(bella, sent).refusal.code == "own_ticket"
    with pytest.raises(Refused):
        transferring.accept_transfer(sent, by=bella)


def test_coaching_leaves_a_case_with_who_accepted_it_meanwhile__E3(taken_ticket, alice, bella, sven, pass_on):
    raised = lifecycle.escalate(taken_ticket, by=alice, reason=Reason.LIMIT)
    transferring.accept_transfer(pass_on(taken_ticket), by=bella)

    lifecycle.coach_escalation(raised, by=sven, guidance="Offer a refund.")

    taken_ticket = Ticket.objects.get(pk=taken_ticket.pk)
    assert (taken_ticket.team.name, taken_ticket.assignee) == ("Billing", bella)


def test_the_customer_is_told_in_their_language__E5(taken_ticket, alice, monkeypatch):
    Ticket.objects.filter(pk=taken_ticket.pk).update(language="de")
    spoken = []
    monkeypatch.setattr(
        "tickets.lifecycle.escalating._", lambda words: spoken.append(translation.get_language()) or words
    )
    with translation.override("fr"):
        lifecycle.escalate(taken_ticket, by=alice, reason=Reason.LIMIT)
    assert Entry.objects.filter(ticket=taken_ticket, is_automatic=True).exists()
    assert spoken[-1] == "de"


def test_the_transfer_is_told_in_their_language__X1(taken_ticket, billing, monkeypatch):
    Ticket.objects.filter(pk=taken_ticket.pk).update(language="de")
    taken_ticket.refresh_from_db()
    spoken = []
    monkeypatch.setattr(
        "tickets.lifecycle.transferring._", lambda words: spoken.append(translation.get_language()) or words
    )
    with translation.override("fr"):
        transferring.told(taken_ticket, billing)
    assert spoken == ["de"]


def test_nobody_is_the_expert_of_their_own_case__T13(taken_ticket, alice, bella, sara, own):
    raised = lifecycle.escalate(taken_ticket, by=alice, reason=Reason.LIMIT)
    own(bella)
    with pytest.raises(Refused) as refusal:
        lifecycle.assign_escalation(raised, by=sara, to=bella)
    assert refusal.value.code == "own_ticket"


def test_a_case_is_not_accepted_for_one_who_has_left__X3(taken_ticket, bella, sven, pass_on):
    sent = pass_on(taken_ticket, to_agent=bella)
    bella.is_active = False
    bella.save(update_fields=["is_active"])
    transferring.accept_transfer(sent, by=sven)
    assert Ticket.objects.get(pk=taken_ticket.pk).assignee == sven
