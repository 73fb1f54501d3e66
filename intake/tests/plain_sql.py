"""When the clocks of an imported log are due, and whether they were missed, in plain SQL from the events alone.

Open time is a table of spans with the seconds that were open before each of them; everything else is a lookup in it.
No code of the desk takes part.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

ROUND_THE_CLOCK = """
    SELECT timestamptz '2009-01-01' AS opens, timestamptz '2030-01-01' AS closes
"""

OFFICE_IN_ROME = """
    SELECT (day + time '08:00') AT TIME ZONE 'Europe/Rome' AS opens,
           (day + time '18:00') AT TIME ZONE 'Europe/Rome' AS closes
    FROM generate_series(timestamp '2009-01-01', timestamp '2019-12-31', interval '1 day') AS day
    WHERE extract(isodow FROM day) < 6
      AND to_char(day, 'MM-DD') NOT IN (
          '01-01', '01-06', '04-25', '05-01', '06-02', '08-15', '11-01', '12-08', '12-25', '12-26')
      AND day::date NOT IN (
          '2009-04-13', '2010-04-05', '2011-03-17', '2011-04-25', '2012-04-09', '2013-04-01', '2014-04-21',
          '2015-04-06', '2016-03-28', '2017-04-17', '2018-04-02', '2019-04-22')
"""
"""Mon-Fri 8-18 without Italy's holidays: ten fixed days, Easter Monday, and the 150th birthday of the state in 2011."""

LOOKUPS = """
    CREATE TEMP TABLE open_spans ON COMMIT DROP AS
        SELECT opens, closes, extract(epoch FROM closes - opens) AS lasts,
               sum(extract(epoch FROM closes - opens)) OVER (ORDER BY opens)
                   - extract(epoch FROM closes - opens) AS before
        FROM ({spans}) AS calendar;
    CREATE UNIQUE INDEX ON open_spans (opens);
    CREATE UNIQUE INDEX ON open_spans ((before + lasts));

    CREATE FUNCTION pg_temp.open_before(at timestamptz) RETURNS numeric LANGUAGE sql STABLE AS $$
        SELECT before + extract(epoch FROM least(at, closes) - opens)
        FROM open_spans WHERE opens <= at ORDER BY opens DESC LIMIT 1
    $$;
    CREATE FUNCTION pg_temp.when_open_for(seconds numeric) RETURNS timestamptz LANGUAGE sql STABLE AS $$
        SELECT opens + (seconds - before) * interval '1 second'
        FROM open_spans WHERE before + lasts >= seconds ORDER BY before + lasts LIMIT 1
    $$;
"""

EXPECTED = """
    WITH told AS MATERIALIZED (
        SELECT subject_id AS ticket, subject_seq AS seq, happened_at AS at, kind, data,
               lag(kind) OVER moments AS kind_before
        FROM events_event
        WHERE subject_kind = 'ticket' AND kind IN (
            'ticket.opened', 'ticket.pending', 'ticket.returned', 'ticket.resolved', 'ticket.reopened', 'ticket.closed')
        WINDOW moments AS (PARTITION BY subject_id ORDER BY subject_seq)
    ),
    given_up AS MATERIALIZED (
        SELECT ticket, min(seq) AS seq FROM told
        WHERE kind = 'ticket.closed' AND kind_before <> 'ticket.resolved' GROUP BY ticket
    ),
    turns AS MATERIALIZED (
        SELECT told.ticket, told.seq, told.at, told.kind,
               lead(told.at) OVER moments AS until,
               row_number() OVER (PARTITION BY told.ticket ORDER BY told.seq DESC) = 1 AS is_last
        FROM told LEFT JOIN given_up USING (ticket)
        WHERE told.kind <> 'ticket.closed' AND (given_up.seq IS NULL OR told.seq < given_up.seq)
        WINDOW moments AS (PARTITION BY told.ticket ORDER BY told.seq)
    ),
    runs AS MATERIALIZED (
        SELECT ticket, seq, until,
               pg_temp.open_before(at) AS open_from,
               pg_temp.open_before(coalesce(until, timestamptz '2019-12-01')) AS open_until
        FROM turns
        WHERE kind IN ('ticket.opened', 'ticket.returned', 'ticket.reopened') OR (is_last AND kind = 'ticket.resolved')
    ),
    added_up AS MATERIALIZED (
        SELECT *, sum(open_until - open_from) OVER (PARTITION BY ticket ORDER BY seq) - (open_until - open_from) AS done
        FROM runs
    ),
    resolution AS MATERIALIZED (
        SELECT DISTINCT ON (ticket) ticket, pg_temp.when_open_for(open_from + %(resolution)s - done) AS due
        FROM added_up WHERE done + open_until - open_from >= %(resolution)s ORDER BY ticket, seq
    ),
    resolved AS MATERIALIZED (SELECT ticket, at FROM turns WHERE is_last AND kind = 'ticket.resolved'),
    opened AS MATERIALIZED (
        SELECT ticket, at, pg_temp.when_open_for(pg_temp.open_before(at) + %(first_response)s) AS due
        FROM told WHERE kind = 'ticket.opened'
    ),
    answered AS MATERIALIZED (
        SELECT DISTINCT ON (subject_id) subject_id AS ticket, subject_seq AS seq, happened_at AS at
        FROM events_event
        WHERE subject_kind = 'ticket'
          AND (kind = 'ticket.resolved' OR (kind = 'ticket.taken' AND data->>'answers' = 'true'))
        ORDER BY subject_id, subject_seq
    ),
    expected AS MATERIALIZED (
        SELECT opened.ticket, 'first_response' AS metric, opened.due, answered.at AS stopped,
               given_up.seq IS NOT NULL AND answered.ticket IS NULL AS cancelled
        FROM opened
        LEFT JOIN given_up USING (ticket)
        LEFT JOIN answered ON answered.ticket = opened.ticket
            AND (given_up.seq IS NULL OR answered.seq < given_up.seq)
        UNION ALL
        SELECT opened.ticket, 'resolution', resolution.due, resolved.at, given_up.seq IS NOT NULL
        FROM opened
        LEFT JOIN given_up USING (ticket) LEFT JOIN resolution USING (ticket) LEFT JOIN resolved USING (ticket)
    ),
    judged AS MATERIALIZED (
        SELECT *, CASE WHEN NOT cancelled AND due < coalesce(stopped, %(now)s) THEN due END AS breached FROM expected
    )
    SELECT coalesce(judged.ticket, clock.ticket_id), coalesce(judged.metric, clock.metric),
           judged.due, clock.due_at, judged.breached, clock.breached_at, judged.stopped, clock.stopped_at
    FROM judged FULL JOIN tickets_clock AS clock ON clock.ticket_id = judged.ticket AND clock.metric = judged.metric
"""


def reckoned(spans: str, *, first_response: int, resolution: int, now: datetime) -> list[tuple[Any, ...]]:
    """Of every clock: ticket, metric, due, breach and stop, each as SQL says it and as the row says it.

    ``spans`` is a query for ``opens`` and ``closes`` of all open time; targets are open seconds.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOOKUPS.replace("{spans}", spans))
        cursor.execute("ANALYZE events_event, tickets_clock, open_spans")
        cursor.execute("SET LOCAL enable_nestloop = off")  # rows of this transaction are badly guessed
        cursor.execute(EXPECTED, {"first_response": first_response, "resolution": resolution, "now": now})
        found: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.execute("SET LOCAL enable_nestloop = on")
        cursor.execute("DROP TABLE open_spans CASCADE")
        cursor.execute("DROP FUNCTION pg_temp.open_before(timestamptz)")
        cursor.execute("DROP FUNCTION pg_temp.when_open_for(numeric)")
    return found
