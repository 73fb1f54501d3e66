"""What a notice says in one line."""

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Lazy] = {
    "ticket.message_received": _("The customer wrote"),
    "ticket.confirmed": _("The customer says it is solved"),
    "ticket.refused": _("The customer says it is not solved"),
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
