"""``python manage.py import_tickets FILE``: tickets of another system (docs/importing.md)."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from common.clock import zone_named
from common.errors import Malformed
from intake.importing import mapping, running
from staff.models import Calendar

FORMATS = ("eventlog", "csv", "json")


class Command(BaseCommand):
    help = "Import tickets: a process log, or one row or object for each ticket. Run it again at any time."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--format", choices=FORMATS, help="default: by the file's ending, and by whether --map is an event log's"
        )
        parser.add_argument(
            "--map", type=Path, metavar="FILE", help="a mapping file, or the name of one that is shipped"
        )
        parser.add_argument(
            "--timezone",
            metavar="ZONE",
            help="zone of times without an offset; default: the mapping's, then the desk's",
        )
        parser.add_argument("--live", action="store_true", help="let the tickets join enforcement")
        parser.add_argument("--dry-run", action="store_true", help="write nothing; tell what would be")
        parser.add_argument(
            "--rejected", type=Path, metavar="PATH", help="default: FILE.rejected.csv (none on a dry run)"
        )

    def handle(self, *_args: Any, **options: Any) -> str:
        path: Path = options["file"]
        bars = Bars(self.stderr)
        try:
            outcome = running.run(self._job(path, options, bars))
        except Malformed as error:
            raise CommandError(" ".join(str(error).split())) from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped. Run it again to go on.", returncode=130) from error
        finally:
            bars.close()
        counts = asdict(outcome)
        if duplicates := counts.pop("duplicates"):
            self.stderr.write(f"{duplicates} rows were exact duplicates of others and are counted once.")
        return json.dumps(counts)

    def _job(self, path: Path, options: dict[str, Any], bars: Bars) -> running.Job:
        how = options["format"] or _format_of(path, options["map"])
        read = mapping.load(options["map"], how, source=path.stem[:60])
        zone = options["timezone"] or read.time_zone or _own_zone()
        zone_named(zone)
        rejected = options["rejected"]
        if rejected is None and not options["dry_run"]:
            rejected = path.with_name(f"{path.name}.rejected.csv")
        if rejected is not None and rejected.resolve() == path.resolve():
            raise Malformed("--rejected names the file that is imported.", code="bad_path")
        return running.Job(
            path=path, format=how, mapping=read, time_zone=zone, is_live=options["live"], is_dry=options["dry_run"],
            rejected=rejected, progress=bars.show,
        )  # fmt: skip


class Bars:
    """A progress bar for each stage, on standard error."""

    def __init__(self, stream: Any) -> None:
        self.stream, self.stage = stream, ""
        self.bar: Any = None

    def show(self, stage: str, done: int, total: int) -> None:
        """Move the bar of this stage to ``done``; a new stage begins a new bar."""
        if stage != self.stage:
            self.close()
            unit = {"unit": "B", "unit_scale": True} if stage == "read" else {"unit": "ticket"}
            self.bar = tqdm(total=total, desc=stage, file=self.stream, **unit)
            self.stage = stage
        self.bar.update(done - self.bar.n)

    def close(self) -> None:
        """Leave the last bar as it stands."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None


def _format_of(path: Path, map_: Path | None) -> str:
    if path.suffix.lower() in (".json", ".jsonl", ".ndjson"):
        return "json"
    return "eventlog" if map_ is not None and mapping.is_event_map(map_) else "csv"


def _own_zone() -> str:
    calendar = Calendar.objects.filter(is_default=True).first()
    return calendar.time_zone if calendar else settings.TIME_ZONE
