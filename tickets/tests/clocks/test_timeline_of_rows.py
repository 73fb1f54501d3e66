"""Whatever happens to a ticket, its resolution row says what the arithmetic of its pauses says (S3, S6)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common import timeline
from tickets import clocks
from tickets.models import Clock, ClockPause

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
STEPS = st.lists(
    st.tuples(st.sampled_from(["pause", "unpause", "resolve", "reopen"]), st.integers(min_value=1, max_value=90_000)),
    max_size=8,
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_the_row_agrees_with_its_pauses__S3(make_ticket, carol, alice, steps):
    ticket, at, spans, since, stopped = make_ticket(carol, at=BEGIN), BEGIN, [], None, None

    for what, seconds in steps:
        at += timedelta(seconds=seconds)
        if what == "pause" and stopped is None:
            since = since or at
            clocks.pause(ticket, cause=ClockPause.Cause.PENDING, at=at)
        elif what == "unpause" and stopped is None:
            spans, since = ([*spans, timeline.Pause(since, at)] if since else spans), None
            clocks.unpause(ticket, cause=ClockPause.Cause.PENDING, at=at)
        elif what == "resolve" and stopped is None:
            spans, since, stopped = ([*spans, timeline.Pause(since, at)] if since else spans), None, at
            clocks.resolve(ticket, at=at, by=alice)
        elif what == "reopen" and stopped is not None:
            spans, stopped = [*spans, timeline.Pause(stopped, at)], None
            clocks.reopen(ticket, at=at)

    row = Clock.objects.get(ticket=ticket, metric="resolution")
    expected = spans + ([timeline.Pause(since)] if since else [])
    hours = clocks.hours_of(row)
    assert row.due_at == timeline.due_at(BEGIN, row.target_seconds, hours, expected)
    assert row.stopped_at == stopped
    assert row.paused_at is None or since is not None
    if stopped:
        assert row.elapsed_seconds == timeline.elapsed_seconds(BEGIN, stopped, hours, expected)
        assert row.next_at is None
