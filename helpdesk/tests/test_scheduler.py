"""Beat goes on after the machine's clock was set back (S4)."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from django_celery_beat import schedulers

from helpdesk import celery, scheduler

HOUR = timedelta(hours=1)
ENFORCE = "tickets.tasks.enforce_sla"


@pytest.fixture
def beat(db, monkeypatch):
    monkeypatch.setattr(schedulers, "close_old_connections", lambda: None)  # the test's own, which an hour makes old
    made = scheduler.BeatingScheduler(app=celery.app)
    made.sent = []
    monkeypatch.setattr(made, "apply_async", lambda entry, **_more: made.sent.append(entry.task) or Mock(id="1"))
    yield made
    made._finalize.cancel()  # it would write the schedule when the tests end


def ticks(beat):
    """What it sends until it wants to rest."""
    beat.sent.clear()
    while beat.tick() == 0:
        pass
    return beat.sent


def test_sends_a_pass_every_thirty_seconds__S4(beat, time_machine, now):
    time_machine.move_to(now + HOUR, tick=False)
    assert ENFORCE in ticks(beat)
    assert ENFORCE not in ticks(beat)

    time_machine.shift(31)

    assert ENFORCE in ticks(beat)


def test_a_clock_set_back_silences_it_for_no_more_than_one_turn__S4(beat, time_machine, now):
    time_machine.move_to(now + HOUR, tick=False)
    ticks(beat)
    time_machine.move_to(now, tick=False)
    ticks(beat)

    time_machine.move_to(now + timedelta(seconds=31), tick=False)

    assert ENFORCE in ticks(beat)
