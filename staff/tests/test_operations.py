"""Roles, teams, availability, leaving."""

from __future__ import annotations

import pytest

from accounts.models import Role, RoleGrant, User
from common.errors import Malformed, Refused
from events.models import Event
from staff import operations
from staff.access import viewer
from staff.models import Membership


def test_a_granted_role_is_a_row_and_an_event(alice, adam):
    assert not viewer(alice).is_manager

    operations.grant_role(alice, Role.MANAGER, by=adam)
    operations.grant_role(alice, Role.MANAGER, by=adam)

    event = Event.objects.get(kind="staff.role_granted")
    assert (event.subject_kind, event.subject_id, event.actor, event.data) == (
        "user", alice.pk, adam, {"role": "manager"},
    )  # fmt: skip
    assert RoleGrant.objects.get(user=alice, role="manager").granted_by == adam
    assert viewer(alice).is_manager  # what was read before is forgotten

    operations.revoke_role(alice, Role.MANAGER, by=adam)
    operations.revoke_role(alice, Role.MANAGER, by=adam)
    assert Event.objects.filter(kind="staff.role_revoked").count() == 1
    assert not viewer(alice).is_manager


@pytest.mark.parametrize("who", ["alice", "sara", "mia", "dora"])
def test_only_an_admin_makes_somebody_more(who, request, bob):
    with pytest.raises(Refused, match="admin"):
        operations.grant_role(bob, Role.ADMIN, by=request.getfixturevalue(who))

    assert bob.roles == {"agent"}
    assert not Event.objects.exists()


def test_an_unknown_role_is_malformed(bob, adam):
    with pytest.raises(Malformed):
        operations.grant_role(bob, "emperor", by=adam)


def test_being_there_is_said_and_told__P6(alice, now):
    operations.set_availability(alice, by=alice, to="on_break", at=now)
    operations.set_availability(alice, by=alice, to="on_break")

    alice.staff_profile.refresh_from_db()
    assert (alice.staff_profile.availability, alice.staff_profile.availability_since) == ("on_break", now)
    event = Event.objects.get(kind="staff.availability_changed")
    assert event.data == {"was": "online", "to": "on_break"}


def test_whether_one_is_there_one_says_oneself__P6(alice, bob, sara, sven, adam):
    with pytest.raises(Refused):
        operations.set_availability(alice, by=bob, to="off")
    with pytest.raises(Refused):
        operations.set_availability(alice, by=sven, to="off")
    with pytest.raises(Malformed):
        operations.set_availability(alice, by=alice, to="sleeping")

    assert operations.set_availability(alice, by=sara, to="away").availability == "away"
    assert operations.set_availability(alice, by=adam, to="off").availability == "off"


def test_who_leaves_cannot_sign_in_and_the_last_admin_stays(alice, adam, client):
    client.force_login(alice)

    operations.deactivate_user(alice, by=adam)

    assert not client.login(email="alice@desk.example", password="a long pass phrase")
    assert not viewer(User.objects.get(pk=alice.pk)).is_staff
    with pytest.raises(Refused, match="another admin"):
        operations.deactivate_user(adam, by=adam)
    with pytest.raises(Refused, match="needs an admin"):
        operations.deactivate_user(adam, by=None)
    operations.reactivate_user(alice, by=adam)
    assert viewer(User.objects.get(pk=alice.pk)).team_ids


def test_members_come_and_go_and_each_is_an_event(tier1, bella, sara):
    operations.add_member(tier1, bella, by=sara)
    operations.add_member(tier1, bella, by=sara)
    operations.remove_member(tier1, bella, by=sara)

    kinds = Event.objects.filter(subject_kind="team").values_list("kind", flat=True)
    assert list(kinds) == ["team.member_added", "team.member_removed"]
    assert not Membership.objects.filter(team=tier1, user=bella).exists()


def test_a_supervisor_makes_nobody_a_supervisor(tier1, bob, sara):
    with pytest.raises(Refused):
        operations.add_member(tier1, bob, by=sara, role="supervisor")

    assert Membership.objects.get(team=tier1, user=bob).role == "agent"


def test_a_customer_who_signs_in_can_become_staff(adam, carol):
    user = User.objects.create_user("carol@acme.example", name="Carol")
    carol.user = user
    carol.save(update_fields=["user"])

    operations.add_colleague(by=adam, email="Carol@acme.example", name="ignored")

    who = viewer(User.objects.get(pk=user.pk))
    assert who.is_staff
    assert who.person_id == carol.pk
    with pytest.raises(Refused, match="a colleague"):
        operations.add_colleague(by=adam, email="carol@acme.example", name="C")
