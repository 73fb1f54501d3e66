"""Which promise about time holds (S1, S2)."""

import pytest

from sla import policies
from sla.models import Policy


def facts(**more):
    return policies.Facts(**{
        "customer_type": "external", "channel": "email", "ticket_type": "question", "priority": 2, **more,
    })  # fmt: skip


def test_works_with_no_configuration__S1(policy):
    found = policies.policy_for(facts())

    assert found == policy
    assert (found.first_response_seconds, found.next_response_seconds, found.calendar) == (86_400, 86_400, None)


def test_the_default_is_made_where_it_is_missing__S1(db):
    Policy.objects.all().delete()

    assert policies.policy_for(facts()) == policies.default() == Policy.objects.get()


def test_the_most_specific_wins__S2(policy, tier1):
    Policy.objects.create(name="Mail", channel="email")
    urgent = Policy.objects.create(name="Urgent mail of tier 1", channel="email", priority=4, team=tier1)

    assert policies.policy_for(facts(priority=4, team_id=tier1.pk)) == urgent
    assert policies.policy_for(facts()).name == "Mail"
    assert policies.policy_for(facts(channel="phone")) == policy


@pytest.mark.parametrize(
    ("condition", "other"),
    [
        ({"customer_type": "internal"}, {"customer_type": "external"}),
        ({"channel": "letter"}, {"channel": "email"}),
        ({"ticket_type": "complaint"}, {"ticket_type": "question"}),
        ({"priority": 3}, {"priority": 2}),
    ],
)
def test_each_condition_counts__S2(policy, condition, other):
    special = Policy.objects.create(name="Special", **condition)

    assert policies.policy_for(facts(**condition)) == special
    assert policies.policy_for(facts(**other)) == policy


def test_an_organisation_counts__S2(policy, acme):
    special = Policy.objects.create(name="Acme", organisation=acme)

    assert policies.policy_for(facts(organisation_id=acme.pk)) == special
    assert policies.policy_for(facts()) == policy


def test_equally_specific_ones_are_told_apart_by_what_they_ask_for__S2(policy, tier1, acme):
    Policy.objects.create(name="Mail", channel="email")
    Policy.objects.create(name="Tier 1", team=tier1)
    Policy.objects.create(name="Acme", organisation=acme)

    assert policies.policy_for(facts(team_id=tier1.pk, organisation_id=acme.pk)).name == "Acme"
    assert policies.policy_for(facts(team_id=tier1.pk)).name == "Tier 1"


def test_one_that_is_not_in_use_is_passed_over__S2(policy):
    Policy.objects.create(name="Mail", channel="email", is_active=False)

    assert policies.policy_for(facts()) == policy


def test_picking_costs_one_query__S2(policy, django_assert_num_queries):
    Policy.objects.bulk_create(Policy(name=f"P{n}", priority=4) for n in range(20))

    with django_assert_num_queries(1):
        policies.policy_for(facts())
