"""What is promised changes by versions: nobody's words are written over, and nothing planned is lost (S2)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from common.errors import Malformed, Refused
from customers.models import SupportPlan
from customers.plans import add_plan, remove_plan
from events import values
from events.models import Event
from sla import operations, policies, warning
from sla.models import Policy, PolicyVersion
from sla.operations import Terms
from sla.values import SLA_WARN_OWNER_PERCENT, SLA_WARN_SUPERVISOR_PERCENT

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MAIL = Terms(channel="email", targets={"first_response": {"": 3600}})


def terms(seconds, **more):
    return replace(MAIL, targets={"first_response": {"": seconds}}, **more)


def promised(at=None):
    facts = policies.Facts(customer_type="external", channel="email", ticket_type="question", priority=2)
    return policies.policy_for(facts, at).target_for("first_response", 2)


@pytest.fixture
def mail(policy, mia, now):
    return operations.add_policy("Mail", MAIL, by=mia, valid_from=now).policy


def test_what_somebody_else_said_meanwhile_is_not_written_over(mail, mia, adam):
    seen = operations.latest(mail).pk
    operations.revise_policy(mail, terms(1800), by=adam, seen=seen)

    with pytest.raises(Refused) as refused:
        operations.revise_policy(mail, terms(900), by=mia, seen=seen)

    assert refused.value.code == "changed_meanwhile"
    assert promised() == 1800


def test_the_same_again_makes_no_version_and_a_metric_without_a_target_is_the_same_as_none(mail, mia):
    operations.revise_policy(mail, replace(MAIL, targets={"first_response": {"": 3600}, "resolution": {}}), by=mia)

    assert mail.versions.count() == 1


def test_a_plan_is_taken_back_and_what_is_in_force_is_not(mail, mia, now):
    planned = operations.revise_policy(mail, terms(1800), by=mia, valid_from=now + DAY)
    assert (promised(), promised(now + 2 * DAY)) == (3600, 1800)

    operations.take_back(planned, by=mia)

    assert promised(now + 2 * DAY) == 3600
    assert Event.objects.filter(kind="policy.taken_back", actor=mia).count() == 1
    with pytest.raises(Refused, match="in force"):
        operations.take_back(operations.latest(mail), by=mia)


def test_two_plans_for_one_moment_are_one(mail, mia, now):
    operations.revise_policy(mail, terms(1800), by=mia, valid_from=now + DAY)
    operations.revise_policy(mail, terms(900), by=mia, valid_from=now + DAY)

    assert mail.versions.count() == 2
    assert promised(now + 2 * DAY) == 900


def test_what_is_planned_stays_planned_when_something_is_changed_today(mail, mia, now):
    operations.revise_policy(mail, terms(1800), by=mia, valid_from=now + DAY)
    operations.revise_policy(mail, terms(900), by=mia)

    assert (promised(), promised(now + 2 * DAY)) == (900, 1800)


def test_a_plan_that_was_seen_gives_way_to_what_is_said_anew__S2(mail, mia, now):
    planned = operations.revise_policy(mail, terms(1800), by=mia, valid_from=now + 3 * DAY)
    sooner = operations.revise_policy(mail, terms(900), by=mia, valid_from=now + DAY, seen=planned.pk)

    assert [promised(now + days * DAY) for days in (0, 2, 4)] == [3600, 900, 900]
    operations.revise_policy(mail, MAIL, by=mia, seen=sooner.pk)  # as it is now
    assert [promised(now + days * DAY) for days in (0, 2, 4)] == [3600] * 3
    assert mail.versions.count() == 1


def test_since_ever_takes_the_place_of_all_that_was_in_force_and_of_no_plan(mail, mia, now):
    operations.revise_policy(mail, terms(1800), by=mia)
    operations.revise_policy(mail, terms(60), by=mia, valid_from=now + DAY)

    operations.revise_policy(mail, terms(900), by=mia, since_ever=True)

    assert [promised(now + days * DAY) for days in (-4000, 0, 2)] == [900, 900, 60]


def test_a_policy_that_never_was_in_force_is_gone_and_any_other_stays(policy, mail, mia, now):
    planned = operations.add_policy("Chat", Terms(channel="chat"), by=mia, valid_from=now + DAY).policy

    operations.retire_policy(planned, by=mia)
    operations.retire_policy(mail, by=mia)

    assert set(Policy.objects.all()) == {policy, mail}
    assert promised() == 86_400
    operations.revise_policy(mail, terms(600), by=mia)  # taken up again
    assert promised() == 600


def test_moving_twice_comes_to_the_same_and_only_equals_change_places(policy, make_policy, mia, tier1):
    first, second, third = (make_policy(name, channel=name) for name in ("chat", "phone", "email"))
    special = make_policy("Special", channel="chat", team=tier1)

    for _twice in range(2):
        operations.move_policy(third, past=second, up=True, by=mia)

    def order():
        return [[one.policy for one in group] for group in operations.groups_of_equals(operations.timezone.now())]

    assert order() == [[special], [first, third, second]]
    operations.move_policy(first, past=third, up=False, by=mia)
    assert order() == [[special], [third, first, second]]
    with pytest.raises(Refused, match="no longer ask"):
        operations.move_policy(special, past=first, up=False, by=mia)


def test_a_planned_version_comes_into_force_where_its_policy_was_moved_to(policy, make_policy, mia, now):
    first, second = make_policy("Mail", channel="email"), make_policy("Urgent", priority=2)
    operations.revise_policy(second, Terms(priority=2, targets={"first_response": {"": 60}}), by=mia,
                             valid_from=now + DAY)  # fmt: skip

    operations.move_policy(second, past=first, up=True, by=mia)

    assert promised(now + 2 * DAY) == 60
    assert promised() == 86_400


def test_after_the_machines_clock_was_put_back_what_is_said_last_holds(mail, mia, now):
    operations.revise_policy(mail, terms(7200), by=mia, at=now + HOUR)
    since = now + HOUR / 2

    said = operations.revise_policy(mail, terms(1800), by=mia, at=since)
    again = operations.revise_policy(mail, terms(900), by=mia, at=since)

    assert [one.valid_from for one in (said, again)] == [now + HOUR, now + HOUR]
    assert promised(now + HOUR) == promised(now + DAY) == 900
    with pytest.raises(Refused, match="in force"):
        operations.take_back(said, by=mia, at=since)
    operations.retire_policy(mail, by=mia, at=since)
    assert promised(now + DAY) == 86_400


def test_a_new_name_alone_is_read_by_every_process_that_had_read_the_old_one(mail, mia, now):
    assert "Mail" in [one.policy.name for one in policies.catalogue().versions]

    operations.revise_policy(mail, MAIL, by=mia, name="Post")

    assert mail.versions.count() == 1
    assert "Mail" not in [one.policy.name for one in policies.catalogue().versions]
    assert "Post" in [one.policy.name for one in policies.catalogue().in_force(now)]
    Policy.objects.filter(pk=mail.pk).update(name="Letters")  # as another process does
    assert "Letters" in [one.policy.name for one in policies.catalogue().versions]


@pytest.mark.parametrize(
    ("desk", "policys"),
    [
        ({}, {"warn_owner_percent": 95}),  # the desk's supervisor is warned at 90 %
        ({}, {"warn_supervisor_percent": 60}),  # the desk's owner is warned at 75 %
        ({SLA_WARN_SUPERVISOR_PERCENT: 80}, {"warn_owner_percent": 85}),
        ({}, {"warn_owner_percent": 70, "warn_supervisor_percent": 60}),
    ],
)
def test_the_owner_is_warned_before_the_supervisor_whichever_of_them_the_desk_decides__S4(mail, mia, desk, policys):
    for key, value in desk.items():
        values.put(key, value, by=None)

    with pytest.raises(Malformed, match="before the supervisor"):
        operations.revise_policy(mail, terms(1800, **policys), by=mia)

    assert mail.versions.count() == 1
    operations.revise_policy(mail, terms(1800, warn_owner_percent=60, warn_supervisor_percent=60), by=mia)


@pytest.mark.parametrize(
    ("policys", "desk", "who"),
    [
        ({"warn_owner_percent": 85}, {SLA_WARN_SUPERVISOR_PERCENT: 80}, "owner"),
        ({"warn_supervisor_percent": 80}, {SLA_WARN_OWNER_PERCENT: 81}, "supervisor"),
    ],
)
@pytest.mark.parametrize("is_planned", [False, True])
def test_the_desks_own_warnings_are_in_order_beside_every_policy__S4(mail, mia, now, policys, desk, who, is_planned):
    since = now + DAY if is_planned else None
    operations.revise_policy(mail, terms(1800, **policys), by=mia, valid_from=since)

    with pytest.raises(Malformed, match=f"policy “Mail” warns the {who}") as refusal:
        values.put_many(desk, by=None)

    assert (refusal.value.field, refusal.value.rule) == (next(iter(desk)), "S4")
    assert warning.usual() == (75, 90)
    operations.retire_policy(mail, by=mia)
    values.put_many(desk, by=None)
    assert warning.usual() != (75, 90)


def test_the_desks_two_warnings_are_in_order_and_may_move_together__S4(db):
    with pytest.raises(Malformed, match="before the supervisor"):
        values.put(SLA_WARN_OWNER_PERCENT, 95, by=None)
    assert warning.usual() == (75, 90)

    values.put_many({SLA_WARN_OWNER_PERCENT: 95, SLA_WARN_SUPERVISOR_PERCENT: 98}, by=None)
    assert warning.usual() == (95, 98)


@pytest.mark.parametrize(
    ("owner", "supervisor", "desk", "found"),
    [
        (None, None, (75, 90), (75, 90)),
        (85, None, (75, 80), (85, 85)),
        (None, 60, (75, 90), (60, 60)),
        (50, 60, (75, 90), (50, 60)),
    ],
)
def test_under_a_version_of_before_the_desks_value_gives_way__S4(owner, supervisor, desk, found):
    version = PolicyVersion(warn_owner_percent=owner, warn_supervisor_percent=supervisor)
    assert warning.percents(version, desk) == found


def test_a_plan_that_was_removed_meanwhile_is_not_asked_for__S2(mail, mia):
    stale = add_plan("Gold", by=mia)
    remove_plan(SupportPlan.objects.get(), by=mia)

    for act in (
        lambda: operations.add_policy("Gold", Terms(plan=stale), by=mia),
        lambda: operations.revise_policy(mail, Terms(plan=stale), by=mia),
    ):
        with pytest.raises(Refused, match="removed by somebody else"):
            act()
    assert mail.versions.count() == 1


def test_agents_promise_nothing(mail, alice, now):
    planned = operations.revise_policy(mail, terms(1800), by=None, valid_from=now + DAY)
    before = PolicyVersion.objects.count()

    for act in (
        lambda: operations.revise_policy(mail, terms(1), by=alice),
        lambda: operations.take_back(planned, by=alice),
        lambda: operations.retire_policy(mail, by=alice),
        lambda: operations.order_policies([mail], by=alice),
    ):
        with pytest.raises(Refused, match="manager"):
            act()

    assert PolicyVersion.objects.count() == before
