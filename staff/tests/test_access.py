"""Who somebody is to the desk, and who stands above a team."""

from accounts.models import Role, User
from staff.access import chain, supervisors_of, teams_without_supervisor, viewer
from staff.models import Membership, StaffProfile, Team


def away(user):
    StaffProfile.objects.filter(user=user).update(availability="away")


def test_an_agent_serves_in_a_team(alice, tier1, billing):
    me = viewer(alice)

    assert (me.roles, me.team_ids, me.supervised_team_ids) == ({"agent"}, {tier1.pk}, set())
    assert me.is_staff
    assert not any((me.is_supervisor, me.is_manager, me.is_admin, me.is_third_party))
    assert not me.supervises(tier1.pk)


def test_a_supervisor_steps_in_for_their_teams_and_those_below(sara, tier1, billing):
    below = Team.objects.create(name="Night crew", parent=tier1)

    me = viewer(sara)

    assert me.supervised_team_ids == {tier1.pk, below.pk}
    assert me.supervises(below.pk)
    assert not me.supervises(billing.pk)
    assert not me.supervises(None)


def test_a_named_supervisor_needs_no_membership(make_user, tier1):
    head = make_user("hanna")
    tier1.supervisor = head
    tier1.save()

    assert viewer(head).supervised_team_ids == {tier1.pk}
    assert viewer(head).is_staff


def test_supervisors_of_the_desk_and_admins_step_in_everywhere__X(dora, adam, mia, tier1):
    assert viewer(dora).supervises(tier1.pk)
    assert viewer(dora).supervises(None)
    assert viewer(adam).supervises(None)
    assert not viewer(mia).supervises(tier1.pk)


def test_third_party_and_independent_are_no_colleagues_of_the_house__T13(theo, make_user, billing):
    assert viewer(theo).is_third_party
    assert viewer(make_user("ines", team=billing, provider="independent")).is_third_party


def test_a_customer_who_signs_in_is_no_staff(db, carol):
    carol.user = User.objects.create_user("carol@acme.example", "a long pass phrase", name="Carol")
    carol.save(update_fields=["user"])

    me = viewer(carol.user)

    assert (me.is_staff, me.person_id) == (False, carol.pk)


def test_somebody_deactivated_is_nobody(sara):
    sara.is_active = False
    sara.save(update_fields=["is_active"])

    assert not viewer(sara).is_staff


def test_is_read_once_with_two_queries(alice, django_assert_num_queries):
    me = User.objects.get(pk=alice.pk)

    with django_assert_num_queries(2):
        viewer(me)
        viewer(me)


def test_the_chain_climbs_from_the_team_to_the_admins__X(sara, dora, adam, tier1, make_user):
    parent = Team.objects.create(name="Support", supervisor=make_user("paul"))
    tier1.parent = parent
    tier1.save(update_fields=["parent"])
    second = make_user("second", team=tier1, team_role=Membership.TeamRole.SUPERVISOR)

    assert chain(tier1) == [sara, second, parent.supervisor, dora, adam]


def test_the_chain_skips_who_is_away_off_deactivated_or_asks__X(sara, dora, adam, tier1, make_user, now):
    off = make_user("olga", Role.SUPERVISOR, is_duty_supervisor=True, availability="off")
    gone = make_user("gerd", Role.ADMIN)
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    away(sara)

    assert supervisors_of(tier1, at=now) == [dora, adam]
    assert supervisors_of(tier1, at=now, skip=[dora]) == [adam]
    assert chain(tier1) == [sara, dora, off, adam]


def test_a_break_is_no_absence__X(sara, tier1, now):
    StaffProfile.objects.filter(user=sara).update(availability="on_break")

    assert supervisors_of(tier1, at=now) == [sara]


def test_nobody_online_leaves_everybody_to_be_told__X(sara, adam, tier1, now):
    away(sara)
    away(adam)

    assert supervisors_of(tier1, at=now) == []
    assert chain(tier1) == [sara, adam]


def test_a_team_above_itself_ends_the_climb(sara, tier1, billing):
    tier1.parent, billing.parent = billing, tier1
    tier1.save()
    billing.save()

    assert chain(tier1) == [sara]


def test_teams_without_a_supervisor_are_found__X(sara, tier1, billing):
    assert list(teams_without_supervisor()) == [billing]

    sara.is_active = False
    sara.save(update_fields=["is_active"])

    assert list(teams_without_supervisor()) == [billing, tier1]
