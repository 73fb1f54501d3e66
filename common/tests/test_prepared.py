"""Queries whose plan the server keeps."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import QuerySet, Value
from django.test.utils import CaptureQueriesContext

from common.prepared import MOST, prepared, scalars

pytestmark = pytest.mark.django_db


def _rows(app: str, above: int) -> QuerySet[ContentType]:
    return ContentType.objects.filter(app_label=app, pk__gt=above).order_by("pk")


def _kept(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE starts_with(name, %s)", [name])
        return int(cursor.fetchone()[0])


def test_answers_as_without_it() -> None:
    plain = list(_rows("tickets", 0))
    with prepared("rows"):
        assert plain
        assert list(_rows("tickets", 0)) == plain
        assert list(_rows("tickets", plain[0].pk)) == plain[1:]
        assert list(_rows("it's 100 % \\ other", 0)) == []


def test_one_statement_for_all_numbers_and_one_query_each() -> None:
    with CaptureQueriesContext(connection) as asked, prepared("numbers"):
        for above in (0, 1, 2):
            list(_rows("customers", above))
    assert _kept("numbers_") == 1
    assert len(asked) == 3
    assert all(query["sql"].startswith("EXECUTE numbers_") for query in asked.captured_queries)


def test_times_are_parameters_and_numbers_in_the_answer_stay_numbers() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    with prepared("times"):
        told = _rows("tickets", 0).annotate(at=Value(moment), many=Value(7), word=Value("50 %"))
        row = told.values_list("at", "many", "word").first()
    assert row == (moment, 7, "50 %")


def test_a_connection_keeps_only_so_many() -> None:
    with prepared("many"):
        for place in range(MOST + 5):
            list(_rows(f"app {place}", 0))
    assert _kept("") == MOST


def test_it_can_be_switched_off(settings) -> None:  # type: ignore[no-untyped-def]
    settings.DATABASE_PREPARES = False
    with CaptureQueriesContext(connection) as asked, prepared("off"):
        list(_rows("tickets", 0))
    assert asked.captured_queries[0]["sql"].startswith("SELECT")


def test_single_values_are_asked_at_once(settings) -> None:  # type: ignore[no-untyped-def]
    with CaptureQueriesContext(connection) as asked:
        assert scalars("values", "SELECT 1 + 1", "SELECT 'it''s 100 %'", "SELECT NULL::int") == (2, "it's 100 %", None)
        assert scalars("values", "SELECT 1 + 1") == (2,)
    assert len(asked) == 2
    assert _kept("values_") == 2

    settings.DATABASE_PREPARES = False
    assert scalars("plain", "SELECT 7") == (7,)
    assert _kept("plain_") == 0
