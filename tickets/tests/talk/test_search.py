"""Finding tickets (T13: by what one may read)."""

import pytest

from tickets import lifecycle
from tickets.models import Entry, Participant, Ticket
from tickets.search import search


@pytest.fixture
def desk(mailed, carol, alice, tier1):
    """Carol's printer with a note, and twenty other tickets."""
    lifecycle.add_note(mailed, by=alice, text="Customer owes us money")
    lifecycle.add_note(mailed, by=alice, text="Fraudster", restricted=True)
    lifecycle.reply(mailed, by=alice, text="Bitte das Gehäuse öffnen")
    return mailed


@pytest.fixture
def carols_user(carol, make_user):
    user = make_user("carolina")
    user.staff_profile.delete()
    carol.user = user
    carol.save(update_fields=["user"])
    return user


@pytest.mark.parametrize(
    "text",
    [
        "Printer",
        "printe",
        "smokes",
        "owes money",
        "gehause",
        "GEHÄUSE offnen",
        "Carol",
        "carol cole",
        "carol@acme",
        "cole",
    ],
)
def test_staff_find_by_subject_words_notes_and_people(desk, alice, text):
    assert search(alice, text) == [desk]


@pytest.mark.parametrize("text", ["", "  ", "zebra", "printer zebra", "&|!():*'\\", "\x00", "%", "_"])
def test_what_is_not_there_is_not_found(desk, alice, text):
    assert search(alice, text) == []


def test_a_number_as_it_is_said_comes_first(desk, alice, carol, make_ticket):
    Ticket.objects.filter(pk=desk.pk).update(number=1234567)
    make_ticket(carol, "Order 1234567")

    for text in ("1234567", "#1234567", "1 234 567", "1\u00a0234\u00a0567"):
        assert search(alice, text)[0] == desk
    assert len(search(alice, "1234567")) == 2
    assert search(alice, "9" * 60) == []


def test_no_customer_finds_a_ticket_by_a_note__T13(desk, carols_user):
    assert search(carols_user, "smokes") == [desk]
    assert search(carols_user, "Gehäuse") == [desk]
    assert search(carols_user, "owes") == []
    assert search(carols_user, "Fraudster") == []


def test_no_customer_finds_anothers_ticket__T13(desk, carols_user, ivan, make_ticket):
    make_ticket(ivan, "Ladder", text="smokes")
    assert search(carols_user, "Ladder") == []


def test_staff_who_are_the_customer_do_not_find_by_notes__T13(desk, bob, carol):
    carol.user = bob
    carol.save(update_fields=["user"])

    assert search(bob, "smokes") == [desk]
    assert search(bob, "owes") == []


def test_restricted_notes_and_teams_stay_hidden__T13(desk, alice, bella, tier1):
    assert search(bella, "owes") == [desk]
    assert search(bella, "Fraudster") == []
    tier1.is_restricted = True
    tier1.save(update_fields=["is_restricted"])
    bella.__dict__.pop("_viewer")
    assert search(bella, "owes") == []


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_for_any_size(mailed, alice, carol, make_ticket, size, django_assert_max_num_queries):
    for _ in range(size):
        make_ticket(carol, "Printer again")
    with django_assert_max_num_queries(6):  # viewer (3), restricted teams, ids, tickets
        assert len(search(alice, "printer")) == size + 1


def test_a_word_in_more_tickets_than_are_gathered_finds_the_latest(monkeypatch, alice, carol, make_ticket):
    monkeypatch.setattr("tickets.search.CANDIDATES", 3)
    monkeypatch.setattr("tickets.search.RECENT", 2)
    made = [make_ticket(carol, f"Flood {n}", text="water") for n in range(8)]

    assert search(alice, "flood")[:2] == made[:-3:-1]


def test_twenty_megabytes_of_query_are_cut(desk, alice):
    assert search(alice, "smokes " + "x" * 20_000_000) == []
    assert Entry.objects.exists()
    assert not Participant.objects.exists()
