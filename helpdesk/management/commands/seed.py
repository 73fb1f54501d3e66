"""``manage.py seed --tickets N [--messages M]``: many believable tickets, quickly."""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from common.errors import Malformed
from helpdesk import seeding


class Command(BaseCommand):
    help = (
        "Load two years of tickets with their entries, people, teams and clocks, on an empty or a filled desk. "
        "It makes staff with a known password: not for a desk that others can reach."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tickets", type=int, required=True, help="how many tickets")
        parser.add_argument("--messages", type=int, help="how many entries in all; three for each ticket unless given")
        parser.add_argument("--processes", type=int, help="how many load at once; one per processor unless given")

    def handle(self, *args: Any, **options: Any) -> None:
        started, tickets = time.monotonic(), options["tickets"]
        # Inside a transaction others would not see the people whose tickets they load.
        processes = 1 if connection.in_atomic_block else options["processes"] or os.cpu_count() or 1

        def say(done: int) -> None:
            if options["verbosity"] and (done % 20_000 == 0 or done == tickets):
                self.stdout.write(f"{done} tickets after {time.monotonic() - started:.0f} s")

        try:
            done = seeding.seed(tickets, entries=options["messages"], processes=processes, say=say)
        except Malformed as problem:
            raise CommandError(str(problem)) from None
        counts = done.counts
        self.stdout.write(
            f"Added {counts['tickets']} tickets with {counts['entries']} entries and {counts['events']} events "
            f"for {done.people} people in {time.monotonic() - started:.0f} s."
        )
        if done.long_ticket:
            self.stdout.write(f"#{done.long_ticket} has exactly {seeding.LONG} entries.")
        self.stdout.write("Sign in with one of:")
        for role, address in seeding.SIGN_INS:
            self.stdout.write(f"  {role:<10} {address}  {seeding.PASSWORD}")
