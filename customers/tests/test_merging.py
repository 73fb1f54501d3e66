"""Two records of one human become one, and nothing is lost (C2)."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from accounts.models import User
from common.errors import Refused
from customers import flags, merging, operations
from customers.models import Person, PersonMerge, Purchase
from events.models import Event
from feedback.models import Answer, Invitation, Survey
from notifications.models import OutgoingMail
from tickets.models import Closure, Hold, HoldReason, Participant

DAY = timedelta(days=1)


def relations() -> list:
    """Every foreign key to a person in the house, those without a name to go back by too."""
    fields = Person._meta.get_fields(include_hidden=True)
    return [field for field in fields if field.auto_created and not field.concrete and not field.many_to_many]


def references_to(person) -> dict[str, int]:
    """How many rows of every model of the house point at this person, by column."""
    found = {}
    for relation in relations():
        rows = relation.related_model._base_manager.filter(**{relation.field.name: person})
        found[f"{relation.related_model.__name__}.{relation.field.name}"] = rows.count()
    return found


@pytest.fixture
def twin(alice, printer_ticket, make_contact, call):
    """Carol's second record, with a row in every place where a person can stand."""
    now = timezone.now()
    twin = operations.add_person(
        by=alice, name="C. Cole", called="Cee", emails=["cc@home.example", "CAROL@acme.example"], phones=["+4930555000"]
    )
    operations.verify_address(twin.addresses.get(address__iexact="carol@acme.example"), by=alice)
    flags.set_flag(twin, by=alice, kind="vip", reason="Board", review_at=now + DAY, expires_at=now + 2 * DAY)
    Purchase.objects.create(person=twin, product="Kettle")
    ticket = printer_ticket
    ticket.requester = twin
    ticket.save(update_fields=["requester"])
    ticket.contacts.update(person=twin)
    ticket.entries.update(author_person=twin)
    Closure.objects.create(ticket=ticket, asked_at=now, answered_by=twin)
    Hold.objects.create(
        ticket=ticket, placed_by=alice, placed_at=now, reason=HoldReason.objects.first(), consent="given",
        consent_person=twin, until=now + DAY,
    )  # fmt: skip
    event = Event.objects.filter(subject_kind="person", subject_id=twin.pk).first()
    asked = Invitation.objects.create(
        survey=Survey.objects.create(name="A survey of this test"), ticket=ticket, person=twin, closed_by=event,
        send_at=now,
    )  # fmt: skip
    Answer.objects.create(invitation=asked, ticket=ticket, person=twin, score=4)
    OutgoingMail.objects.create(
        event=event, template="test", recipient="cc@home.example", person=twin, sender="x", subject="x", text="x",
        message_id="<twin@test>",
    )  # fmt: skip
    return twin


@pytest.fixture
def shared_ticket(make_ticket, ivan, twin):
    """A ticket of somebody else in which the twin is in copy."""
    ticket = make_ticket(ivan, "Somebody else's")
    Participant.objects.create(ticket=ticket, person=twin)
    return ticket


def test_nothing_of_either_history_is_lost__C2(twin, carol, shared_ticket, alice):
    earlier = operations.add_person(by=alice, name="An earlier twin")
    merging.merge_people(earlier, into=twin, by=alice)
    before = {name: count + references_to(carol)[name] for name, count in references_to(twin).items()}
    before.pop("PersonMerge.source")
    assert all(before.values()), f"stands nowhere: {[name for name, count in before.items() if not count]}"
    events = list(Event.objects.order_by("pk").values())

    merge = merging.merge_people(twin, into=carol, by=alice)

    assert len(before) >= 15
    kept = references_to(carol)
    lost = {name for name in before if kept[name] < before[name]} - {"EmailAddress.person"}  # they share one
    assert lost == set()
    assert {row.address.lower() for row in carol.addresses.all()} == {"carol@acme.example", "cc@home.example"}
    left = {name for name, count in references_to(twin).items() if count}
    assert left == {"PersonMerge.source"}  # the record of the merge itself
    assert merge.moved["tickets.Ticket.requester"]
    assert list(Event.objects.order_by("pk").values())[: len(events)] == events  # nobody rewrites history
    twin.refresh_from_db()
    assert twin.merged_into == carol
    earlier.refresh_from_db()
    assert merging.present(earlier) == carol


def test_what_one_record_did_not_know_it_takes_from_the_other__C2(twin, carol, alice):
    operations.change_person(twin, by=alice, notes="Speaks slowly", time_zone="Europe/Oslo", language="nb")
    operations.change_person(carol, by=alice, notes="Likes letters")

    merging.merge_people(twin, into=carol, by=alice)

    carol.refresh_from_db()
    assert (carol.name, carol.called, carol.time_zone) == ("Carol Cole", "Cee", "Europe/Oslo")
    assert carol.notes == "Likes letters\n\nSpeaks slowly"
    assert carol.language == "en"  # known already
    assert carol.main_address.address == "carol@acme.example"
    assert carol.main_address.verified_at


def test_a_preview_says_what_moves_and_moves_nothing(twin, carol, shared_ticket, alice):
    before = references_to(twin)
    events = Event.objects.count()

    counts = merging.preview(twin, into=carol, by=alice)

    assert counts["tickets.Ticket.requester"] == 1
    assert counts["customers.Flag.person"] == 1
    assert references_to(twin) == before
    assert Event.objects.count() == events
    twin.refresh_from_db()
    assert twin.merged_into is None


def test_of_two_flags_of_a_kind_the_longer_one_stays_in_force(twin, carol, alice):
    now = timezone.now()
    flags.set_flag(carol, by=alice, kind="vip", reason="Press", review_at=now + DAY, expires_at=now + 9 * DAY)

    merging.merge_people(twin, into=carol, by=alice)

    assert carol.flags.count() == 2
    assert [flag.reason for flag in carol.flags.in_force(timezone.now())] == ["Press"]


def test_who_takes_part_as_two_takes_part_once(twin, carol, shared_ticket, printer_ticket, alice):
    Participant.objects.create(ticket=shared_ticket, person=carol)
    Participant.objects.create(ticket=printer_ticket, person=carol)  # on the twin's own ticket

    merging.merge_people(twin, into=carol, by=alice)

    assert [row.person for row in shared_ticket.participants.all()] == [carol]
    assert not printer_ticket.participants.exists()  # it is hers now


@pytest.mark.parametrize("how", ["itself", "again", "both_sign_in"])
def test_a_merge_that_makes_no_sense_is_refused_and_writes_nothing(twin, carol, alice, how):
    source, into = twin, carol
    if how == "itself":
        into = twin
    elif how == "again":
        merging.merge_people(twin, into=carol, by=alice)
    else:
        for person in (twin, carol):
            person.user = User.objects.create_user(f"{person.pk}@x.example", name="X")
            person.save(update_fields=["user"])
    before = PersonMerge.objects.count(), Event.objects.count()

    with pytest.raises(Refused) as refusal:
        merging.merge_people(source, into=into, by=alice)

    assert refusal.value.rule == "C2"
    assert (PersonMerge.objects.count(), Event.objects.count()) == before


def test_a_merged_record_is_not_changed_any_more(twin, carol, alice):
    merging.merge_people(twin, into=carol, by=alice)

    with pytest.raises(Refused, match="merged"):
        operations.change_person(twin, by=alice, name="Zombie")


def test_the_sign_in_follows(twin, carol, alice):
    user = twin.user = User.objects.create_user("cc@home.example", name="C")
    twin.save(update_fields=["user"])

    merging.merge_people(twin, into=carol, by=alice)

    carol.refresh_from_db()
    twin.refresh_from_db()
    assert (carol.user, twin.user) == (user, None)


def test_every_app_that_points_at_people_moves_them():
    """A new foreign key to a person must be in the test above; this names what there is."""
    known = {"customers", "tickets", "feedback", "notifications"}
    assert {relation.related_model._meta.app_label for relation in relations()} == known
    assert all(apps.is_installed(label) for label in known)
