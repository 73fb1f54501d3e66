"""The forecast for pages that only mention it: reckoned at most once a minute for the whole desk, kept in the cache.

Reckoning takes a tenth of a second and more, whoever asks. What is kept is the desk's, not its reader's: who asks picks
the rows that the reader may see, and looks whether the clocks still run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache

from reports.forecast.chance import Outlook, outlooks
from reports.forecast.loading import waits_now, work_of_teams

KEPT = timedelta(minutes=1)
LEAST = 0.5
"""What is at least as probable as not is worth a mention."""
MOST = 500
"""Outlooks of either sort that are kept: enough for any team's first few."""
KEY = "reports.forecast.lately." + ".".join(Outlook.__slots__)
"""Another shape of an outlook is another key."""


@dataclass(frozen=True, slots=True)
class Lately:
    """What was to be expected at ``at``: the ``probable`` breaches, the most probable first; the clocks of which
    nothing can be told yet (``unknown``), the first due first; ``is_told``: of some clock something could be said."""

    at: datetime
    probable: tuple[Outlook, ...]
    unknown: tuple[Outlook, ...]
    is_told: bool


def lately(at: datetime) -> Lately:
    """The forecast of ``at`` (aware) or of up to a minute before; where it is not kept, a dozen queries."""
    kept = cache.get(KEY)
    if isinstance(kept, Lately) and timedelta() <= at - kept.at < KEPT:
        return kept
    waits = waits_now(at)
    expected = outlooks(waits, at, work_of_teams(waits, at))
    told = [one for one in expected if one.chance is not None]
    probable = [one for one in told if (one.chance or 0.0) >= LEAST]
    unknown = [one for one in expected if one.chance is None]
    found = Lately(at, tuple(probable[:MOST]), tuple(unknown[:MOST]), bool(told))
    cache.set(KEY, found, KEPT.total_seconds())
    return found
