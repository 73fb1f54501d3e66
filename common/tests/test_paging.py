"""Pages by keyset: every row once, in order, whatever is missing, equal or added meanwhile."""

import random
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import signing
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from common.errors import Malformed
from common.paging import page, read_cursor, write_cursor

ORDER = ("last_login", "pk")
BASE = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def people(db):
    """Thirty of them: a third never signed in, the others share few moments and names."""
    shuffled = random.Random(7)
    return User.objects.bulk_create(
        User(
            email=f"{number}@a.example",
            name=shuffled.choice("abc"),
            last_login=shuffled.choice([None, BASE, BASE + timedelta(microseconds=1)]),
            date_joined=BASE + timedelta(days=number % 4),
        )
        for number in range(30)
    )


def pages(queryset, order, size):
    after = None
    while True:
        one = page(queryset, order=order, after=after, size=size, strict=True)
        yield one.items
        if not (after := one.next_cursor):
            return


def missing_last(order):
    """Sorted in Python: the law that the pages must agree with."""

    def sort(rows):
        for name in reversed(order):
            plain = name.removeprefix("-")
            present = [row for row in rows if getattr(row, plain) is not None]
            missing = [row for row in rows if getattr(row, plain) is None]
            rows = sorted(present, key=lambda row: getattr(row, plain), reverse=name.startswith("-")) + missing
        return rows

    return sort


@pytest.mark.parametrize(
    "order",
    [
        ("last_login", "pk"),
        ("-last_login", "pk"),
        ("last_login", "-pk"),
        ("-last_login", "-pk"),
        ("name", "-last_login", "pk"),
        ("-date_joined", "name", "last_login", "-pk"),
        ("-pk",),
        ("public_id",),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 30, 31])
def test_shows_every_row_once_and_in_order(people, order, size):
    found = list(pages(User.objects.all(), order, size))

    assert [row for items in found for row in items] == missing_last(order)(people)
    assert all(len(items) == size for items in found[:-1])
    assert found[-1]


def test_orders_by_what_was_counted(people):
    counted = User.objects.annotate(held=Count("grants"))

    assert sum(len(items) for items in pages(counted, ("held", "pk"), 8)) == 30


def test_rows_added_meanwhile_move_nothing(people):
    first = page(User.objects.all(), order=ORDER, size=10)
    User.objects.create(email="new@a.example", name="new", last_login=BASE - timedelta(days=1))
    second = page(User.objects.all(), order=ORDER, after=first.next_cursor, size=10)

    assert first.items + second.items == missing_last(ORDER)(people)[:20]


def test_takes_one_query_and_no_count(people):
    after = page(User.objects.all(), order=ORDER, size=10).next_cursor

    with CaptureQueriesContext(
        connection,
    ) as queries:
        page(User.objects.all(), order=ORDER, after=after, size=10)

    assert len(queries) == 1
    assert "COUNT" not in queries[0]["sql"]
    assert "OFFSET" not in queries[0]["sql"]


def test_says_nulls_last_only_where_something_may_be_missing(db):
    with CaptureQueriesContext(connection) as queries:
        page(User.objects.all(), order=("-date_joined", "-pk"))
        page(User.objects.all(), order=("-last_login", "-pk"))

    assert "NULLS" not in queries[0]["sql"]
    assert queries[1]["sql"].count("NULLS LAST") == 1


def test_an_empty_list_has_one_page(db):
    assert page(User.objects.all(), order=ORDER).items == []
    assert page(User.objects.all(), order=ORDER).next_cursor is None


@pytest.mark.parametrize("size", [-1, 0, 10**9])
def test_sizes_are_kept_within_reason(people, size):
    assert 1 <= len(page(User.objects.all(), order=ORDER, size=size).items) <= 200


FORGED = [
    "x",
    "a:b:c",
    "\x00",
    "é" * 50,
    "x" * 100_000,
    signing.dumps([["last_login", "pk"], [None, 1]], salt="another"),
    signing.dumps([["pk"], [1]], salt="common.paging"),
    signing.dumps([["last_login", "pk"], [["t", "never"], 1]], salt="common.paging"),
    signing.dumps([["last_login", "pk"], [["z", "1"], 1]], salt="common.paging"),
    signing.dumps([["last_login", "pk"], [1]], salt="common.paging"),
    signing.dumps(7, salt="common.paging"),
]


@pytest.mark.parametrize("cursor", FORGED, ids=range(len(FORGED)))
def test_a_forged_cursor_gives_the_first_page_or_a_refusal(people, cursor):
    assert page(User.objects.all(), order=ORDER, after=cursor).items == page(User.objects.all(), order=ORDER).items
    with pytest.raises(Malformed) as refused:
        page(User.objects.all(), order=ORDER, after=cursor, strict=True)

    assert refused.value.code == "bad_cursor"


def test_a_cursor_keeps_its_values_exactly():
    values = [None, True, 7, "ü", BASE + timedelta(microseconds=3), date(2026, 1, 5), Decimal("1.10"), uuid.UUID(int=5)]
    order = tuple("abcdefgh")

    assert read_cursor(write_cursor(order, values), order) == values
