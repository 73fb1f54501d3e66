"""Support plans: who is served by which (S2)."""

import threading
from contextlib import suppress

import pytest
from django.db import connection

from common.errors import Malformed, Refused
from customers import operations
from customers.models import SupportPlan
from customers.plans import add_plan, give_plan, plan_named, remove_plan, rename_plan
from events.models import Event
from tickets import lifecycle


@pytest.fixture
def gold(mia):
    return add_plan("Gold", by=mia)


def opened(person):
    return lifecycle.open_ticket(requester=person, subject="Smoke", text="It smokes.", channel="email", by=person)


def test_a_plan_has_one_name_however_it_is_written(gold, mia):
    for name, error in (("GOLD", Refused), (" ", Malformed), ("x" * 61, Malformed)):
        with pytest.raises(error):
            add_plan(name, by=mia)

    assert plan_named(" gold ") == gold
    assert rename_plan(gold, "Platinum", by=mia).name == "Platinum"
    assert SupportPlan.objects.count() == 1


def test_new_tickets_have_the_plan_and_running_ones_keep_theirs__S2(gold, mia, carol, acme):
    before = opened(carol)

    give_plan(acme, gold, by=mia)

    carol.refresh_from_db()
    before.refresh_from_db()
    assert (before.plan, opened(carol).plan) == (None, gold)
    event = Event.objects.get(kind="organisation.changed")
    assert (event.actor, event.data["plan_to"]) == (mia, gold.pk)


def test_a_persons_own_plan_wins__S2(gold, mia, carol, acme):
    silver = add_plan("Silver", by=mia)
    give_plan(acme, silver, by=mia)

    give_plan(carol, gold, by=mia)

    carol.refresh_from_db()
    assert opened(carol).plan == gold
    give_plan(carol, None, by=mia)
    carol.refresh_from_db()
    assert opened(carol).plan == silver


def test_agents_give_no_plan(gold, alice, carol, acme):
    for act in (
        lambda: add_plan("Silver", by=alice),
        lambda: give_plan(acme, gold, by=alice),
        lambda: operations.change_person(carol, by=alice, plan=gold),
        lambda: remove_plan(gold, by=alice),
    ):
        with pytest.raises(Refused, match="manager"):
            act()

    acme.refresh_from_db()
    assert acme.plan is None


def test_a_plan_in_use_stays_and_another_goes(gold, mia, acme):
    give_plan(acme, gold, by=mia)
    with pytest.raises(Refused, match="stays"):
        remove_plan(gold, by=mia)

    give_plan(acme, None, by=mia)
    remove_plan(gold, by=mia)

    assert not SupportPlan.objects.exists()


def test_merging_keeps_the_plan__C2(gold, mia, carol, oscar):
    give_plan(oscar, gold, by=mia)

    operations.merge_people(oscar, into=carol, by=mia)

    carol.refresh_from_db()
    assert carol.plan == gold


def test_names_that_the_database_alone_takes_for_one_are_refused(gold, mia):
    """The Kelvin sign: small it is a k, as a capital it stays itself."""
    add_plan("Kelvin", by=mia)

    for act in (lambda: add_plan("\u212aelvin", by=mia), lambda: rename_plan(gold, "\u212aelvin", by=mia)):
        with pytest.raises(Refused, match="of this name"):
            act()
    assert sorted(SupportPlan.objects.values_list("name", flat=True)) == ["Gold", "Kelvin"]


@pytest.mark.parametrize("second", ["give to a person", "give to many", "rename", "remove", "change a person"])
def test_what_comes_after_a_removal_is_refused(gold, mia, carol, acme, second):
    stale = SupportPlan.objects.get(pk=gold.pk)
    remove_plan(gold, by=mia)

    acts = {
        "give to a person": lambda: give_plan(carol, stale, by=mia),
        "give to many": lambda: give_plan(acme, stale, by=mia),
        "rename": lambda: rename_plan(stale, "Silver", by=mia),
        "remove": lambda: remove_plan(stale, by=mia),
        "change a person": lambda: operations.change_person(carol, by=mia, plan=stale),
    }
    with pytest.raises(Refused, match="removed by somebody else") as refusal:
        acts[second]()
    assert refusal.value.code == "plan_gone"


@pytest.mark.django_db(transaction=True)
def test_given_renamed_and_removed_at_once_it_ends_in_refusals_alone(mia, acme, carol):
    gold, other, wrong = add_plan("Gold", by=mia), add_plan("Silver", by=mia), []
    start = threading.Barrier(5, timeout=60)

    def thrice(*acts):
        try:
            start.wait()
            for act in acts * 3:
                with suppress(Refused):
                    act()
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    turns = [
        (lambda: give_plan(acme, gold, by=None), lambda: give_plan(acme, None, by=None)),
        (lambda: give_plan(carol, gold, by=None), lambda: give_plan(carol, None, by=None)),
        (lambda: rename_plan(gold, "Bronze", by=None), lambda: rename_plan(other, "Bronze", by=None)),
        (lambda: add_plan("Bronze", by=None),),
        (lambda: remove_plan(gold, by=None),),
    ]
    threads = [threading.Thread(target=thrice, args=acts) for acts in turns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert wrong == []
