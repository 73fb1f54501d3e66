"""What a notice says in one line, and why it came to this reader."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.models import Notice

Because = Notice.Because
NEAR = timedelta(days=6)
"""As far as a weekday alone tells which day is meant."""

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

UNTIL: dict[str, str | Lazy] = {
    Because.QUIET: _("%(name)s is in quiet hours until %(when)s"),
    Because.AFTER_HOURS: _("%(name)s is not at work until %(when)s"),
    Because.AWAY: _("%(name)s is away until %(when)s"),
    Because.OFF: _("%(name)s is off until %(when)s"),
}
OPEN_ENDED: dict[str, str | Lazy] = {
    Because.QUIET: _("%(name)s is in quiet hours"),
    Because.AFTER_HOURS: _("%(name)s is not at work"),
    Because.AWAY: _("%(name)s is away"),
    Because.OFF: _("%(name)s is off"),
    Because.LEFT: _("%(name)s is no longer here"),
}


def words_of(kind: str) -> str | Lazy:
    """The line for a kind of event; its code where we have none."""
    return WORDS.get(kind, kind)


def reason_of(notice: Notice, at: datetime | None = None) -> str:
    """Why it did not go to who was meant (``instead_of`` read with it); empty where it did. In the active zone."""
    if notice.instead_of is None or not notice.because:
        return ""
    words = UNTIL.get(notice.because) if notice.until else None
    name = notice.instead_of.short_name
    if words is None or notice.until is None:
        return str(OPEN_ENDED[notice.because]) % {"name": name}
    return str(words) % {"name": name, "when": when(notice.until, at or timezone.now())}


def when(moment: datetime, at: datetime) -> str:
    """``Mon 08:00`` within a week, else with its date; in the active zone."""
    local = timezone.localtime(moment)
    shape = "D H:i" if abs(moment - at) < NEAR else "D j M, H:i"
    return date_format(local, shape)


def spoken_lines(kind: str, count: int) -> str:
    """The line, with how often where it is more than once."""
    words = str(words_of(kind))
    return words if count == 1 else gettext("%(what)s (%(n)d times)") % {"what": words, "n": count}
