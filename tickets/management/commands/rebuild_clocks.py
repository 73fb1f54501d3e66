"""``python manage.py rebuild_clocks``: the clocks of tickets, reckoned again from their events alone."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tickets.models import Ticket
from tickets.rebuilding import rebuild


class Command(BaseCommand):
    help = "Compare all clocks with what the events tell; one line per difference, a summary as JSON, then exit 1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--ticket", type=int, nargs="+", metavar="N", help="only these tickets, by number")
        parser.add_argument("--write", action="store_true", help="put the clocks of tickets that differ right")

    def handle(self, *args: Any, ticket: list[int] | None = None, write: bool = False, **options: Any) -> None:
        counts = rebuild(_ids(ticket) if ticket else None, write=write, say=self.stdout.write)
        self.stdout.write(json.dumps(asdict(counts)))
        if counts.left or (counts.differences and not write):
            raise SystemExit(1)


def _ids(numbers: list[int]) -> list[int]:
    found = dict(Ticket.objects.filter(number__in=numbers).values_list("number", "pk"))
    if missing := sorted(set(numbers) - found.keys()):
        raise CommandError(f"There is no ticket {missing[0]}.")
    return list(found.values())
