"""The one place that asks what time it is, and how wall times become instants and are shown again."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

from common.errors import Malformed


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def zone_named(name: str) -> ZoneInfo:
    """The time zone of that IANA name; ``Malformed`` (``bad_time_zone``) when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise Malformed(
            _("There is no time zone of the name %(name)s.") % {"name": str(name)[:60]},
            code="bad_time_zone",
            field="time_zone",
        ) from error


def parse_when(text: str, time_zone: str, *, field: str | None = None) -> datetime:
    """An instant in UTC from what a person typed (``datetime-local``: ``2026-03-29T14:30``) or a program sent.

    A text with an offset is that instant. A wall time is read in ``time_zone``: one that happens twice (clocks go back)
    means the first of the two, one that never happens (clocks go forward) means as much later as the clock was moved:
    02:30 becomes 03:30. Raises ``Malformed`` (``bad_time``).
    """
    try:
        read = datetime.fromisoformat(text.strip())
        if read.tzinfo is None:
            read = read.replace(tzinfo=zone_named(time_zone), fold=0)
        return read.astimezone(UTC)
    except (ValueError, OverflowError, AttributeError, TypeError) as error:
        raise Malformed(_("Give a date and a time, such as 2026-03-29 14:30."), code="bad_time", field=field) from error


def parse_day(text: str, *, field: str | None = None) -> date:
    """A date as ``2026-03-29``. Raises ``Malformed`` (``bad_date``)."""
    try:
        return date.fromisoformat(text.strip())
    except (ValueError, AttributeError, TypeError) as error:
        raise Malformed(_("Give a date, such as 2026-03-29."), code="bad_date", field=field) from error


def start_of_day(day: date, time_zone: str) -> datetime:
    """The first instant of a local date, in UTC, also where midnight is skipped."""
    where = zone_named(time_zone)
    instant = datetime.combine(day, time(), where).astimezone(UTC)
    if instant.astimezone(where).time() == time():
        return instant
    low, high = int((instant - timedelta(hours=30)).timestamp()), int(instant.timestamp())
    while low < high:  # midnight was jumped over: the day begins where the clocks landed
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, where).date() >= day:
            high = middle
        else:
            low = middle + 1
    return datetime.fromtimestamp(high, UTC)


def days_between(first: date, last: date, time_zone: str) -> tuple[datetime, datetime]:
    """The half-open stretch of instants from the start of ``first`` to the start of ``last``."""
    return start_of_day(first, time_zone), start_of_day(last, time_zone)


def in_zone(at: datetime, time_zone: str) -> datetime:
    """The same instant as that zone's wall clock shows it."""
    return at.astimezone(zone_named(time_zone))


def for_input(at: datetime | None, time_zone: str) -> str:
    """The value of a ``datetime-local`` field; empty for None."""
    return in_zone(at, time_zone).strftime("%Y-%m-%dT%H:%M") if at else ""


def format_when(at: datetime, time_zone: str, *, with_zone: bool = False) -> str:
    """Date and time in the language that is active, in that zone ("5 Jan 2026, 14:30"), with the zone's short name."""
    local = in_zone(at, time_zone)
    text = _("%(date)s, %(time)s") % {
        "date": formats.date_format(local, "j M Y"),
        "time": formats.date_format(local, "H:i"),
    }
    return f"{text} {local.tzname()}" if with_zone else text
