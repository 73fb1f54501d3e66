"""The four steps of a complaint: understood, confirmed, resolved, thanked (T5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from common.text import clean_text
from tickets.lifecycle import conversation
from tickets.lifecycle._ground import change, copy_back, locked, moment, tell
from tickets.models import ComplaintStep, Contact, Entry, Status, Ticket
from tickets.policy.complaints import STEPS, may_take_step, steps_taken

Step = ComplaintStep.Step


@transaction.atomic
def take_step(
    ticket: Ticket, *, by: User, step: str, text: str = "", contact: Contact | None = None, at: datetime | None = None
) -> ComplaintStep:
    """One step, after those before it (T5). What was understood is a note; the other words go to the customer.

    ``text`` may be empty where ``contact`` names the conversation in which it was said.
    """
    given, ticket, now = ticket, locked(ticket), moment(at)
    if step not in Step.values:
        raise Malformed(_("There is no such step."), code="no_such_step", field="step")
    may_take_step(by, ticket).demand()
    _in_order(ticket, step)
    text = clean_text(text, 100_000, field="text")
    if not text and contact is None and step != Step.RESOLVED:
        raise Refused(_ASK[step](), code="text_missing", rule="T5", field="text")

    entry = _said(ticket, by, step, text, contact, now)
    ticket = locked(ticket)
    taken = ComplaintStep.objects.create(ticket=ticket, step=step, taken_by=by, taken_at=now, entry=entry)
    change(ticket)
    tell(ticket, "complaint_step", by=by, at=now, contact=contact, step=step, entry=entry.pk if entry else None)
    copy_back(ticket, given)
    return taken


def _in_order(ticket: Ticket, step: str) -> None:
    taken = steps_taken(ticket)
    if step in taken:
        raise Refused(_("This step was taken already."), code="step_taken", rule="T5", field="step")
    missing = [before for before in STEPS[: STEPS.index(Step(step))] if before not in taken]
    if missing:
        raise Refused(
            _("First: %(step)s.") % {"step": Step(missing[0]).label}, code="step_out_of_order", rule="T5", field="step"
        )


def _said(ticket: Ticket, by: User, step: str, text: str, contact: Contact | None, at: datetime) -> Entry | None:
    if not text:
        return None
    if step == Step.UNDERSTOOD:
        return conversation.add_note(ticket, by=by, text=text, at=at)
    if ticket.status == Status.CLOSED:  # thanked after the end: nothing is reopened, this event tells of it
        return conversation.write_public(ticket, by=by, text=text, contact=contact, at=at)
    return conversation.reply(ticket, by=by, text=text, contact=contact, at=at)


_ASK: dict[str, Callable[[], str]] = {
    Step.UNDERSTOOD: lambda: _("Write down what you understood."),
    Step.CONFIRMED: lambda: _("Say your understanding back to the customer: write it, or name the conversation."),
    Step.THANKED: lambda: _("Thank the customer: write it, or name the conversation."),
}
