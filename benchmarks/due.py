"""``python -m benchmarks.due fill CLOCKS | breaches MANY | work START | notices MANY | idle | opening``.

Each answers with JSON, in a process of its own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import django

if TYPE_CHECKING:
    from django.db import models

TEAMS, PEOPLE, CHUNK = 20, 1000, 50_000
LANGUAGES = ("en", "de", "nb", "es", "fr")
PASSES, OPENED = 200, 300
DAY = timedelta(days=1)


def fill(clocks: int) -> dict[str, Any]:
    """A desk with so many open clocks, none of them due for a day: copies of one ticket and its two clocks."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from helpdesk import defaults
    from tickets import loading
    from tickets.models import Clock, Ticket

    call_command("migrate", interactive=False, verbosity=0)
    defaults.ensure()
    teams, people = _house()
    one = loading.LoadedTicket(
        requester=people[0], subject="The heating is cold", text="Please help.", channel="email", at=timezone.now(),
        team=teams[0],
    )  # fmt: skip
    first = loading.load([one], origin="live", is_enforced=True).ticket_ids[0]
    per_ticket = Clock.objects.filter(ticket=first, stopped_at=None).count()
    wanted = clocks // per_ticket - 1
    for done in range(0, wanted, CHUNK):
        many = min(CHUNK, wanted - done)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE new AS SELECT 0::bigint AS id, now() AS due_at WHERE false")
            cursor.execute(
                "INSERT INTO new SELECT nextval(pg_get_serial_sequence('tickets_ticket', 'id')), "
                "now() + interval '2 days' + random() * interval '60 days' FROM generate_series(1, %s)",
                [many],
            )
            cursor.execute(_copies(Ticket, "id = %s", id="new.id", public_id="gen_random_uuid()",
                                   number="nextval('ticket_number_seq')", queue_at="new.due_at"), [first])  # fmt: skip
            cursor.execute(_copies(Clock, "ticket_id = %s AND stopped_at IS NULL", ticket_id="new.id",
                                   id="nextval(pg_get_serial_sequence('tickets_clock', 'id'))", due_at="new.due_at",
                                   next_at="new.due_at - interval '6 hours'"), [first])  # fmt: skip
            if not done:
                _other_kinds(first)
            cursor.execute("DROP TABLE new")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return {"clocks": Clock.objects.filter(stopped_at=None, cancelled_at=None).count()}


def _other_kinds(ticket: int) -> None:
    """Of every other kind of row that falls due one on each of the new tickets, due when its clocks are."""
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User
    from staff.models import Team
    from tickets.models import Closure, Consent, Escalation, FollowUp, Hold, HoldReason, Promise, Transfer

    now, later, user, team = timezone.now(), timezone.now() + DAY, User.objects.first(), Team.objects.first()
    ones: list[tuple[models.Model, tuple[str, ...]]] = [
        (
            Hold(placed_by=user, placed_at=now, reason=HoldReason.objects.first(), consent=Consent.TOLD, until=later),
            ("until",),
        ),
        (
            Transfer(sender=user, to_team=team, reason="workload", consent=Consent.TOLD, sent_at=now, accept_by=later),
            ("accept_by",),
        ),
        (Escalation(kind="hierarchical", raised_at=now, climbs_at=later), ("climbs_at",)),
        (
            Promise(owner=user, made_at=now, due_at=later, remind_at=later, break_at=later),
            ("due_at", "remind_at", "break_at"),
        ),
        (FollowUp(owner=user, status=FollowUp.Status.DUE, due_at=later), ("due_at",)),
        (Closure(asked_at=now, silence_at=later), ("silence_at",)),
    ]
    for one, times in ones:
        one.ticket_id = ticket  # type: ignore[attr-defined]
        one.save()
        key = f"nextval(pg_get_serial_sequence('{one._meta.db_table}', 'id'))"
        others = {"id": key, "ticket_id": "new.id", **dict.fromkeys(times, "new.due_at")}
        with connection.cursor() as cursor:
            cursor.execute(_copies(type(one), "ticket_id = %s", **others), [ticket])
        type(one).objects.filter(pk=one.pk).delete()  # type: ignore[attr-defined]


def _copies(model: type[models.Model], which: str, **others: str) -> str:
    """An INSERT of one copy of the rows ``which`` for each row of ``new``, with these columns set otherwise."""
    columns = [str(field.column) for field in model._meta.concrete_fields if not field.generated]
    values = ", ".join(others.get(column, f"one.{column}") for column in columns)
    table = model._meta.db_table
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} "
        f"FROM new, (SELECT * FROM {table} WHERE {which}) AS one"
    )


def _house() -> tuple[list[int], list[int]]:
    """Teams with a supervisor and an agent each, and customers of several languages."""
    from accounts.models import Role, RoleGrant, User
    from customers.models import EmailAddress, Person
    from staff.models import Membership, StaffProfile, Team

    teams = []
    for number in range(TEAMS):
        team = Team.objects.create(name=f"Team {number}")
        for role in (Membership.TeamRole.SUPERVISOR, Membership.TeamRole.AGENT):
            user = User.objects.create_user(f"{role}{number}@desk.example", name=f"{role.title()} {number}")
            RoleGrant.objects.create(user=user, role=Role.AGENT)
            StaffProfile.objects.create(user=user, availability="online")
            Membership.objects.create(user=user, team=team, role=role)
        teams.append(team.pk)
    made = Person.objects.bulk_create(
        Person(name=f"Customer {number}", kind="external", language=LANGUAGES[number % len(LANGUAGES)])
        for number in range(PEOPLE)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(person=person, address=f"{number}@customers.example", is_primary=True)
        for number, person in enumerate(made)
    )
    return teams, [person.pk for person in made]


def breaches(many: int) -> dict[str, Any]:
    """So many unanswered mails of a day ago: their first responses are due at one moment, which is past."""
    from django.utils import timezone

    from customers.models import Person
    from staff.models import Team
    from tickets import loading
    from tickets.models import Clock

    teams, people = list(Team.objects.values_list("pk", flat=True)), list(Person.objects.values_list("pk", flat=True))
    at = timezone.now() - DAY
    stories = [
        loading.LoadedTicket(
            requester=people[number % len(people)], subject=f"Order {number}", text="Where is it?", channel="email",
            at=at, team=teams[number % len(teams)],
        )
        for number in range(many)
    ]  # fmt: skip
    ids: list[int] = []
    for first in range(0, many, 2500):
        ids += loading.load(stories[first : first + 2500], origin="live", is_enforced=True, now=at).ticket_ids
    return {"due": Clock.objects.filter(ticket__in=ids, next_at__lte=timezone.now(), metric="first_response").count()}


def work(start: float) -> dict[str, Any]:
    """One worker's pass from that moment on; it hurries into a real queue, as a worker does."""
    from tickets import enforcement

    enforcement.sweep(seconds=0)  # what a worker has loaded and compiled long ago
    time.sleep(max(start - time.time(), 0))
    finished = enforcement.sweep(seconds=600)
    return {"ended": time.time(), "finished": finished}


def told() -> dict[str, Any]:
    """What stands in the rows after the breaches, and what stands twice."""
    from django.db import connection

    asks = {
        "escalations": "SELECT count(*) FROM tickets_escalationreason WHERE reason = 'sla_breach'",
        "breaches": "SELECT count(*) FROM events_event WHERE kind = 'ticket.sla_breached'",
        "doubles": """
            SELECT (SELECT count(*) - count(DISTINCT ticket_id) FROM tickets_escalation)
                 + (SELECT count(*) - count(DISTINCT escalation_id) FROM tickets_escalationreason)
                 + (SELECT count(*) - count(DISTINCT data->>'clock') FROM events_event
                    WHERE kind = 'ticket.sla_breached')
        """,
        "gaps": """
            SELECT count(*) FROM (
                SELECT 1 FROM events_event JOIN tickets_ticket ticket ON ticket.id = subject_id
                WHERE subject_kind = 'ticket' GROUP BY subject_id, ticket.event_seq
                HAVING count(*) <> ticket.event_seq OR max(subject_seq) <> ticket.event_seq
            ) AS gap
        """,
        "deliveries": "SELECT count(*) FROM events_delivery",
    }
    found = {}
    for name, ask in asks.items():
        with connection.cursor() as cursor:
            cursor.execute(ask)
            found[name] = cursor.fetchone()[0]
    return found


def notices(many: int) -> dict[str, Any]:
    """What so many breaches owe besides: notices to staff, a mail to each customer; as a worker is asked for them."""
    from django.db import connection

    from events import dispatch
    from events.tasks import run_deliveries

    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT owed.id FROM events_delivery owed JOIN events_event said ON said.id = owed.event_id
            WHERE owed.done_at IS NULL AND said.subject_kind = 'ticket' AND said.subject_id IN (
                SELECT asked.ticket_id FROM tickets_escalationreason why
                JOIN tickets_escalation asked ON asked.id = why.escalation_id
                WHERE why.reason = 'sla_breach' ORDER BY why.id LIMIT %s
            ) AND said.kind <> 'ticket.opened' ORDER BY owed.due_at, owed.id
            """,
            [many],
        )
        owed = [pk for (pk,) in cursor.fetchall()]
    slices = [owed[first : first + dispatch.TOGETHER] for first in range(0, len(owed), dispatch.TOGETHER)]
    run_deliveries(slices[0])  # what a worker has loaded and compiled long ago
    rest = [_spent_on(lambda some=some: run_deliveries(some))[1] for some in slices[1:]]  # type: ignore[misc]
    return {"breaches": many, "deliveries": len(owed), "work": sum(rest) / many * len(slices) / len(rest)}


def idle() -> dict[str, Any]:
    """What a pass costs the database when nothing is due: all its statements, with their way there and back."""
    from django.db import connection

    from tickets import enforcement

    enforcement.sweep(seconds=10)
    spent, statements = [], 0
    for _pass in range(PASSES):
        with _timed() as took:
            enforcement.sweep(seconds=10)
        spent.append(sum(took) * 1000)
        statements = len(took)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tickets_clock WHERE stopped_at IS NULL AND cancelled_at IS NULL")
        clocks = cursor.fetchone()[0]
    return {
        "clocks": clocks, "statements": statements, "median": median(spent), "p95": quantiles(spent, n=20)[-1],
        "passes": PASSES,
    }  # fmt: skip


@contextmanager
def _timed() -> Iterator[list[float]]:
    """The seconds of each statement inside."""
    from django.db import connection

    took: list[float] = []

    def clock(execute: Callable[..., Any], *arguments: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            took.append(time.perf_counter() - begun)

    with connection.execute_wrapper(clock):
        yield took


def opening() -> dict[str, Any]:
    """Mails that open a ticket, in pairs with clocks and without, so that what else runs hits both: what clocks cost.

    ``wall`` is what the sender waits, ``work`` the processor time of this process and of its PostgreSQL for it; each
    in milliseconds, with clocks and without.
    """
    from customers.models import Person
    from staff.models import Team
    from tickets import lifecycle

    people, team = list(Person.objects.order_by("pk")[:50]), Team.objects.order_by("pk").first()

    def opens(number: int) -> None:
        person = people[number % len(people)]
        lifecycle.open_ticket(
            requester=person, subject="A question", text="How does it work?", channel="email", by=person, team=team
        )

    def opens_without(number: int) -> None:
        with _no_clocks():
            opens(number)

    for number in range(20):
        opens(number)
        opens_without(number)
    with_clocks: list[tuple[float, float]] = []
    without: list[tuple[float, float]] = []
    for number in range(OPENED):
        pair = [(opens, with_clocks), (opens_without, without)]
        for act, found in pair if number % 2 else reversed(pair):
            found.append(_spent_on(lambda act=act, number=number: act(number)))  # type: ignore[misc]
    (wall, work), (wall_without, work_without) = zip(*with_clocks, strict=True), zip(*without, strict=True)
    return {
        "wall": [median(wall), median(wall_without)],
        "fastest": [quantiles(wall, n=10)[0], quantiles(wall_without, n=10)[0]],
        "work": [median(work), median(work_without)],
        "opened": OPENED,
    }


@contextmanager
def _no_clocks() -> Iterator[None]:
    """Nothing of what an opened ticket pays for its clocks."""
    from tickets import clocks

    with patch.object(clocks, "first_clocks", return_value=[]):
        yield


def _spent_on(act: Callable[[], None]) -> tuple[float, float]:
    """Milliseconds that passed, and those that this process and its PostgreSQL were at work."""
    begun, worked, served = time.perf_counter(), time.process_time(), _server_time()
    act()
    passed, worked = time.perf_counter() - begun, time.process_time() - worked
    return passed * 1000, (worked + _server_time() - served) * 1000


def _server_time() -> float:
    """Seconds of processor time that the PostgreSQL of this connection has used."""
    from django.db import connection

    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


ANSWERS: dict[str, Callable[..., dict[str, Any]]] = {
    "fill": lambda many: fill(int(many)),
    "breaches": lambda many: breaches(int(many)),
    "work": lambda start: work(float(start)),
    "told": told,
    "notices": lambda many: notices(int(many)),
    "idle": idle,
    "opening": opening,
}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    django.setup()
    print(json.dumps(ANSWERS[sys.argv[1]](*sys.argv[2:])))
