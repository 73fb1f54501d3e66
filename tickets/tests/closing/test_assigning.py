"""Taking and assigning (T3, T13, X1)."""

import pytest

from staff.models import Membership
from tickets.lifecycle import assigning
from tickets.models import Status
from tickets.policy.assigning import may_assign, may_take

pytestmark = pytest.mark.django_db


def test_new_becomes_open_and_mine__T3(printer_ticket, alice, told):
    assigning.take(printer_ticket, by=alice)

    assert (printer_ticket.status, printer_ticket.assignee, printer_ticket.first_agent) == (Status.OPEN, alice, alice)
    assert told(printer_ticket) == ["taken"]


def test_what_a_colleague_has_is_not_taken(taken_ticket, bob, refused):
    error = refused(lambda: assigning.take(taken_ticket, by=bob), taken_ticket, code="taken")

    assert "Alice" in str(error)


def test_taking_twice_says_so(taken_ticket, alice, refused):
    refused(lambda: assigning.take(taken_ticket, by=alice), taken_ticket, code="already_yours")


def test_another_teams_ticket_is_not_taken__X1(printer_ticket, bella, refused):
    refused(lambda: assigning.take(printer_ticket, by=bella), printer_ticket, code="other_team", rule="X1")


def test_a_ticket_without_a_team_gets_the_takers(make_ticket, carol, alice, tier1):
    ticket = make_ticket(carol)

    assigning.take(ticket, by=alice)

    assert ticket.team == tier1


def test_a_customer_takes_nothing__T13(printer_ticket, make_user, carol, refused):
    user = make_user("carol_login")
    carol.user = user
    carol.save(update_fields=["user"])

    refused(lambda: assigning.take(printer_ticket, by=user), printer_ticket, code="not_staff", rule="T13")


def test_nobody_works_on_their_own_case__T13(make_ticket, make_person, alice, tier1, refused):
    ticket = make_ticket(make_person("Alice at home", user=alice), team=tier1)

    refused(lambda: assigning.take(ticket, by=alice), ticket, code="own_ticket", rule="T13")


def test_third_party_agents_only_touch_their_teams__T13(printer_ticket, make_ticket, carol, billing, theo, refused):
    theirs = make_ticket(carol, team=billing)

    refused(lambda: assigning.take(printer_ticket, by=theo), printer_ticket, code="not_your_team", rule="T13")
    assigning.take(theirs, by=theo)

    assert theirs.assignee == theo


def test_restricted_teams_keep_their_tickets__T13(printer_ticket, tier1, bella, refused):
    tier1.is_restricted = True
    tier1.save(update_fields=["is_restricted"])

    refused(lambda: assigning.take(printer_ticket, by=bella), printer_ticket, code="restricted_team", rule="T13")
    assert may_take(bella, printer_ticket).why


def test_a_deactivated_user_does_nothing__T13(printer_ticket, alice, refused):
    alice.is_active = False
    alice.save(update_fields=["is_active"])

    refused(lambda: assigning.take(printer_ticket, by=alice), printer_ticket, code="not_staff")


def test_inside_a_team_one_assigns__X1(taken_ticket, alice, bob, told):
    assigning.assign(taken_ticket, by=alice, to=bob)

    assert (taken_ticket.assignee, taken_ticket.first_agent) == (bob, alice)
    assert told(taken_ticket) == ["assigned"]


def test_across_teams_one_transfers__X1(taken_ticket, alice, bella, billing, refused):
    refused(lambda: assigning.assign(taken_ticket, by=alice, to=bella), taken_ticket, code="across_teams", rule="X1")
    refused(
        lambda: assigning.assign(taken_ticket, by=alice, team=billing), taken_ticket, code="across_teams", rule="X1"
    )


def test_a_first_team_is_given__X1(make_ticket, carol, alice, bella, billing, told):
    ticket = make_ticket(carol)

    assigning.assign(ticket, by=alice, to=bella, team=billing)

    assert (ticket.team, ticket.assignee, ticket.status) == (billing, bella, Status.OPEN)
    assert told(ticket) == ["assigned"]


def test_back_to_the_team(taken_ticket, alice):
    assigning.assign(taken_ticket, by=alice, to=None)

    assert (taken_ticket.assignee, taken_ticket.status) == (None, Status.OPEN)


def test_a_supervisor_assigns_in_their_team(printer_ticket, sara, bob):
    assigning.assign(printer_ticket, by=sara, to=bob)

    assert printer_ticket.assignee == bob


def test_another_teams_agent_does_not_assign(printer_ticket, bella, alice, refused):
    refused(lambda: assigning.assign(printer_ticket, by=bella, to=alice), printer_ticket, code="other_team")


def test_who_left_gets_nothing(printer_ticket, alice, bob, refused):
    Membership.objects.filter(user=bob).delete()
    bob.grants.all().delete()

    refused(lambda: assigning.assign(printer_ticket, by=alice, to=bob), printer_ticket, code="not_staff")


def test_a_button_knows_before__T13(printer_ticket, taken_ticket, alice, bella):
    assert not may_take(alice, taken_ticket)
    assert may_assign(alice, taken_ticket)
    assert not may_assign(bella, taken_ticket)
