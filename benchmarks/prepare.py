"""``python -m benchmarks.prepare fill TICKETS | targets CLIENTS``: what needs Django, in a process of its own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from accounts.models import User
    from tickets.models import Ticket

LEAST_REPLIED = 400
TAKEN = 30


def fill(tickets: int) -> None:
    """Migrate, seed, and bring the desk to where a worker would have brought it."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from events import dispatch
    from events.models import Delivery
    from tickets.enforcement import enforce

    call_command("migrate", interactive=False, verbosity=0)
    call_command("seed", tickets=tickets)
    with dispatch.silenced():
        enforce()
    Delivery.objects.filter(done_at=None).update(done_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def targets(clients: int) -> dict[str, Any]:
    """Sessions for so many clients, addresses of the pages, what is replied to, what is searched for."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.db.models import Max
    from django.urls import NoReverseMatch, reverse

    from accounts.models import User
    from customers.models import Person
    from helpdesk import seeding
    from tickets.models import ACTIVE, Status, Ticket

    agent = User.objects.get(email=seeding.AGENT)
    sessions = []
    for _client in range(clients):
        session = SessionStore()
        session[SESSION_KEY] = str(agent.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
        session.save()
        sessions.append(str(session.session_key))
    mine = Ticket.objects.visible_to(agent).filter(team__memberships__user=agent)
    long = mine.filter(subject=seeding.LONG_SUBJECT).latest("pk")
    replied = mine.filter(status__in=ACTIVE).exclude(pk=long.pk).exclude(status=Status.ON_HOLD)
    few = min(TAKEN, replied.count() // 3)  # on a small desk most are left to be answered
    taken = _given_back(replied.order_by("pk")[:few], agent)
    replied = replied.exclude(number__in=taken)
    numbers = replied.annotate(seen=Max("entries__pk")).order_by("-pk").values_list("number", "seen")[:LEAST_REPLIED]
    people = Person.objects.order_by("-pk")[:40]
    orders = [100_000 + 7 * place for place in range(0, Ticket.objects.count(), max(Ticket.objects.count() // 40, 1))]
    try:
        search = reverse("desk:search")
    except NoReverseMatch:
        search = "/benchmarks/search/"
    return {
        "cookie": settings.SESSION_COOKIE_NAME,
        "sessions": sessions,
        "list": reverse("desk:tickets"),
        "ticket": reverse("desk:ticket", args=[long.number]),
        "search": search,
        "create": reverse("desk:log_contact"),
        "replies": [(reverse("desk:reply", args=[number]), seen) for number, seen in numbers],
        "takes": [reverse("desk:ticket", args=[number]) for number in taken],
        "people": [person.pk for person in people],
        "words": {
            "an order number": [f"order {order}" for order in orders],
            "a name": [person.name for person in people],
            "a frequent word": ["heating", "refund", "update"],
        },
    }


def _given_back(tickets: Iterable[Ticket], agent: User) -> list[int]:
    """The numbers of these tickets, which their team now has and nobody of it: they are there to be taken."""
    from events import dispatch
    from tickets import lifecycle

    numbers = []
    with dispatch.silenced():
        for ticket in tickets:
            if ticket.assignee_id:
                lifecycle.assign(ticket, by=agent, to=None)
            numbers.append(ticket.number)
    return numbers


def main(arguments: list[str]) -> None:
    """Do one of both; targets are printed as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    django.setup()
    match arguments:
        case ["fill", tickets]:
            fill(int(tickets))
        case ["targets", clients]:
            print(json.dumps(targets(int(clients))))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
