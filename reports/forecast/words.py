"""Why a clock will probably outlast its promise, in words for a supervisor."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.durations import spoken
from reports.forecast.chance import Outlook

SAME = 0.1
"""A pace within a tenth of the usual is the usual."""
FAST = 1.5
"""Above it a pace is told in times, not in percent."""
LONG = 10
"""A team that meets less than one an hour is told by so many hours."""


def why(one: Outlook) -> list[str]:
    """The reasons, the most telling first; each is a sentence."""
    if not one.work_left:
        return [_("The team does not work again before it is due.")]
    return [_queue(one), *_like(one), *_pace(one)]


def percent(chance: float) -> int:
    """A chance as people say it: never quite 0 or 100, for nobody knows."""
    return min(max(round(100 * chance), 1), 99)


def _queue(one: Outlook) -> str:
    ahead = ngettext("%(n)d is due before it", "%(n)d are due before it", one.ahead) % {"n": one.ahead}
    if not one.ahead:
        ahead = _("Nothing is due before it")
    due = _("it is due in %(span)s of the team's work") % {"span": spoken(one.work_left)}
    return _("%(ahead)s; %(pace)s; %(due)s.") % {"ahead": ahead, "pace": _done(one), "due": due}


def _done(one: Outlook) -> str:
    """What the team gets done: a number of people's speech."""
    per_hour = one.per_hour
    if not per_hour:
        return _("the team finished none in the last seven days")
    if per_hour >= 1:
        return _("the team finishes %(n)s an hour") % {"n": _number(per_hour)}
    many, hours = per_hour * LONG, LONG
    return _("the team finishes %(n)s in %(hours)d hours of work") % {"n": _number(many), "hours": hours}


def _number(value: float) -> str:
    """``4`` or ``1.5``, as the language writes it: a fraction only while it tells something."""
    is_whole = value >= 3 or abs(value - round(value)) < 0.05
    return number_format(round(value) if is_whole else round(value, 1))


def _like(one: Outlook) -> list[str]:
    if one.usual is None:
        return []
    told = {"part": percent(one.usual), "n": one.like, "whose": _whose(one)}
    if one.is_answered:
        words = _("Of 100 answered as long ago, %(part)d are usually not solved by then (from %(n)d %(whose)s).")
    elif one.wait.metric == "resolution":
        words = _("Of 100 that wait as long, %(part)d are usually not solved by then (from %(n)d %(whose)s).")
    else:
        words = _("Of 100 that wait as long, %(part)d usually still do by then (from %(n)d %(whose)s).")
    return [words % told]


def _whose(one: Outlook) -> str:
    return {
        "promise": _("of this team under the same promise"),
        "team": _("of this team"),
        "desk": _("of all teams"),
    }[one.of]


def _pace(one: Outlook) -> list[str]:
    if abs(one.pace - 1) < SAME:
        return []
    if one.pace > FAST:
        words = _("These days the team gets %(n)s times as much done as usual with what it has open.")
        return [words % {"n": number_format(round(one.pace, 1), 1)}]
    words = (
        _("These days the team is %(n)d %% slower than usual with what it has open.")
        if one.pace < 1
        else _("These days the team is %(n)d %% faster than usual with what it has open.")
    )
    return [words % {"n": round(100 * abs(one.pace - 1))}]
