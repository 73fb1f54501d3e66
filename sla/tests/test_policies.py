"""Which promise about time holds (S1, S2)."""

from datetime import timedelta

import pytest

from sla import operations, policies
from sla.models import Policy, PolicyVersion

DAY = timedelta(days=1)


def facts(**more):
    return policies.Facts(**{
        "customer_type": "external", "channel": "email", "ticket_type": "question", "priority": 2, **more,
    })  # fmt: skip


def picked(at=None, **more):
    return policies.policy_for(facts(**more), at).policy


def test_works_with_no_configuration__S1(policy):
    found = policies.policy_for(facts())

    assert found.policy == policy
    assert found.targets == {
        "first_response": {"": 86_400}, "next_response": {"": 86_400}, "resolution": {"": 432_000},
    }  # fmt: skip
    assert found.calendar is None


def test_the_default_is_made_where_it_is_missing__S1(db):
    PolicyVersion.objects.all().delete()
    Policy.objects.all().delete()

    assert policies.policy_for(facts()) == policies.default()
    assert policies.default().policy == Policy.objects.get()


def test_the_most_specific_wins__S2(policy, make_policy, tier1):
    mail = make_policy("Mail", channel="email")
    urgent = make_policy("Urgent mail of tier 1", channel="email", priority=4, team=tier1)

    assert picked(priority=4, team_id=tier1.pk) == urgent
    assert picked() == mail
    assert picked(channel="phone") == policy


@pytest.mark.parametrize(
    ("condition", "other"),
    [
        ({"customer_type": "internal"}, {"customer_type": "external"}),
        ({"channel": "letter"}, {"channel": "email"}),
        ({"ticket_type": "complaint"}, {"ticket_type": "question"}),
        ({"priority": 3}, {"priority": 2}),
    ],
)
def test_each_condition_counts__S2(policy, make_policy, condition, other):
    special = make_policy("Special", **condition)

    assert picked(**condition) == special
    assert picked(**other) == policy


def test_an_organisation_counts__S2(policy, make_policy, acme):
    special = make_policy("Acme", organisation=acme)

    assert picked(organisation_id=acme.pk) == special
    assert picked() == policy


def test_equally_specific_ones_are_taken_in_their_order__S2(policy, make_policy, tier1, acme):
    first, second = make_policy("Tier 1", team=tier1), make_policy("Acme", organisation=acme)
    both = {"team_id": tier1.pk, "organisation_id": acme.pk}
    assert picked(**both) == first

    operations.order_policies([second, first], by=None)

    assert picked(**both) == second
    assert picked(team_id=tier1.pk) == first


def test_targets_are_by_priority_or_for_all__S2(make_policy):
    make_policy("Mail", channel="email", first_response={"": 7200, "4": 900}, resolution=None)
    found = policies.policy_for(facts())

    assert [found.target_for("first_response", priority) for priority in (2, 4)] == [7200, 900]
    assert found.target_for("resolution", 4) is None


def test_a_version_holds_from_its_time_on__S2(policy, make_policy, monday):
    mail = make_policy("Mail", channel="email", first_response=3600)
    terms = operations.Terms(channel="email", targets={"first_response": {"": 1800}})
    operations.revise_policy(mail, terms, by=None, valid_from=monday + DAY)

    target = [policies.policy_for(facts(), monday + days * DAY).target_for("first_response", 2) for days in (0, 1)]

    assert target == [3600, 1800]


def test_what_was_not_known_then_is_not_picked__S7(policy, make_policy, monday):
    mail = make_policy("Mail", channel="email")
    before = policies.default().made_at

    assert picked(monday) == mail
    assert policies.policy_for(facts(), monday, known_at=before).policy == policy


def test_a_retired_policy_is_passed_over_and_kept__S2(policy, make_policy, monday):
    mail = make_policy("Mail", channel="email")

    operations.retire_policy(mail, by=None, at=monday)

    assert picked(monday) == policy
    assert picked(monday - DAY) == mail
    assert Policy.objects.filter(pk=mail.pk).exists()


def test_picking_costs_one_query__S2(policy, make_policy, django_assert_num_queries):
    for n in range(20):
        make_policy(f"P{n}", priority=4)
    policies.policy_for(facts())

    with django_assert_num_queries(1):
        policies.policy_for(facts())
