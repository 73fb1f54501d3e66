"""The resolution clock: what pauses it, and that it runs on when the ticket comes back."""

from datetime import timedelta

from tickets import clocks
from tickets.models import FAR_FUTURE, Clock, ClockPause

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PENDING, HOLD = ClockPause.Cause.PENDING, ClockPause.Cause.HOLD


def test_pending_pauses_it_and_the_due_time_moves__S3(ticket, clock, answer, monday):
    answer(ticket, monday + HOUR)

    clocks.pause(ticket, cause=PENDING, at=monday + 2 * HOUR)

    paused = clock(ticket, "resolution")
    assert (paused.paused_at, paused.due_at, paused.next_at) == (monday + 2 * HOUR, None, None)
    assert ticket.queue_at == FAR_FUTURE

    clocks.unpause(ticket, cause=PENDING, at=monday + 12 * HOUR)

    running = clock(ticket, "resolution")
    assert (running.paused_at, running.due_at) == (None, monday + 5 * DAY + 10 * HOUR)
    assert ticket.queue_at == running.due_at


def test_a_response_clock_never_pauses__H6(ticket, clock, monday):
    clocks.pause(ticket, cause=HOLD, at=monday + HOUR)

    first = clock(ticket, "first_response")
    assert (first.due_at, first.paused_at) == (monday + DAY, None)
    assert not first.pauses.exists()


def test_a_pause_after_the_due_time_does_not_unbreach__S5(ticket, clock, answer, monday):
    answer(ticket, monday + HOUR)

    clocks.pause(ticket, cause=PENDING, at=monday + 6 * DAY)

    late = clock(ticket, "resolution")
    assert late.due_at == monday + 5 * DAY
    assert late.next_at is not None


def test_reopened_the_same_row_runs_on__S(ticket, clock, answer, monday, alice):
    answer(ticket, monday + HOUR)
    clocks.resolve(ticket, at=monday + DAY, by=alice)
    stopped = clock(ticket, "resolution")
    assert (stopped.elapsed_seconds, stopped.agent) == (86_400, alice)

    clocks.reopen(ticket, at=monday + 3 * DAY)

    again = clock(ticket, "resolution")
    assert (again.pk, again.is_running, again.due_at) == (stopped.pk, True, monday + 7 * DAY)
    pause = again.pauses.get()
    assert (pause.cause, pause.started_at, pause.ended_at) == ("resolved", monday + DAY, monday + 3 * DAY)

    clocks.resolve(ticket, at=monday + 4 * DAY, by=alice)

    assert clock(ticket, "resolution").elapsed_seconds == 2 * 86_400


def test_resolved_while_paused_counts_no_paused_second__S3(ticket, clock, answer, monday, alice):
    answer(ticket, monday + HOUR)
    clocks.pause(ticket, cause=PENDING, at=monday + 2 * HOUR)

    clocks.resolve(ticket, at=monday + 10 * HOUR, by=alice)

    stopped = clock(ticket, "resolution")
    assert (stopped.elapsed_seconds, stopped.paused_at) == (7200, None)
    assert stopped.pauses.get().ended_at == monday + 10 * HOUR


def test_pauses_may_follow_each_other_and_end_but_once(ticket, clock, answer, monday):
    answer(ticket, monday + HOUR)
    clocks.pause(ticket, cause=PENDING, at=monday + 2 * HOUR)
    clocks.pause(ticket, cause=HOLD, at=monday + 3 * HOUR)
    clocks.unpause(ticket, cause=PENDING, at=monday + 4 * HOUR)
    assert clock(ticket, "resolution").paused_at is not None

    clocks.unpause(ticket, cause=HOLD, at=monday + 5 * HOUR)
    clocks.unpause(ticket, cause=HOLD, at=monday + 6 * HOUR)

    assert clock(ticket, "resolution").due_at == monday + 5 * DAY + 3 * HOUR


def test_cancelled_clocks_are_not_counted(ticket, monday):
    clocks.cancel(ticket, at=monday + HOUR)

    assert not Clock.objects.filter(cancelled_at=None).exists()
    assert not Clock.objects.filter(next_at__isnull=False).exists()
    assert ticket.queue_at == FAR_FUTURE
