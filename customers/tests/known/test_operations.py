"""People, their addresses and numbers, organisations."""

import json

import pytest

from accounts.models import User
from common.errors import Malformed, Refused
from customers import operations
from customers.models import Department, Organisation, Person
from events.models import Event

HOSTILE = "<script>alert(1)</script>\x00 \U0001f600\u202eevil"


def last(person) -> Event:
    return Event.objects.filter(subject_kind="person", subject_id=person.pk).latest("subject_seq")


def test_a_person_has_several_addresses_and_numbers__C2(carol):
    assert [(row.address, row.is_primary) for row in carol.addresses.order_by("pk")] == [
        ("carol@acme.example", True),
        ("Caro.M@home.example", False),
    ]
    assert carol.main_phone.normalised == "+4930123456"  # read where the agent sits
    assert carol.greeting_name == "Caro"
    assert last(carol).kind == "person.added"


def test_external_people_have_an_organisation_internal_ones_a_department__C1(alice, acme, carol):
    sales = Department.objects.create(name="Sales")

    with pytest.raises(Refused, match="internal") as refusal:
        operations.add_person(by=alice, name="Eve", department=sales)
    assert (refusal.value.rule, refusal.value.field) == ("C2", "department")
    with pytest.raises(Refused, match="external"):
        operations.add_person(by=alice, name="Eve", kind="internal", organisation=acme)
    assert not Person.objects.filter(name="Eve").exists()

    operations.change_person(carol, by=alice, kind="internal", department=sales)
    carol.refresh_from_db()
    assert (carol.kind, carol.department, carol.organisation) == ("internal", sales, None)
    assert last(carol).data["kind_from"] == "external"


def test_events_hold_no_personal_text__T6(carol, alice):
    operations.change_person(carol, by=alice, name="Caroline Secret", notes="likes secret tea")
    operations.add_address(carol, "secret@home.example", by=alice)

    stored = json.dumps(list(Event.objects.values_list("data", flat=True)))
    assert "ecret" not in stored
    assert "acme.example" not in stored


def test_hostile_names_are_kept_as_text_without_controls(alice):
    person = operations.add_person(by=alice, name=HOSTILE)

    person.refresh_from_db()
    assert person.name == "<script>alert(1)</script> \U0001f600evil"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "x" * 151}, "name"),
        ({"name": "A", "emails": ["not an address"]}, "emails"),
        ({"name": "A", "phones": ["call me"]}, "phones"),
        ({"name": "A", "language": "<b>"}, "language"),
        ({"name": "A", "time_zone": "Mars/Base"}, "time_zone"),
        ({"name": "A", "kind": "friend"}, "kind"),
        ({"name": "x" * 20_000_000}, "name"),
    ],
)
def test_broken_input_names_its_field_and_writes_nothing(alice, fields, field):
    with pytest.raises(Malformed) as refusal:
        operations.add_person(by=alice, **fields)

    assert refusal.value.field == field
    assert not Person.objects.exists()
    assert not Event.objects.exists()


def test_an_unknown_caller_is_a_person_at_once_and_the_same_one_next_time__T7(alice, carol):
    caller = operations.unknown_caller(by=alice, phone="030 999888")

    assert caller.is_unknown
    assert operations.unknown_caller(by=alice, phone="+49 30 999888") == caller
    assert operations.unknown_caller(by=alice) != caller
    assert operations.unknown_caller(by=alice, phone="030 123456") != carol  # somebody else may use her phone


def test_a_shared_address_identifies_nobody(alice, carol):
    assert operations.find_by_address(" CAROL@acme.example ") == [carol]

    other = operations.add_person(by=alice, name="Dan", emails=["carol@acme.example"])

    assert operations.find_by_address("carol@acme.example") == [carol, other]
    assert operations.find_by_address("") == []


def test_a_number_finds_its_people_however_it_is_written(carol):
    assert operations.find_by_phone("+49 (30) 12 34 56") == [carol]
    assert operations.find_by_phone("030-123456", time_zone="Europe/Berlin") == [carol]


def test_the_same_address_or_number_twice_is_one(alice, carol):
    events = Event.objects.count()

    operations.add_address(carol, "CAROL@ACME.example", by=alice)
    operations.add_phone(carol, "+4930123456", by=alice)

    assert (carol.addresses.count(), carol.phones.count()) == (2, 1)
    assert Event.objects.count() == events


def test_removing_the_main_address_makes_the_next_one_main(alice, carol):
    operations.remove_address(carol.addresses.get(is_primary=True), by=alice)

    assert carol.addresses.get().is_primary


class TestLinking:
    """A verified sign-in becomes the person who has its address."""

    @pytest.fixture
    def user(self, db):
        return User.objects.create_user("carol@acme.example", name="Carol")

    def test_one_person_with_the_address_is_linked_and_it_is_verified(self, user, carol):
        assert operations.link_user(user, "Carol@Acme.example") == carol

        carol.refresh_from_db()
        assert carol.user == user
        assert carol.addresses.get(address="carol@acme.example").verified_at
        assert operations.link_user(user, "carol@acme.example") == carol  # and again changes nothing
        assert Event.objects.filter(kind="person.linked").count() == 1

    def test_a_shared_address_is_an_ambiguity_and_links_nobody(self, user, alice, carol):
        operations.add_person(by=alice, name="Dan", emails=["carol@acme.example"])

        assert operations.link_user(user, "carol@acme.example") is None
        assert not Person.objects.exclude(user=None).exists()

    def test_somebody_who_signs_in_otherwise_is_not_taken_over(self, user, carol):
        carol.user = User.objects.create_user("other@acme.example", name="Carol")
        carol.save(update_fields=["user"])

        assert operations.link_user(user, "carol@acme.example") is None


def test_an_organisation_is_made_once(alice, acme):
    with pytest.raises(Refused) as refusal:
        operations.add_organisation(by=alice, name="ACME fabrik")

    assert refusal.value.field == "name"
    row = operations.change_organisation(
        acme, by=alice, name="Acme", domain="@Acme.example", shares_tickets=True, notes=""
    )
    assert Organisation.objects.get() == row
    assert row.domain == "acme.example"
    assert Event.objects.get(kind="organisation.changed").data["shares_tickets"] is True
