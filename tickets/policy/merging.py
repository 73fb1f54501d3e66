"""Which two tickets may become one, and when they part again (T11)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import User
from common.verdict import ALLOWED, Verdict, no
from staff.access import viewer
from tickets.models import Status, Ticket, TicketMerge
from tickets.policy.complaints import steps_taken
from tickets.policy.facts import facts
from tickets.policy.working import may_work, may_work_unclosed


def may_merge(user: User, source: Ticket, target: Ticket | None = None) -> Verdict:
    """Both are open and nothing runs that was agreed with a customer on one of them (T11).

    Without ``target``: whether ``source`` may be merged at all (for a button).
    """
    both = [source, target] if target is not None else [source]
    if target is not None and source.pk == target.pk:
        return no(_("A ticket is not merged into itself."), code="same_ticket", rule="T11", field="into")
    for ticket in both:
        if not (verdict := may_work_unclosed(user, ticket)):
            return verdict
    if target is not None and target.status == Status.RESOLVED:
        return no(
            _("#%(number)s is resolved: reopen it first.") % {"number": target.number},
            code="resolved",
            rule="T11",
            field="into",
        )
    for ticket in both:
        if not (verdict := _nothing_runs(ticket)):
            return verdict
    if facts(source).approval_waits:
        return no(_("A supervisor has not answered yet: wait for the approval."), code="approval_open", rule="T11")
    if target is not None:
        return _complaint_stays(user, source, target)
    return ALLOWED


def may_unmerge(user: User, merge: TicketMerge) -> Verdict:
    """The last of a chain of merges is undone first."""
    for ticket in (merge.source, merge.target):
        if not (verdict := may_work(user, ticket)):
            return verdict
    if merge.undone_at is not None:
        return no(_("This was unmerged already."), code="unmerged", rule="T11")
    if merge.target.merges_out.filter(undone_at=None).exists():
        return no(
            _("#%(number)s was merged further: unmerge that first.") % {"number": merge.target.number},
            code="merged",
            rule="T11",
        )
    return ALLOWED


def _nothing_runs(ticket: Ticket) -> Verdict:
    numbered = {"number": ticket.number}
    if facts(ticket).hold_runs:
        return no(_("#%(number)s is on hold: end that first.") % numbered, code="hold_running", rule="T11")
    if facts(ticket).transfer_waits:
        return no(
            _("#%(number)s is being transferred: take that back first.") % numbered, code="transfer_running", rule="T11"
        )
    return ALLOWED


def _complaint_stays(user: User, source: Ticket, target: Ticket) -> Verdict:
    """Merging away a complaint that was begun would drop its steps (T5)."""
    begun = source.is_complaint and not target.is_complaint and steps_taken(source)
    if begun and not viewer(user).supervises(source.team_id):
        return no(
            _("The steps of this complaint have begun: a supervisor merges it, or merge the other into it."),
            code="supervisor_needed",
            rule="T5",
        )
    return ALLOWED
