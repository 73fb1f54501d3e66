"""Times of other systems, read in their zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from common import clock
from common.errors import Malformed

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
SLACK = timedelta(days=1)
"""A time may lie so far ahead before it is taken for a mistake: clocks and zones differ."""


def read_time(text: str, time_format: str, time_zone: str) -> datetime:
    """The instant in UTC; ``ValueError`` with a sentence for the rejected row. Zones as in ``common.clock``."""
    written = text.strip()
    if not written:
        raise ValueError(_("No time is given."))
    try:
        if time_format:
            written = datetime.strptime(written, time_format).isoformat()  # noqa: DTZ007 (parse_when sets the zone)
        at = clock.parse_when(written, time_zone)
    except (ValueError, Malformed) as error:
        raise ValueError(_("“%(text)s” is no time that can be read.") % {"text": text[:60]}) from error
    if at < EARLIEST or at > clock.now() + SLACK:
        raise ValueError(_("“%(text)s” lies outside the years that can be: 1970 to today.") % {"text": text[:60]})
    return at
