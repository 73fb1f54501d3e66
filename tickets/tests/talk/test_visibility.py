"""T13: who sees what."""

import pytest
from django.contrib.auth.models import AnonymousUser

from staff.models import Membership
from tickets import lifecycle
from tickets.models import Entry, Escalation, Participant, Ticket, Transfer
from tickets.visibility import entries_for, is_customer_of, may_see_internal, sees_as_staff


def sees(user, ticket):
    user.__dict__.pop("_viewer", None)
    in_list = Ticket.objects.visible_to(user).filter(pk=ticket.pk).exists()
    return in_list


@pytest.fixture
def customer(make_user):
    """``customer(carol)``: a user who signs in as that person and is no staff."""

    def make(person):
        user = make_user(person.name.split()[0].lower() + "-signs-in")
        user.staff_profile.delete()
        person.user = user
        person.save(update_fields=["user"])
        return user

    return make


def restrict(team):
    team.is_restricted = True
    team.save(update_fields=["is_restricted"])


def test_in_house_staff_see_all__T13(mailed, alice, bella, mia, adam, theo):
    assert [sees(user, mailed) for user in (alice, bella, mia, adam)] == [True] * 4
    assert not sees(theo, mailed)


def test_restricted_teams_are_for_their_members__T13(mailed, alice, sara, bella, mia, adam, tier1):
    restrict(tier1)
    assert [sees(user, mailed) for user in (alice, sara)] == [True, True]
    assert [sees(user, mailed) for user in (bella, mia, adam)] == [False] * 3
    assert not sees_as_staff(bella, Ticket.objects.get(pk=mailed.pk))


def test_third_party_staff_see_their_own_teams__T13(mailed, theo, billing, tier1, carol):
    theirs = lifecycle.open_ticket(requester=carol, subject="A", text="B", channel="web", by=carol, team=billing)
    nobodys = lifecycle.open_ticket(requester=carol, subject="A", text="B", channel="web", by=carol)
    assert (sees(theo, theirs), sees(theo, nobodys), sees(theo, mailed)) == (True, False, False)
    assert sees_as_staff(theo, theirs)


def test_who_is_asked_to_accept_or_to_step_in_sees_it__T13(mailed, alice, theo, billing, now):
    passed = Transfer.objects.create(
        ticket=mailed, sender=alice, to_team=billing, reason="expertise", consent="told", understood="u", tried="t",
        sent_at=now, accept_by=now,
    )  # fmt: skip
    assert sees(theo, mailed)
    assert sees_as_staff(theo, mailed)
    Transfer.objects.filter(pk=passed.pk).update(status="refused")
    assert not sees(theo, mailed)
    Escalation.objects.create(ticket=mailed, kind="functional", target_team=billing, raised_at=now)
    assert sees(theo, mailed)


def test_customers_see_their_own_and_what_they_take_part_in__T13(mailed, customer, carol, oscar, ivan, now):
    me, colleague, other = customer(carol), customer(oscar), customer(ivan)
    assert (sees(me, mailed), sees(colleague, mailed), sees(other, mailed)) == (True, False, False)
    row = Participant.objects.create(ticket=mailed, person=oscar, role="cc")
    assert sees(colleague, mailed)
    Participant.objects.filter(pk=row.pk).update(role="follower")
    assert not sees(colleague, mailed)
    Ticket.objects.filter(pk=mailed.pk).update(is_spam=True)
    assert not sees(me, mailed)


def test_an_organisation_that_shares_sees_its_tickets__T13(mailed, customer, oscar, acme):
    colleague = customer(oscar)
    acme.shares_tickets = True
    acme.save(update_fields=["shares_tickets"])
    assert sees(colleague, mailed)


def test_nobody_else_sees_anything__T13(mailed, alice):
    assert not Ticket.objects.visible_to(AnonymousUser()).exists()
    alice.is_active = False
    alice.save(update_fields=["is_active"])
    assert not sees(alice, mailed)


def test_nobody_sees_notes_on_a_ticket_where_they_are_the_customer__T13(mailed, alice, bob, carol):
    note = lifecycle.add_note(mailed, by=alice, text="Between us")
    assert note in entries_for(mailed, bob)
    carol.user = bob
    carol.save(update_fields=["user"])
    bob.__dict__.pop("_viewer")

    assert is_customer_of(bob, mailed)
    assert not may_see_internal(bob, mailed)
    assert note not in entries_for(mailed, bob)
    assert entries_for(mailed, bob).count() == 1


def test_restricted_notes_are_for_author_and_supervisors__T13(mailed, alice, bob, sara):
    note = lifecycle.add_note(mailed, by=alice, text="Careful", restricted=True)
    assert [note in entries_for(mailed, user) for user in (alice, sara, bob)] == [True, True, False]


def test_what_was_undone_is_for_staff_alone(mailed, alice, customer, carol, now):
    entry = lifecycle.reply(mailed, by=alice, text="Oops", at=now)
    lifecycle.withdraw_reply(entry, by=alice, at=now)
    assert entry in entries_for(mailed, alice)
    assert entry not in entries_for(mailed, customer(carol))
    assert Entry.objects.count() == 2


def test_a_member_by_supervision_sees_the_teams_below__T13(mailed, make_user, tier1, billing):
    head = make_user("head", team=billing, team_role=Membership.TeamRole.SUPERVISOR)
    tier1.parent, tier1.is_restricted = billing, True
    tier1.save(update_fields=["parent", "is_restricted"])
    assert sees(head, mailed)
