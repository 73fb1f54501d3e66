"""What a desk needs before its first ticket: it works with no configuration (S1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from common.text import text_to_html
from feedback.models import Survey
from helpdesk.canned_texts import DEFAULTS, Text
from sla import policies
from sla.models import Policy
from staff import calendars
from staff.models import Brand, Calendar, CalendarSpan
from tickets.models import CannedReply, Category, HoldReason

OURS, CUSTOMERS = HoldReason.Side.OURS, HoldReason.Side.CUSTOMER
OPENS, CLOSES = time(8), time(17)
WORKING_WEEK = range(5)


@transaction.atomic
def ensure() -> list[str]:
    """Make what is missing and leave alone what is there, changed or not; the names of what was made."""
    steps = (_calendar, _policy, _brand, _hold_reasons, _categories, _canned_replies, _survey)
    return [name for step in steps if (name := step())]


def _calendar() -> str:
    if Calendar.objects.filter(is_default=True).exists():
        return ""
    calendar, is_new = Calendar.objects.get_or_create(
        name=_("Office hours"), defaults={"time_zone": settings.TIME_ZONE, "is_default": True}
    )
    if is_new:
        CalendarSpan.objects.bulk_create(
            CalendarSpan(calendar=calendar, weekday=day, opens=OPENS, closes=CLOSES) for day in WORKING_WEEK
        )
    else:
        calendar.is_default = True
        calendar.save(update_fields=["is_default"])
    calendars.publish(calendar)
    return "calendar"


def _policy() -> str:
    if Policy.objects.filter(is_default=True).exists():
        return ""
    policies.default()
    return "policy"


def _brand() -> str:
    if Brand.objects.exists():
        return ""
    Brand.objects.create(name=_("Help desk"), is_default=True)
    return "brand"


def _hold_reasons() -> str:
    if HoldReason.objects.exists():
        return ""
    reasons = (
        ("research", _("Research"), _("we need to look into it"), OURS),
        ("department", _("Another department"), _("we are asking another department"), OURS),
        ("supplier", _("A supplier"), _("we are waiting for our supplier"), OURS),
        ("customer_asked", _("The customer asked for it"), _("you asked us to wait"), CUSTOMERS),
        ("customer_owes", _("Something of theirs is missing"), _("we are waiting for something from you"), CUSTOMERS),
    )
    HoldReason.objects.bulk_create(
        HoldReason(code=code, name=name, say=say, side=side, position=position)
        for position, (code, name, say, side) in enumerate(reasons, start=1)
    )
    return "hold reasons"


def _categories() -> str:
    if Category.objects.exists():
        return ""
    names = (_("Account and access"), _("Billing"), _("Product"), _("Other"))
    Category.objects.bulk_create(Category(name=name) for name in names)
    return "categories"


def _canned_replies() -> str:
    if CannedReply.objects.exists():
        return ""
    add_canned_replies(DEFAULTS)
    return "canned replies"


def add_canned_replies(texts: Iterable[Text]) -> None:
    """Those whose shortcut is free."""
    taken = {shortcut.lower() for shortcut in CannedReply.objects.values_list("shortcut", flat=True)}
    CannedReply.objects.bulk_create(
        CannedReply(
            name=one.name, shortcut=one.shortcut, language=one.language, text=one.text, html=text_to_html(one.text)
        )
        for one in texts
        if one.shortcut not in taken
    )


def _survey() -> str:
    if Survey.objects.exists():
        return ""
    Survey.objects.create(name=_("Satisfaction"), question=_("How satisfied are you with how we handled this?"))
    return "survey"
