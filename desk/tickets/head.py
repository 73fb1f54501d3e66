"""Which acts a ticket's page offers, and what forbids the others: said before one tries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from common.verdict import Verdict
from desk.tickets.page import Loaded
from tickets.models import Closure, Status, Ticket
from tickets.policy import (
    approving,
    assigning,
    closing,
    complaints,
    escalating,
    holding,
    merging,
    passing,
    promising,
    properties,
)
from tickets.policy.talking import may_await_customer, may_note, may_reply
from tickets.policy.working import may_work


@dataclass(frozen=True, slots=True)
class Offer:
    """One act as a button: where its form is, its key, and why not, if not."""

    code: str
    label: str
    icon: str
    url: str
    verdict: Verdict
    key: str = ""
    is_primary: bool = False
    is_folded: bool = False
    """Stands in the menu where a phone has no room for it."""


PRESSED_MOST = "rahtpe"
MOST_ON_A_PHONE = 4
SOME_NUMBER = 9_876_543_210


def main_acts(user: User, loaded: Loaded) -> list[Offer]:
    """The acts above the conversation, each one keystroke (h t e p r); what stands in the way greys them."""
    ticket, offer = loaded.ticket, _offers(loaded.ticket)
    acts = []
    if ticket.assignee_id is None and ticket.is_active:
        acts.append(offer("take", _("Take"), "hand", assigning.may_take(user, ticket), key="a"))
    if loaded.hold:
        acts.append(offer("resume", _("Resume"), "play", holding.may_resume(user, ticket), key="h"))
        acts.append(offer("extend_hold", _("Longer hold"), "pause", holding.may_extend_hold(user, ticket)))
    else:
        acts.append(offer("hold", _("Hold"), "pause", holding.may_hold(user, ticket), key="h"))
    if loaded.transfer and passing.may_take_back(user, loaded.transfer):
        back = passing.may_take_back(user, loaded.transfer)
        acts.append(offer("take_back_transfer", _("Take back"), "undo-2", back, key="t"))
    else:
        acts.append(offer("transfer", _("Transfer"), "arrow-right-left", passing.may_transfer(user, ticket), key="t"))
    acts.append(offer("escalate", _("Escalate"), "triangle-alert", escalating.may_escalate(user, ticket), key="e"))
    acts.append(offer("promise", _("Promise"), "clock", promising.may_promise(user, ticket), key="p"))
    if ticket.status == Status.RESOLVED:
        acts.append(offer("confirm", _("Customer's answer"), "phone", _may_note_answer(user, loaded), key="r"))
        acts.append(offer("reopen", _("Reopen"), "rotate-ccw", closing.may_reopen(user, ticket)))
    else:
        resolve = closing.may_resolve(user, ticket)
        acts.append(offer("resolve", _("Resolve"), "check", resolve, key="r", is_primary=True))
    return _folded(acts)


def more_acts(user: User, loaded: Loaded) -> list[Offer]:
    """What is done now and then, in the menu."""
    ticket, offer = loaded.ticket, _offers(loaded.ticket)
    describe = properties.may_describe(user, ticket)
    acts = [
        offer("assign", _("Assign"), "user-round-check", assigning.may_assign(user, ticket)),
        offer("properties", _("Change properties"), "sliders-horizontal", describe),
        offer("await_customer", _("Wait for the customer"), "hourglass", may_await_customer(user, ticket)),
        offer("ask_approval", _("Ask for approval"), "shield-question-mark", approving.may_ask_approval(user, ticket)),
        offer("add_participant", _("Add somebody"), "user-plus", may_note(user, ticket)),
        offer("merge", _("Merge into another"), "merge", merging.may_merge(user, ticket)),
    ]
    if ticket.is_complaint:
        step = complaints.may_take_step(user, ticket)
        acts.insert(0, offer("take_step", _("Next complaint step"), "list-checks", step))
    if ticket.is_spam:
        is_none = properties.may_unmark_spam(user, ticket)
        acts.append(offer("unmark_spam", _("This is no spam"), "shield-check", is_none))
        acts.append(offer("close", _("Close as spam"), "lock", closing.may_close(user, ticket)))
    elif ticket.trashed_at:
        restore = properties.may_restore(user, ticket)
        acts.append(offer("restore", _("Take out of the trash"), "archive-restore", restore))
    else:
        acts.append(offer("mark_spam", _("Mark as spam"), "shield-x", properties.may_mark_spam(user, ticket)))
        acts.append(offer("trash", _("Move to the trash"), "trash-2", properties.may_trash(user, ticket)))
    return acts


def writing(user: User, ticket: Ticket) -> dict[str, Verdict]:
    """May one reply, may one note."""
    return {"reply": may_reply(user, ticket), "note": may_note(user, ticket)}


def _folded(acts: list[Offer]) -> list[Offer]:
    """The same acts, of which a phone shows those that have a key, as many as fit, and always how it ends (``r``)."""
    keyed = sorted((act for act in acts if act.key), key=lambda act: PRESSED_MOST.find(act.key))
    shown = {act.code for act in keyed[:MOST_ON_A_PHONE]}
    return [replace(act, is_folded=act.code not in shown) for act in acts]


def _may_note_answer(user: User, loaded: Loaded) -> Verdict:
    asked = loaded.closure
    if asked is None or asked.answer != Closure.Answer.WAITING:
        return closing.may_resolve(user, loaded.ticket)
    return may_work(user, loaded.ticket)


def _offers(ticket: Ticket) -> Callable[..., Offer]:
    def offer(code: str, label: str, icon: str, verdict: Verdict, key: str = "", is_primary: bool = False) -> Offer:
        before, after = _address(code)
        return Offer(code, label, icon, f"{before}{ticket.number}{after}", verdict, key, is_primary)

    return offer


@cache
def _address(code: str) -> tuple[str, str]:
    """What stands before and after the ticket's number."""
    before, _number, after = reverse(f"desk:{code}", args=[SOME_NUMBER]).partition(str(SOME_NUMBER))
    return before, after
