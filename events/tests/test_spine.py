"""Events cannot be changed; what they owe is done once, whatever fails (T6; ARCHITECTURE, the one picture)."""

import uuid
from datetime import timedelta

import pytest
from django.db import InternalError, transaction
from django.utils import timezone

from events import dispatch, tasks
from events.models import Delivery, Event
from events.reactions import _reactions, reaction
from events.recording import record
from staff.models import Team


@pytest.fixture
def subject(tier1):
    return tier1


@pytest.fixture
def hear():
    """Register a reaction for this test alone: ``hear("team.tested", function)``."""
    made = []

    def register(kind, function, name="tests.hear"):
        reaction(kind, name=name)(function)
        made.append((kind, name))

    yield register
    for kind, name in made:
        _reactions[kind].pop(name, None)


def happens(subject, **more):
    with transaction.atomic():
        return record(subject, "team.tested", by=None, at=timezone.now(), **more)


@transaction.atomic
def happens_in_vain(subject):
    happens(subject)
    raise ValueError("no")


@pytest.mark.parametrize("act", ["save", "delete", "update", "queryset_delete"])
def test_nobody_can_edit_or_delete_an_event__T6(subject, act):
    event = happens(subject)
    event.kind = "team.forged"
    attempts = {
        "save": lambda: event.save(update_fields=["kind"]),
        "delete": event.delete,
        "update": lambda: Event.objects.update(kind="team.forged"),
        "queryset_delete": lambda: Event.objects.all()._raw_delete("default"),
    }

    with pytest.raises(InternalError), transaction.atomic():
        attempts[act]()

    assert Event.objects.get().kind == "team.tested"


def test_tells_who_for_whom_what_and_when_twice__T6(subject, alice, carol):
    happened_at = timezone.now() - timedelta(days=2)

    event = record(
        subject, "team.tested", by=alice, at=happened_at, on_behalf_of=carol, to=subject, when=happened_at,
        many={1, }, nested={"id": uuid.UUID(int=0)},
    )  # fmt: skip

    assert (event.actor_kind, event.actor, event.on_behalf_of_person_id) == ("staff", alice, carol.pk)
    assert event.happened_at == happened_at
    assert event.recorded_at - happened_at > timedelta(days=1)
    assert event.data == {
        "to": subject.pk, "when": happened_at.isoformat(), "many": [1], "nested": {"id": str(uuid.UUID(int=0))},
    }  # fmt: skip


def test_a_customer_and_the_desk_act_too__T6(subject, carol):
    assert (happens(subject).actor_kind, record(subject, "team.tested", by=carol, at=timezone.now()).actor_kind) == (
        "system",
        "customer",
    )


def test_holds_no_objects(subject):
    with pytest.raises(TypeError):
        record(subject, "team.tested", by=None, at=timezone.now(), what=object())


def test_counts_without_gaps__T6(subject, printer_ticket):
    assert [happens(subject).subject_seq for _ in range(3)] == [1, 2, 3]
    with pytest.raises(ValueError, match="no"):
        happens_in_vain(printer_ticket)
    printer_ticket.refresh_from_db()

    assert record(printer_ticket, "ticket.tested", by=None, at=timezone.now()).subject_seq == 1


@pytest.mark.django_db(transaction=True)
def test_is_written_inside_a_transaction_only():
    team = Team.objects.create(name="Alone")

    with pytest.raises(RuntimeError):
        record(team, "team.tested", by=None, at=timezone.now())


def test_a_delivery_is_rolled_back_with_its_change(subject, hear):
    hear("team.tested", lambda event: None)

    with pytest.raises(ValueError, match="no"):
        happens_in_vain(subject)

    assert not Event.objects.exists()
    assert not Delivery.objects.exists()


def test_an_imported_event_owes_nothing__S(subject, hear):
    hear("team.tested", lambda event: None)

    happens(subject, origin=Event.Origin.IMPORT)

    assert not Delivery.objects.exists()


def test_a_failing_reaction_takes_its_rows_back_and_is_tried_again(subject, hear):
    def half_done(event):
        Team.objects.create(name="Half")
        raise ValueError("the other half fails")

    hear("team.tested", half_done)
    happens(subject)
    delivery = Delivery.objects.get()
    now = timezone.now()

    assert dispatch.run(delivery.pk, at=now) is False

    delivery.refresh_from_db()
    assert not Team.objects.filter(name="Half").exists()
    assert (delivery.done_at, delivery.attempts) == (None, 1)
    assert delivery.due_at == now + timedelta(seconds=10)
    assert "the other half fails" in delivery.error
    assert dispatch.sweep(at=now) == 0

    hear("team.tested", lambda event: Team.objects.create(name="Whole"))

    assert dispatch.sweep(at=now + timedelta(seconds=10)) == 1
    assert Team.objects.filter(name="Whole").count() == 1


def test_a_second_run_is_harmless(subject, hear):
    heard = []
    hear("team.tested", lambda event: heard.append(event.pk))
    event = happens(subject)
    delivery = Delivery.objects.get()

    assert dispatch.run(delivery.pk) is True
    assert dispatch.run(delivery.pk) is False
    tasks.run_deliveries([delivery.pk])
    tasks.sweep_deliveries()

    assert heard == [event.pk]


def test_one_failing_reaction_stops_no_other(subject, hear):
    heard = []

    def fail(event):
        raise ValueError("never")

    hear("team.tested", fail, name="tests.fail")
    hear("team.tested", lambda event: heard.append(event.pk), name="tests.other")
    event = happens(subject)

    assert dispatch.sweep() == 1
    assert heard == [event.pk]


def test_a_reaction_that_is_gone_waits_for_its_return(subject, hear):
    hear("team.tested", lambda event: None)
    happens(subject)
    _reactions["team.tested"].clear()

    assert dispatch.sweep() == 0
    assert "No reaction" in Delivery.objects.get().error


@pytest.mark.django_db(transaction=True)
def test_the_queue_is_asked_after_commit_and_its_death_delays_no_more(hear):
    team = Team.objects.create(name="Queue")
    hear("team.tested", lambda event: None)
    asked, before = [], dispatch._dispatcher

    def dead(ids):
        asked.extend(ids)
        raise ConnectionError("no queue")

    dispatch.set_dispatcher(dead)
    try:
        with transaction.atomic():
            record(team, "team.tested", by=None, at=timezone.now())
            assert asked == []
    finally:
        dispatch.set_dispatcher(before)

    assert asked == [Delivery.objects.get().pk]
    assert dispatch.sweep() == 1


def test_costs_one_query_when_nothing_waits(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        dispatch.sweep()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words", ["It smokes.", "carol@acme.example", "Ключ", "x" * 81, ["ok", "not ok"], {"a": "b c"}]
)
def test_words_that_people_wrote_are_refused__T6(subject, words):
    with pytest.raises(ValueError, match="T6"):
        happens(subject, said=words)

    assert not Event.objects.exists()
