"""Queries that are written once are asked each time."""

import pytest

from accounts.models import User
from common.kept import Kept


@pytest.fixture
def by_pk():
    calls = []

    def make(pk, other):
        calls.append(pk)
        return User.objects.filter(pk__in=[pk, other]).order_by("email").values_list("pk", "email")

    return Kept(make, many=2), calls


def test_answers_for_the_numbers_of_each_call(by_pk, alice, bob, dora):
    kept, calls = by_pk

    assert kept.rows(alice.pk, bob.pk) == [(alice.pk, alice.email), (bob.pk, bob.email)]
    assert kept.rows(dora.pk, 0) == [(dora.pk, dora.email)]
    assert kept.rows(0, 0) == []
    assert len(calls) == 1


def test_sees_what_has_changed_since(by_pk, alice, django_assert_num_queries):
    kept, _calls = by_pk
    kept.rows(alice.pk, 0)
    User.objects.filter(pk=alice.pk).update(email="alice.new@example.com")

    with django_assert_num_queries(1):
        assert kept.rows(alice.pk, 0) == [(alice.pk, "alice.new@example.com")]
