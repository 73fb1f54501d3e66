"""What a day and a notice say in one line."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from desk.counting import MOST

if TYPE_CHECKING:
    from desk.home.day import Day

WORDS: dict[str, str | Lazy] = {
    "ticket.message_received": _("The customer wrote"),
    "ticket.confirmed": _("The customer says it is solved"),
    "ticket.refused": _("The customer says it is not solved"),
    "ticket.note_added": _("You were mentioned in a note"),
    "ticket.assigned": _("Given to you"),
    "ticket.transfer_sent": _("Will you take this over?"),
    "ticket.transferred": _("Your transfer was accepted"),
    "ticket.transfer_refused": _("Your transfer was refused"),
    "ticket.transfer_returned": _("Nobody accepted the transfer in time"),
    "ticket.transfer_taken_back": _("The transfer to you was taken back"),
    "ticket.escalated": _("Somebody asks you to step in"),
    "ticket.escalation_joined": _("One more reason to step in"),
    "ticket.escalation_climbed": _("An escalation has climbed to you"),
    "ticket.escalation_reminded": _("An escalation still waits"),
    "ticket.escalation_taken": _("A supervisor took it over"),
    "ticket.escalation_coached": _("Back to you, with guidance"),
    "ticket.escalation_assigned": _("Given to an expert"),
    "ticket.escalation_declined": _("The escalation was declined"),
    "ticket.sla_warned": _("The answer is nearly due"),
    "ticket.sla_breached": _("The answer is overdue"),
    "ticket.promise_due_soon": _("A promise is nearly due"),
    "ticket.promise_broken": _("A promise was broken"),
    "ticket.promise_released": _("The customer released a promise"),
    "ticket.hold_ended": _("Back from hold"),
    "ticket.follow_up_due": _("Ask whether it is solved"),
    "ticket.follow_up_passed_on": _("A colleague's follow-up is yours now"),
    "ticket.approval_asked": _("Your leave is asked for"),
    "ticket.approval_given": _("A supervisor agreed"),
    "ticket.approval_denied": _("A supervisor did not agree"),
    "ticket.reply_withdrawn": _("A reply did not reach the customer"),
}


def words_of(kind: str) -> str | Lazy:
    """The line for a kind of event; its code where we have none."""
    return WORDS.get(kind, kind)


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
    if day.free:
        many = f"{MOST}+" if day.free > MOST else str(day.free)
        words = ngettext(
            "%(n)s ticket in your teams waits for somebody.", "%(n)s tickets in your teams wait for somebody.", day.free
        )
        said.append(words % {"n": many})
    return said
