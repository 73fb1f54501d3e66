"""Finding people as one types (C3)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers import operations, search
from customers.models import Person


@pytest.fixture
def crowd(alice, acme, carol):
    """Others who are not meant."""
    for n in range(30):
        operations.add_person(
            by=alice, name=f"Someone Else{n}", emails=[f"p{n}@other.example"], phones=[f"040 77700{n:02}"]
        )
    return carol


@pytest.mark.parametrize(
    "q",
    [
        "carol",
        "Car",
        "ca",
        "mull",  # without the dots
        "MÜLL",
        "müller carol",
        "caro",
        "carol@ac",
        "CAROL@acme.example",
        "home.exam",
        "030 1234",
        "+49 30 123456",
        "123456",
        "acme",
        "fabrik",
        "carol acme",
        "acme fabrik caro",
        "carol muler",  # a slip
    ],
)
def test_finds_her_by_what_one_types(crowd, q):
    assert search.people(q)[:1] == [crowd]


@pytest.mark.parametrize("q", ["", "   ", "\x00", "%", "_", "zzzzzz", "'; drop table", "\\", "1", "x" * 5000])
def test_finds_nobody_for_what_means_nobody(crowd, q):
    assert crowd not in search.people(q)


def test_an_exact_address_comes_before_a_name(alice, crowd):
    named = operations.add_person(by=alice, name="carol@acme.example the second")

    assert search.people("carol@acme.example")[:2] == [crowd, named]


def test_merged_and_erased_people_are_not_offered(crowd):
    Person.objects.filter(pk=crowd.pk).update(merged_into=Person.objects.exclude(pk=crowd.pk).first())

    assert search.people("carol") == []


def test_within_narrows_to_what_the_reader_may_know(crowd):
    assert search.people("carol", within=Person.objects.exclude(pk=crowd.pk)) == []


def test_costs_the_same_for_one_and_for_many(crowd, django_assert_num_queries):
    with CaptureQueriesContext(connection) as one:
        search.people("carol")
    with django_assert_num_queries(len(one)):  # candidates, people, addresses, numbers, flags
        found = search.people("someone")
        assert [person.main_address.address for person in found]
    assert len(one) == 5


def test_the_list_holds_what_the_words_hold(crowd):
    everybody = Person.objects.all()

    assert list(search.matching("mull", everybody)) == [crowd]
    assert list(search.matching("acme", everybody)) == [crowd]
    assert list(search.matching("123456", everybody)) == [crowd]
    assert search.matching("", everybody).count() == 31
