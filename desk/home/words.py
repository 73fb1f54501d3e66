"""What a day says in a few sentences."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext, ngettext

from desk.counting import MOST

if TYPE_CHECKING:
    from desk.home.day import Day


def summary(day: Day, at: datetime) -> list[str]:
    """The day in a few sentences: what is overdue, what is due soon, what waits for somebody."""
    late = sum(1 for row in day.now if row.due_at is not None and row.due_at <= at)
    soon = len(day.now) - late
    said = []
    if late:
        said.append(ngettext("%(n)d thing is overdue.", "%(n)d things are overdue.", late) % {"n": late})
    if soon:
        words = (
            ngettext("%(n)d more is due in the next four hours.", "%(n)d more are due in the next four hours.", soon)
            if late
            else ngettext(
                "%(n)d thing is due in the next four hours.", "%(n)d things are due in the next four hours.", soon
            )
        )
        said.append(words % {"n": soon})
    if not day.now:
        said.append(gettext("Nothing of yours is due in the next four hours."))
    if day.waiting:
        many = f"{MOST}+" if day.waiting > MOST else str(day.waiting)
        words = ngettext("%(n)s ticket waits for somebody.", "%(n)s tickets wait for somebody.", day.waiting)
        said.append(words % {"n": many})
    return said
