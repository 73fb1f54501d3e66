"""Whatever dies, and whenever: each breach is recorded and escalated once, at its due time; all that is lost is time.

The faults that kill real processes. Those of clocks, calendars and policies are in ``test_service_level_times``.
"""

from __future__ import annotations

import shutil
import time
from functools import partial

import pytest

from tests.faults import house
from tests.faults.conftest import BEGUN

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("faults")]

FEW, MANY = 600, 10_000
OURS = "SELECT id FROM tickets_ticket WHERE subject LIKE 'Parcel %%'"


@pytest.fixture(scope="module")
def few(servers, place):
    return house.pile_up(servers, place / "few", BEGUN.isoformat(), FEW)


@pytest.fixture
def a_night(servers, tmp_path):
    """``with a_night(few) as run:`` a desk on which that many breaches wait."""
    return lambda story, fault="": house.house(servers, tmp_path / "run", fault=fault, story=story)


def escalated(run):
    [(many,)] = run.query(f"SELECT count(*) FROM tickets_escalation WHERE ticket_id IN ({OURS})")
    return many


def wait_for(run, many):
    """Until so many are escalated; now and then a pass is asked for, since a test is not as patient as beat."""
    asked = 0.0

    def are_there():
        nonlocal asked
        if escalated(run) >= many:
            return True
        if time.monotonic() - asked > 3:
            asked = time.monotonic()
            run.tick("tickets.tasks.enforce_sla")
        return False

    run.wait_until(are_there, f"Escalating {many}", house.PATIENCE + many / 50)


def all_is_there_once(run, many):
    """No breach, warning or escalation is missing or doubled, the events have no gap, and the counts are exact."""
    kinds = dict(run.query(f"SELECT kind, count(*) FROM events_event WHERE subject_id IN ({OURS}) GROUP BY kind"))
    assert (kinds["ticket.sla_breached"], kinds["ticket.escalated"]) == (many, many)
    assert kinds["ticket.sla_warned"] == 2 * many
    assert run.query(
        "SELECT count(DISTINCT one.ticket_id), count(DISTINCT reason.id), count(DISTINCT promise.id) "
        "FROM tickets_escalation one JOIN tickets_escalationreason reason ON reason.escalation_id = one.id "
        f"JOIN tickets_promise promise ON promise.id = one.promise_id WHERE one.ticket_id IN ({OURS})"
    ) == [(many, many, many)]
    assert (
        run.query(
            "SELECT ticket.id FROM tickets_ticket ticket JOIN events_event event ON event.subject_id = ticket.id "
            "WHERE event.subject_kind = 'ticket' GROUP BY ticket.id "
            "HAVING count(*) <> ticket.event_seq OR max(subject_seq) <> ticket.event_seq"
        )
        == []
    )
    assert run.query(
        f"SELECT DISTINCT breached_at = due_at, next_at IS NULL FROM tickets_clock WHERE ticket_id IN ({OURS}) "
        "AND metric = 'first_response'"
    ) == [(True, True)]
    [(rows, buckets, failures)] = run.query(
        "SELECT rows, (SELECT sum(one) FROM unnest(buckets) AS one), failures FROM tickets_enforcementtally "
        "WHERE job = 'clock'"
    )
    [(others,)] = run.query(
        f"SELECT count(*) FROM tickets_clock WHERE ticket_id NOT IN ({OURS}) AND coalesce(breached_at, warned_75_at, "
        "warned_90_at) IS NOT NULL"
    )
    assert (rows, failures) == (buckets, 0)
    assert many <= rows <= many + 2 * others


def nothing_is_half_done(run):
    """What was committed was committed with all that belongs to it, down to the counts, read at one moment.

    How many that are is open: what one process of the worker does while another dies is its own affair.
    """
    [(breached, escalated, both, without_events, counted, others)] = run.query(
        f"WITH ours AS ({OURS}), mine AS (SELECT clock.*, EXISTS (SELECT 1 FROM tickets_escalation "
        "WHERE ticket_id = clock.ticket_id) AS escalated FROM tickets_clock AS clock "
        "WHERE ticket_id IN (SELECT id FROM ours) AND metric = 'first_response') "
        "SELECT count(*) FILTER (WHERE breached_at IS NOT NULL), count(*) FILTER (WHERE escalated), "
        "count(*) FILTER (WHERE escalated AND breached_at IS NOT NULL), count(*) FILTER (WHERE breached_at IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM events_event WHERE kind = 'ticket.escalated' AND subject_id = mine.ticket_id)), "
        "(SELECT coalesce(sum(rows), 0) FROM tickets_enforcementtally WHERE job = 'clock'), "
        "(SELECT count(*) FROM tickets_clock WHERE ticket_id NOT IN (SELECT id FROM ours) "
        "AND coalesce(breached_at, warned_75_at, warned_90_at) IS NOT NULL) FROM mine"
    )
    assert (breached, escalated, without_events) == (both, both, 0)
    assert both <= counted <= both + 2 * others


def test_a_worker_killed_in_mid_batch_leaves_nothing_half_done__S4(a_night, few):
    with a_night(few, fault="before_commit:enforce.clock") as run:
        run.start("worker", "beat")
        run.tick("tickets.tasks.enforce_sla")
        run.wait_until(run.marker.exists, "Dying in a batch")
        run.kill("worker")
        nothing_is_half_done(run)

        run.start("worker")
        wait_for(run, FEW)

        all_is_there_once(run, FEW)


def test_redis_killed_and_empty_on_return_costs_time_alone__S4(a_night, few, servers):
    with a_night(few, fault="after_commit:enforce.clock") as run:
        run.start("worker", "beat")
        run.tick("tickets.tasks.enforce_sla")
        run.wait_until(run.marker.exists, "A batch")
        run.may_end = frozenset({"worker"})
        servers.redis.kill()
        shutil.rmtree(servers.places.redis_data)
        servers.redis.start()
        wait_for(run, FEW)

        all_is_there_once(run, FEW)


def test_two_beats_do_nothing_twice__S4(a_night, few):
    with a_night(few) as run:
        run.start("beat")
        run.desk.processes["another beat"] = run.desk.processes.pop("beat")
        run.start("beat", "worker")
        wait_for(run, FEW)
        run.wait_until(lambda: run.query("SELECT 1 FROM tickets_enforcementpass WHERE passes > 1"), "Passes of both")

        all_is_there_once(run, FEW)


def test_postgresql_restarted_under_the_workers_costs_time_alone__S4(a_night, few, servers):
    with a_night(few) as run:
        run.start("worker", "beat")
        run.tick("tickets.tasks.enforce_sla")
        run.wait_until(partial(escalated, run), "The first batch")
        servers.postgres.stop()
        servers.postgres.start()
        wait_for(run, FEW)

        all_is_there_once(run, FEW)


def test_ten_thousand_that_fell_due_while_all_was_down_are_caught_up_with__S4(a_night, servers, place):
    story = house.pile_up(servers, place / "many", BEGUN.isoformat(), MANY)
    with a_night(story) as run:
        run.start("beat", "worker")
        wait_for(run, MANY)

        all_is_there_once(run, MANY)
        [(late, last)] = run.query(
            "SELECT late_seconds / rows, buckets[9] FROM tickets_enforcementtally WHERE job = 'clock'"
        )
        assert late > 3600
        assert last >= MANY  # the owner was to be warned seven hours before the start
