"""The seed itself: defaults, people, then slices of tickets in as many processes as asked, statistics at the end."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

from django.conf import settings
from django.db import connection
from django.utils import timezone, translation

from accounts.models import User
from common.errors import Malformed, Refused
from events import dispatch, values
from events.models import Delivery, Event
from helpdesk import defaults
from helpdesk.seeding import people, plan
from helpdesk.seeding.people import Cast
from helpdesk.seeding.plan import LONG, LONG_SUBJECT, SEED, Slice
from tickets import lifecycle, loading
from tickets.models import Consent, Status, Ticket
from tickets.values import CLOSURE_SILENCE_SECONDS

HELD_OF = 2_000
MOST_HELD = 60
"""One ticket in so many is on hold now, up to so many: holds go through the verb, which costs more than loading."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What one seed added: rows by table, and the number of the ticket with exactly ``LONG`` entries, if asked for."""

    counts: dict[str, int]
    people: int
    long_ticket: int | None


def seed(
    tickets: int,
    *,
    entries: int | None = None,
    processes: int = 1,
    now: datetime | None = None,
    say: Callable[[int], None] = lambda done: None,
) -> Seeded:
    """Add ``tickets`` with ``entries`` in all (three each unless told); the same for the same numbers and ``now``.

    ``say`` hears how many tickets are there after each slice. Slices are transactions of their own: what was loaded
    before an interruption stays. ``Malformed`` when there are fewer entries than tickets, or none.
    """
    wanted = 3 * tickets if entries is None else entries
    if tickets < 1:
        raise Malformed("Ask for one ticket at least.", code="too_few", field="tickets")
    if wanted < tickets:
        raise Malformed("A ticket has one entry at least: ask for as many.", code="too_few", field="messages")
    with translation.override(settings.LANGUAGE_CODE), dispatch.silenced():
        defaults.ensure()
        moment = (now or timezone.now()).replace(microsecond=0)
        random = Random(SEED)  # noqa: S311 - the same every time is what is wanted
        cast = people.build(tickets, now=moment, random=random)
        work = partial(load_slice, cast=cast, now=moment)
        counts: Counter[str] = Counter()
        for written in _each(work, plan.slices(tickets, wanted), processes):
            counts.update(written)
            say(counts["tickets"])
        counts["holds"] = _hold_some(tickets, cast, moment)
        connection.cursor().execute("ANALYZE")
    long = Ticket.objects.filter(subject=LONG_SUBJECT, requester__in=cast.people).order_by("-pk").first()
    return Seeded(dict(counts), len(cast.people), long.number if long and wanted - tickets >= LONG else None)


def load_slice(part: Slice, *, cast: Cast, now: datetime) -> dict[str, int]:
    """Load one slice in a transaction of its own; the rows written by table."""
    silence = timedelta(seconds=values.get(CLOSURE_SILENCE_SECONDS))
    stories = plan.told(part, cast, now=now, silence=silence)
    return loading.load(stories, origin=Event.Origin.LIVE, is_enforced=True, now=now).counts


def _each(work: Callable[[Slice], dict[str, int]], parts: list[Slice], processes: int) -> Iterator[dict[str, int]]:
    """The slices' results as they come, from this process or from forks with connections of their own."""
    if processes < 2 or len(parts) < 2:
        yield from map(work, parts)
        return
    context = multiprocessing.get_context("fork")
    # A child sees the connections of the thread it was forked in, and two children on one line would end it: so they
    # come from a thread that has none.
    with ThreadPoolExecutor(max_workers=1) as thread:
        pool = thread.submit(context.Pool, processes, maxtasksperchild=50).result()
    with pool:
        yield from pool.imap_unordered(work, parts)


def _hold_some(tickets: int, cast: Cast, now: datetime) -> int:
    """Let some of the latest open tickets wait for a supplier, told in writing."""
    rows = Ticket.objects.filter(status=Status.OPEN, requester__in=cast.people, assignee__isnull=False)
    rows = rows.exclude(subject=LONG_SUBJECT).select_related("assignee").order_by("-pk")
    held = []
    for number, ticket in enumerate(rows[: min(tickets // HELD_OF + 1, MOST_HELD)]):
        until = now + timedelta(minutes=40 + 17 * number % 600)
        if ticket.assignee is not None and _hold(ticket, ticket.assignee, until):
            held.append(ticket.pk)
    # what the verb told, and what it saw late on the way: a clock that ran out meanwhile
    told = Delivery.objects.filter(done_at=None, event__subject_kind="ticket", event__subject_id__in=held)
    told.update(done_at=now)
    return len(held)


def _hold(ticket: Ticket, by: User, until: datetime) -> bool:
    try:
        lifecycle.hold(ticket, by=by, reason="supplier", consent=Consent.TOLD, until=until)
    except Refused:  # an approval or a transfer stands in the way: it stays open
        return False
    return True
