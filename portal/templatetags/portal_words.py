"""What customers' pages say in their own way: moments, zones, how we spoke."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common import quotes
from portal.when import full, is_foreign_zone, when, zone_words
from tickets.models import Attachment, Entry
from tickets.thumbnails import has_small

register = template.Library()


@register.simple_tag
def moment(value: datetime | None) -> SafeString:
    """``tomorrow at 14:00`` in a ``<time>`` that has the date and the zone for who points at it."""
    if value is None:
        return SafeString("")
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), full(value), when(value))


@register.simple_tag
def zone_name() -> str:
    """Whose clock the times of this page are on."""
    return zone_words()


@register.simple_tag
def zone_is_foreign() -> bool:
    """Whether that is another clock than the desk's."""
    return is_foreign_zone()


@register.simple_tag
def written(entry: Entry) -> SafeString:
    """What was written, whole; what is quoted below it folds."""
    return quotes.folded(entry.text, entry.html)


@register.filter
def spoken_as(entry: Entry) -> str:
    """How an entry came about, where it was not written."""
    how = {
        Entry.Kind.CALL: _("On the phone"),
        Entry.Kind.VISIT: _("When you were with us"),
        Entry.Kind.LETTER: _("By letter"),
        Entry.Kind.CHAT: _("In the chat"),
    }
    return how.get(Entry.Kind(entry.kind), "")


@register.filter
def is_picture(file: Attachment) -> bool:
    """Whether a file can be shown small."""
    return has_small(file)
