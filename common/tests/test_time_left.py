"""What is left of a clock's time, as pages count it down (S6)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

import pytest

from common import timeline
from common.business_hours import BusinessHours
from common.templatetags import desk_ui
from common.time_left import SPANS, time_left

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FRIDAY = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
OFFICE = BusinessHours("UTC", {day: ((time(8), time(12)), (time(13), time(18))) for day in range(5)})


def counted(html: str, at: datetime) -> float:
    """What countdown.js makes of the markup at another time: the open stretches that are left, and the rest."""
    spans = [part.split("-") for part in re.search(r'data-open="([^"]*)"', html)[1].split()]
    rest = int(re.search(r'data-rest="(\d+)"', html)[1])
    return rest + sum(max(0, int(end) - max(int(start), at.timestamp())) for start, end in spans)


def test_the_moment_stands_beside_working_time_only():
    due = OFFICE.add(FRIDAY, 5 * 3600)

    working = desk_ui.due_chip(due, FRIDAY, now=FRIDAY, hours=OFFICE, target=5 * 3600)
    over = desk_ui.due_chip(due, FRIDAY, now=due + HOUR, hours=OFFICE, target=5 * 3600)

    moment = f'<span class="by">{desk_ui.by_when(due, FRIDAY)}</span>'
    assert moment in working
    assert moment not in desk_ui.due_chip(due, FRIDAY, now=FRIDAY, hours=OFFICE, target=5 * 3600, says_when=False)
    assert 'class="by"' not in desk_ui.due_chip(due, FRIDAY, now=FRIDAY)
    assert 'class="by"' not in over


def test_working_time_is_what_the_clock_itself_has_left__S6():
    started, target = FRIDAY - 6 * HOUR, 8 * 3600
    due = timeline.due_at(started, target, OFFICE)

    left = time_left(due, FRIDAY, started_at=started, target=target, hours=OFFICE)

    assert left.seconds == timeline.remaining_seconds(started, target, FRIDAY, OFFICE)
    assert (left.whole, left.is_working, left.tone) == (target, True, "")


def test_a_page_counts_through_closing_time_and_the_weekend():
    due = datetime(2026, 11, 23, 10, 40, tzinfo=UTC)  # Monday
    html = desk_ui.due_chip(due, FRIDAY - HOUR, now=FRIDAY, hours=OFFICE, target=5 * 3600)

    assert "4 h 10 min left" in html
    for later in (FRIDAY, FRIDAY + HOUR, FRIDAY + 2 * HOUR, FRIDAY + DAY, due - HOUR, due):
        assert counted(html, later) == OFFICE.elapsed(later, due)


def test_a_time_far_ahead_costs_a_page_no_more():
    due = OFFICE.add(FRIDAY, 400 * 3600)
    html = desk_ui.due_chip(due, FRIDAY, now=FRIDAY, hours=OFFICE, target=400 * 3600)

    assert len(re.search(r'data-open="([^"]*)"', html)[1].split()) == SPANS
    assert counted(html, FRIDAY) == 400 * 3600
    assert counted(html, FRIDAY + 3 * DAY) == OFFICE.elapsed(FRIDAY + 3 * DAY, due)
    assert "400 h left" in html  # a day of work has no length that everybody knows


@pytest.mark.parametrize(
    ("due", "hours", "words"),
    [
        (datetime(2026, 11, 23, 8, 40, tzinfo=UTC), OFFICE, "2 h 10 min of working time, Mon 08:40"),
        (FRIDAY + 25 * timedelta(minutes=1), None, "25 min left, Fri 16:55"),
        (FRIDAY - 25 * timedelta(minutes=1), OFFICE, "over by 25 min, since Fri 16:05"),
        (FRIDAY + 20 * DAY, None, "20 d left, 10 Dec, 16:30"),
    ],
)
def test_a_sentence_says_what_time_is_left_and_until_when(due, hours, words):
    html = desk_ui.due_line(due, FRIDAY, hours, FRIDAY - DAY, 9 * 3600)

    assert f">{words}</time>" in html
    assert 'data-countdown="told"' in html


def test_what_is_late_is_late_in_real_time():
    left = time_left(FRIDAY, FRIDAY + 3 * DAY, started_at=FRIDAY - DAY, target=3600, hours=OFFICE)

    assert (left.seconds, left.tone, left.spans) == (-3 * 86_400, "bad", ())
