"""What many events owe may be done at once: each of them once, and none for another's fault."""

import pytest
from django.db import transaction
from django.utils import timezone

from events import dispatch, tasks
from events.models import Delivery
from events.reactions import _in_bulk, _reactions, reaction_to_many
from events.recording import record
from staff.models import Team

NAME = "tests.many"


@pytest.fixture
def hear():
    """Register a reaction to many events for this test alone."""
    yield lambda function: reaction_to_many("team.tested", "team.tried", name=NAME)(function)
    for kind in ("team.tested", "team.tried"):
        _reactions[kind].pop(NAME, None)
    _in_bulk.discard(NAME)


@pytest.fixture
def happen(tier1):
    """``happen(3)``: so many events; their deliveries in order."""

    def happens(many):
        with transaction.atomic():
            for place in range(many):
                record(tier1, ("team.tested", "team.tried")[place % 2], by=None, at=timezone.now())
        return list(Delivery.objects.order_by("pk").values_list("pk", "event_id"))

    return happens


def test_they_are_done_in_one_transaction_by_one_call(hear, happen):
    heard = []
    hear(lambda events: heard.append([event.pk for event in events]))
    owed = happen(3)

    tasks.run_deliveries([pk for pk, _event in owed])

    assert heard == [[event for _pk, event in owed]]
    assert set(Delivery.objects.exclude(done_at=None).values_list("attempts", "error")) == {(1, "")}
    assert not Delivery.objects.filter(done_at=None).exists()


def test_the_sweep_does_so_too_and_what_is_done_is_not_done_again(hear, happen):
    heard = []
    hear(lambda events: heard.append([event.pk for event in events]))
    owed = happen(3)
    assert dispatch.run(owed[0][0]) is True

    assert dispatch.sweep() == 2
    assert dispatch.run_many([pk for pk, _event in owed]) == 0
    assert heard == [[owed[0][1]], [event for _pk, event in owed[1:]]]


def test_it_costs_the_same_for_many(hear, happen, django_assert_num_queries):
    hear(lambda events: None)
    pks = [pk for pk, _event in happen(7)]

    for some in (pks[:2], pks[2:]):
        with django_assert_num_queries(7):  # which, two savepoints' ends each, the rows under lock, the mark
            assert dispatch.run_many(some) == len(some)


def test_one_that_fails_keeps_none_of_the_others_from_being_done_once(hear, happen):
    def react(events):
        for event in events:
            Team.objects.create(name=f"Made {event.pk}")
            if event.pk == owed[1][1]:
                raise ValueError("this one never")

    hear(react)
    owed = happen(3)

    assert dispatch.run_many([pk for pk, _event in owed]) == 2

    made = Team.objects.filter(name__startswith="Made").order_by("pk").values_list("name", flat=True)
    assert list(made) == [f"Made {owed[0][1]}", f"Made {owed[2][1]}"]
    left = Delivery.objects.get(done_at=None)
    assert (left.pk, left.attempts) == (owed[1][0], 1)
    assert "this one never" in left.error
