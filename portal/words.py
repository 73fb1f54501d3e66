"""A request's state in plain words: what we do, what we wait for, by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from tickets.models import Clock, Hold, Status, Ticket


@dataclass(frozen=True, slots=True)
class Standing:
    """One sentence for the customer, its tone, and the time it names (to show in their zone)."""

    label: str
    tone: str
    sentence: str
    until: datetime | None = None


def standing_of(ticket: Ticket, *, at: datetime, hold: Hold | None = None, clock: Clock | None = None) -> Standing:
    """How the request stands, from its state, its running hold and its running response clock."""
    if ticket.status == Status.ON_HOLD and hold is not None:
        return Standing(
            _("Waiting"), "calm", hold.reason.say or _("We are looking into it and come back to you by"), hold.until
        )
    if ticket.status == Status.PENDING:
        return Standing(_("Your turn"), "warn", _("We asked you something and go on when we have your answer."))
    if ticket.status == Status.RESOLVED:
        return Standing(_("Solved?"), "good", _("We think this is solved. Is it?"))
    if ticket.status == Status.CLOSED:
        return Standing(
            _("Closed"), "", _("This request is closed. A new message opens a new one that knows this one.")
        )
    if clock is not None and clock.due_at is not None and clock.due_at < at:
        return Standing(_("We are late"), "bad", _("We are sorry: our answer was due by"), clock.due_at)
    if clock is not None and clock.due_at is not None:
        return Standing(_("With us"), "accent", _("A person answers you at the latest by"), clock.due_at)
    if ticket.status == Status.NEW:
        return Standing(_("Received"), "accent", _("We have your request."))
    return Standing(_("In progress"), "good", _("We are working on it."))
