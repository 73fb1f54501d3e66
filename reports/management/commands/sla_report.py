"""The SLA report for programs and terminals; the same numbers as the page at /reports/sla/."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.errors import Malformed
from reports import export, periods
from reports.grouping import GROUPINGS
from reports.sla import as_json, sla_report

FORMATS = ("text", "json", "csv")


class Command(BaseCommand):
    help = "Prints how the promises about time were kept on tickets opened in a period."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", default="", metavar="DATE", help="first day, such as 2026-10-01")
        parser.add_argument("--to", default="", metavar="DATE", help="the day after the last one")
        parser.add_argument(
            "--timezone", default=None, metavar="ZONE", help="whose days; the organisation's if left out"
        )
        parser.add_argument("--by", default="team", metavar="GROUP", help="one of: " + ", ".join(GROUPINGS))
        parser.add_argument("--format", default="text", help="one of: " + ", ".join(FORMATS))
        parser.add_argument(
            "--detail", action="store_true", help="JSON: live and written answers apart, and what is open now"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        form = options["format"]
        if form not in FORMATS:
            raise CommandError(f"--format: use one of {', '.join(FORMATS)}.")
        for option, given in (("--from", options["first"]), ("--to", options["to"])):
            if not given:
                raise CommandError(f"{option}: give a date, such as 2026-10-01.")
        try:
            period = periods.parse(options["first"], options["to"], options["timezone"])
            report = sla_report(period, by=options["by"])
        except Malformed as error:
            where = {"time_zone": "timezone"}.get(error.field or "", error.field)
            raise CommandError(f"--{where}: {error}") from None
        if form == "json":
            self.stdout.write(json.dumps(as_json(report, detail=options["detail"]), indent=2, ensure_ascii=False))
        elif form == "csv":
            self.stdout.write(b"".join(export.csv_of(report)).decode(), ending="")
        else:
            self.stdout.write(export.text_of(report))
