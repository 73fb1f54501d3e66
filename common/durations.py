"""Spans of time as people say them."""

from django.utils.translation import gettext as _


def spoken(seconds: float, *, exact: bool = False) -> str:
    """``2 h 50 min`` for a span in seconds, its two largest units; seconds are said only when ``exact``."""
    seconds = int(abs(seconds))
    minutes, rest = divmod(seconds, 60)
    if exact and minutes < 60:
        parts = [_("%(n)d min") % {"n": minutes}] if minutes else []
        if rest or not minutes:
            parts.append(_("%(n)d s") % {"n": rest})
        return " ".join(parts)
    if not minutes:
        return _("under 1 min")
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        larger, smaller = (_("%(n)d d"), days), (_("%(n)d h"), hours)
    else:
        larger, smaller = (_("%(n)d h"), hours), (_("%(n)d min"), minutes)
    return " ".join(unit % {"n": n} for unit, n in (larger, smaller) if n)
