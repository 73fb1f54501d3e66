from datetime import UTC, date, datetime

import pytest
import time_machine

from common import clock
from common.errors import Malformed


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@time_machine.travel(utc(2026, 1, 5, 9), tick=False)
def test_now_is_in_utc():
    assert clock.now() == utc(2026, 1, 5, 9)
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2026-01-05T14:30", "Europe/Berlin", utc(2026, 1, 5, 13, 30)),
        ("2026-07-05T14:30", "Europe/Berlin", utc(2026, 7, 5, 12, 30)),
        ("2026-01-05 14:30:15", "Asia/Kathmandu", utc(2026, 1, 5, 8, 45, 15)),
        ("2026-01-05T14:30:00Z", "Europe/Berlin", utc(2026, 1, 5, 14, 30)),
        ("2026-01-05T14:30:00-05:00", "Europe/Berlin", utc(2026, 1, 5, 19, 30)),
        ("2026-03-29T02:30", "Europe/Berlin", utc(2026, 3, 29, 1, 30)),  # never happens: 03:30
        ("2026-10-25T02:30", "Europe/Berlin", utc(2026, 10, 25, 0, 30)),  # happens twice: the first
    ],
)
def test_reads_wall_times(text, zone, instant):
    assert clock.parse_when(text, zone) == instant


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59", None, "\x00"])
def test_refuses_what_is_no_time(text):
    with pytest.raises(Malformed) as refused:
        clock.parse_when(text, "America/New_York" if text == "9999-12-31T23:59" else "Asia/Tokyo", field="until")

    assert (refused.value.code, refused.value.field) == ("bad_time", "until")


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "a" * 9999, "\x00", None])
def test_refuses_unknown_zones(name):
    with pytest.raises(Malformed) as refused:
        clock.zone_named(name)

    assert refused.value.code == "bad_time_zone"


def test_a_day_starts_at_midnight_or_where_the_clocks_landed():
    assert clock.start_of_day(date(2026, 3, 29), "Europe/Berlin") == utc(2026, 3, 28, 23)
    assert clock.start_of_day(date(2018, 11, 4), "America/Sao_Paulo") == utc(2018, 11, 4, 3)
    assert clock.start_of_day(date(2026, 1, 1), "Pacific/Chatham") == utc(2025, 12, 31, 10, 15)


def test_a_month_is_half_open():
    assert clock.days_between(date(2026, 10, 1), date(2026, 11, 1), "Europe/Berlin") == (
        utc(2026, 9, 30, 22),
        utc(2026, 10, 31, 23),
    )


def test_shows_what_was_read():
    at = utc(2026, 1, 5, 13, 30)

    assert clock.for_input(at, "Europe/Berlin") == "2026-01-05T14:30"
    assert clock.for_input(None, "Europe/Berlin") == ""
    assert clock.parse_when(clock.for_input(at, "Asia/Kolkata"), "Asia/Kolkata") == at
    assert clock.format_when(at, "Europe/Berlin") == "5 Jan 2026, 14:30"
    assert clock.format_when(at, "Europe/Berlin", with_zone=True) == "5 Jan 2026, 14:30 CET"


@pytest.mark.parametrize("text", ["", "2026-02-30", "yesterday", None])
def test_refuses_what_is_no_date(text):
    with pytest.raises(Malformed):
        clock.parse_day(text)
