"""Service-level clocks (S3-S7): rows that verbs start, stop and pause under the ticket's lock.

What is shown, enforced and reported is read from these rows alone (S6).
"""

from tickets.clocks.passing import start_transfer, stop_transfer
from tickets.clocks.reckoning import (
    RESPONSES,
    Points,
    breach,
    hours_of,
    next_look,
    percents_of,
    points,
    record_breach,
    warning_percents,
)
from tickets.clocks.resolution import pause, reopen, resolve, unpause
from tickets.clocks.response import (
    count_from,
    first_clocks,
    inform,
    latest_answer_at,
    start_first,
    start_on_message,
    stop_on_answer,
)
from tickets.clocks.shifts import cancel, join_enforcement, move, reinstate, reprioritise, retarget, run_on
from tickets.clocks.story import explain
from tickets.queue import refresh_queue

__all__ = [
    "RESPONSES", "Points", "breach", "cancel", "count_from", "explain", "first_clocks", "hours_of", "inform",
    "join_enforcement",
    "latest_answer_at", "move", "next_look", "pause", "percents_of", "points", "record_breach", "refresh_queue",
    "reinstate", "reopen", "reprioritise", "resolve", "retarget", "run_on", "start_first", "start_on_message",
    "start_transfer", "stop_on_answer", "stop_transfer", "unpause", "warning_percents",
]  # fmt: skip
