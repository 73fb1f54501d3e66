"""How good the forecast is on what has happened: each working morning, with what was known then."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.business_hours import BusinessHours
from common.clock import zone_named
from common.errors import Malformed
from common.measures import read_span
from reports.forecast import scores
from reports.forecast.chance import LOOK_BACK
from reports.forecast.history import history
from reports.forecast.loading import work_of_teams
from reports.forecast.replay import Past, Said, mornings, replayed
from reports.forecast.work import Work
from tickets.models import Clock

LEVELS = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
PROMISES = {"first_response": Clock.Metric.FIRST_RESPONSE, "resolution": Clock.Metric.RESOLUTION}


class Command(BaseCommand):
    help = "Replays the forecast over the past, morning by morning, and holds it against what came."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", required=True, metavar="DATE", help="first day, such as 2010-07-01")
        parser.add_argument("--to", required=True, metavar="DATE", help="the day after the last one")
        parser.add_argument("--source", default="", help="only tickets imported from this source")
        parser.add_argument("--first-response", default="", metavar="SPAN", help="as if this had been promised: 24h")
        parser.add_argument("--resolution", default="", metavar="SPAN", help="as if this had been promised: 20d")
        parser.add_argument("--hours", default="", metavar="FROM-TO", help="working hours of all teams, such as "
                            "08:00-18:00, Monday to Friday; their own calendars if left out")  # fmt: skip
        parser.add_argument("--timezone", default="UTC", help="whose days and hours")
        parser.add_argument("--format", default="text", choices=("text", "json"))

    def handle(self, *args: Any, **options: Any) -> None:
        began = perf_counter()
        zone = options["timezone"]
        first, last = (_day(options[name], option, zone) for name, option in (("first", "--from"), ("to", "--to")))
        pasts = history(first - LOOK_BACK, last, source=options["source"])
        for option, metric in PROMISES.items():
            if options[option]:
                seconds = _span(options[option], option.replace("_", "-"))
                pasts = [past.with_promise(seconds) if past.facts.metric == metric else past for past in pasts]
        if not pasts:
            raise CommandError("No clock ran in these days.")
        said, until = _said(pasts, first, last, _hours(options["hours"], zone), zone)
        told = [("all", said)]
        told += [(metric, group) for metric in PROMISES if (group := [one for one in said if one.metric == metric])]
        if options["format"] == "json":
            self.stdout.write(json.dumps({name: _figures(group) for name, group in told}, indent=2))
            return
        self.stdout.write(f"{len(pasts)} clocks; outcomes known until {until:%Y-%m-%d %H:%M} UTC")
        for name, group in told:
            self.stdout.write("\n".join(_table(name, _figures(group))))
        self.stdout.write(f"{perf_counter() - began:.0f} s")


def _said(
    pasts: list[Past], first: datetime, last: datetime, hours: BusinessHours | None, zone: str
) -> tuple[list[Said], datetime]:
    """What was said on each morning, and until when the outcomes are known: the last time anything happened."""
    facts = [past.facts for past in pasts]
    until = max(moment for past in pasts for moment in (past.facts.started_at, past.stopped_at) if moment)
    if hours is None:
        work_of = work_of_teams(facts, last)
        days = BusinessHours(zone, dict.fromkeys(range(5), ((time(9), time(17)),)))
    else:
        table = Work(hours, min(one.started_at for one in facts), max(until, last) + timedelta(days=730))
        work_of, days = (lambda _team: table), hours
    return list(replayed(pasts, mornings(first, last, days), work_of, known_until=until)), until


def _figures(said: Sequence[Said]) -> dict[str, Any]:
    flags = []
    for level in LEVELS:
        ours = scores.flagged(said, level)
        flags.append({
            "chance": level, "flags": ours.flags, **_both("forecast", ours),
            **_both("least_time_left", scores.best(said, scores.by_time_left, ours.flags)),
            **_both("least_time_left_each_day", scores.best_of_each_day(said, scores.by_time_left, level)),
        })  # fmt: skip
    return {
        "said": len(said),
        "breached": sum(one.is_breach for one in said),
        "mornings": len({one.at for one in said}),
        "average_precision": round(scores.average_precision(said, scores.by_chance), 3),
        "average_precision_least_time_left": round(scores.average_precision(said, scores.by_time_left), 3),
        "brier": round(scores.brier(said), 4),
        "flags": flags,
        "calibration": [[least, many, round(mean, 3), round(came, 3)]
                        for least, many, mean, came in scores.calibration(said)],
    }  # fmt: skip


def _both(name: str, score: scores.Score) -> dict[str, float]:
    return {f"{name}_precision": round(score.precision, 3), f"{name}_recall": round(score.recall, 3)}


def _table(name: str, figures: dict[str, Any]) -> list[str]:
    lines = [
        "",
        f"{name}: {figures['said']} said on {figures['mornings']} mornings, {figures['breached']} breached; "
        f"average precision {figures['average_precision']:.3f}, least time left "
        f"{figures['average_precision_least_time_left']:.3f}; Brier {figures['brier']:.4f}",
        "chance   flags   forecast        least time left  the same each morning",
        "              precision recall  precision recall  precision recall",
    ]
    for row in figures["flags"]:
        cells = [row[f"{whose}_{what}"] for whose in ("forecast", "least_time_left", "least_time_left_each_day")
                 for what in ("precision", "recall")]  # fmt: skip
        lines.append(f"  {row['chance']:.1f}  {row['flags']:6}    " + "   ".join(f"{cell:.3f}" for cell in cells))
    lines.append("said (from, times, mean) and came: " + "; ".join(
        f"{least:.1f} {many} {mean:.2f} {came:.2f}" for least, many, mean, came in figures["calibration"]
    ))  # fmt: skip
    return lines


def _day(text: str, option: str, zone: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), zone_named(zone))
    except Malformed as error:
        raise CommandError(f"--timezone: {error}") from None
    except ValueError:
        raise CommandError(f"{option}: give a date, such as 2010-07-01.") from None


def _span(text: str, option: str) -> int:
    try:
        return read_span(text)
    except ValueError:
        raise CommandError(f"--{option}: give a span, such as 24h or 20d.") from None


def _hours(text: str, zone: str) -> BusinessHours | None:
    if not text:
        return None
    try:
        opens, closes = (time.fromisoformat(part.strip()) for part in text.split("-"))
        return BusinessHours(zone, dict.fromkeys(range(5), ((opens, closes),)))
    except (ValueError, Malformed):
        raise CommandError("--hours: give two times, such as 08:00-18:00.") from None
