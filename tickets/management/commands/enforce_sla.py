"""``python manage.py enforce_sla``: one pass over everything that is due."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from common.clock import parse_when
from common.errors import Malformed
from tickets import enforcement


class Command(BaseCommand):
    help = "Warn, breach, escalate and end what is due by now; prints what was done as one line of JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", help="As if it were this time (default: now), for example 2026-03-02T09:00+00:00.")

    def handle(self, *args: Any, at: str | None = None, **options: Any) -> None:
        try:
            moment = parse_when(at, settings.TIME_ZONE) if at else None
        except Malformed as problem:
            self.stderr.write(str(problem))
            raise SystemExit(2) from problem
        self.stdout.write(json.dumps(enforcement.enforce(at=moment)))
