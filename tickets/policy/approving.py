"""Who may give leave to go beyond a rule, and who may ask for it (H4, X4, T5, E1)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from common.verdict import ALLOWED, Verdict, no
from events.models import Approval
from staff.access import chain, viewer
from tickets.models import ACTIVE, Ticket
from tickets.policy.working import may_work, may_work_unclosed

RULES: dict[str, frozenset[str]] = {
    "H4": frozenset({"hold"}),
    "X4": frozenset({"transfer"}),
    "T5": frozenset({"set_type"}),
    "E1": frozenset({"exception"}),
}
"""The rules that a supervisor may lift, each with the acts it is asked for."""


def supervises_case(user: User, ticket: Ticket) -> bool:
    """Stands above the ticket: in its team's chain, a supervisor of the desk, an admin; never its own customer."""
    who = viewer(user)
    if not who.is_staff or (who.person_id is not None and who.person_id == ticket.requester_id):
        return False
    return who.supervises(ticket.team_id) or user in chain(ticket.team)


def may_ask_approval(user: User, ticket: Ticket) -> Verdict:
    """Who works on a ticket that is still to be met may ask its supervisors for leave."""
    if not (verdict := may_work_unclosed(user, ticket)):
        return verdict
    if ticket.status not in ACTIVE:
        return no(_("This ticket is resolved; reopen it first."), code="resolved", rule="T3")
    return ALLOWED


def may_answer_approval(user: User, approval: Approval, ticket: Ticket) -> Verdict:
    """A supervisor above the ticket answers, who is not the one who asked."""
    if not (verdict := _stands_above(user, ticket, approval.rule)):
        return verdict
    if approval.asked_by_id == user.pk:
        return no(_("You asked for this: another supervisor decides."), code="own_question", rule=approval.rule)
    if approval.answer != Approval.Answer.WAITING:
        return no(_("This was decided already."), code="approval_answered", rule=approval.rule)
    return ALLOWED


def may_confirm_approval(user: User, approval: Approval) -> Verdict:
    """Only the supervisor who was named says whether they agreed, once."""
    if approval.named_id is None or approval.answer != Approval.Answer.GIVEN:
        return no(_("There is nothing to confirm here."), code="nothing_to_confirm", rule=approval.rule)
    if approval.named_id != user.pk or not user.is_active:
        return no(
            _("%(name)s was named: only they confirm it.") % {"name": approval.named},
            code="not_named",
            rule=approval.rule,
        )
    if approval.confirmed_at is not None:
        return no(_("You confirmed this already."), code="approval_confirmed", rule=approval.rule)
    return ALLOWED


def may_withdraw_approval(user: User, approval: Approval) -> Verdict:
    """Who asked may take the question back while nobody answered it."""
    if approval.asked_by_id != user.pk:
        return no(_("Only who asked takes this back."), code="not_yours", rule=approval.rule)
    if approval.answer != Approval.Answer.WAITING:
        return no(_("This was decided already."), code="approval_answered", rule=approval.rule)
    return ALLOWED


def may_be_named(user: User, ticket: Ticket, *, by: User, rule: str) -> Verdict:
    """In a live contact an agent names the supervisor who agreed: one above the ticket, and not the agent."""
    if user.pk == by.pk:
        return no(
            _("Name the supervisor who agreed, not yourself."), code="named_self", rule=rule, field="named_supervisor"
        )
    if not supervises_case(user, ticket):
        return no(
            _("%(name)s is no supervisor of this ticket's team.") % {"name": user},
            code="not_supervisor",
            rule=rule,
            field="named_supervisor",
        )
    return ALLOWED


def is_usable(approval: Approval, at: datetime) -> bool:
    """Given, not yet used, not past its time."""
    return (
        approval.answer == Approval.Answer.GIVEN
        and approval.used_at is None
        and (approval.until is None or at <= approval.until)
    )


def _stands_above(user: User, ticket: Ticket, rule: str) -> Verdict:
    if not (verdict := may_work(user, ticket)) and verdict.refusal and verdict.refusal.code == "own_ticket":
        return verdict
    if not supervises_case(user, ticket):
        return no(_("A supervisor of this ticket's team decides this."), code="not_supervisor", rule=rule)
    return ALLOWED
