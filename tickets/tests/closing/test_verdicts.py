"""A page asks every policy for every button: the answers carry their reason and cost one query together (T13)."""

import pytest

from staff.access import viewer
from tickets.lifecycle import closing, escalating
from tickets.models import Ticket, Transfer
from tickets.policy.assigning import may_assign, may_take
from tickets.policy.closing import may_reopen, may_resolve
from tickets.policy.complaints import may_change_type, may_take_step
from tickets.policy.merging import may_merge
from tickets.policy.properties import may_describe, may_mark_spam, may_restore, may_trash, may_unmark_spam

pytestmark = pytest.mark.django_db

BUTTONS = (
    may_take, may_assign, may_describe, may_change_type, may_take_step, may_resolve, may_reopen, may_merge,
    may_mark_spam, may_unmark_spam, may_trash, may_restore,
)  # fmt: skip


def test_all_buttons_cost_one_query__T13(taken_ticket, alice, django_assert_num_queries):
    ticket = Ticket.objects.select_related("team", "requester", "assignee").get(pk=taken_ticket.pk)
    viewer(alice)

    with django_assert_num_queries(1):  # the facts
        allowed = {button.__name__ for button in BUTTONS if button(alice, ticket)}

    assert allowed == {
        "may_assign", "may_describe", "may_change_type", "may_resolve", "may_merge", "may_mark_spam", "may_trash",
    }  # fmt: skip


@pytest.mark.parametrize("button", BUTTONS)
def test_who_is_no_staff_gets_a_reason_each__T13(taken_ticket, make_user, button):
    verdict = button(make_user("zoe"), taken_ticket)

    assert not verdict
    assert verdict.why
    assert verdict.refusal.rule == "T13"


@pytest.mark.parametrize("button", BUTTONS)
def test_third_party_and_restricted_get_a_reason_each__T13(taken_ticket, tier1, theo, bella, button):
    assert button(theo, taken_ticket).refusal.code == "not_your_team"
    tier1.is_restricted = True
    tier1.save(update_fields=["is_restricted"])
    taken_ticket.refresh_from_db()

    assert button(bella, taken_ticket).refusal.code == "restricted_team"


def test_what_runs_is_read_anew_once_something_happened(taken_ticket, alice, sara, billing, now):
    assert may_resolve(alice, taken_ticket)

    escalating.escalate(taken_ticket, by=alice, reason="limit")
    taken_ticket.refresh_from_db()

    verdict = may_resolve(alice, taken_ticket)
    assert verdict.refusal.code == "escalation_open"
    assert "Sara" in verdict.why


def test_a_verb_never_decides_from_what_a_page_read(taken_ticket, alice, billing, now, refused):
    assert may_resolve(alice, taken_ticket)
    Transfer.objects.create(
        ticket=taken_ticket, sender=alice, to_team=billing, reason="expertise", consent="told", understood="x",
        tried="y", sent_at=now, accept_by=now,
    )  # fmt: skip

    refused(lambda: closing.resolve(taken_ticket, by=alice), taken_ticket, code="transfer_running", rule="T12")
