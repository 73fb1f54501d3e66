"""Who may write in a ticket's conversation, and what stands in the way of a reply."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import User
from common.verdict import ALLOWED, Verdict, no
from events import values
from staff.access import viewer
from staff.models import Team
from tickets.models import Entry, Status, Ticket
from tickets.policy.working import may_work, may_work_unclosed
from tickets.values import REPLY_UNDO_SECONDS
from tickets.visibility import may_see_internal

OURS = (Entry.Kind.REPLY, Entry.Kind.LETTER, Entry.Kind.CHAT)


def may_open(user: User) -> Verdict:
    """Every member of staff may log a need, for whichever team (T7)."""
    if isinstance(user, User) and user.is_active and viewer(user).is_staff:
        return ALLOWED
    return no(_("Only staff of the desk do this."), code="not_staff", rule="T13")


def may_log_contact(user: User) -> Verdict:
    """Nobody who calls is turned away, whoever picks up (T7)."""
    return may_open(user)


def may_reply(user: User, ticket: Ticket) -> Verdict:
    """Whoever may work on it, until it is closed."""
    return may_work_unclosed(user, ticket)


def may_note(user: User, ticket: Ticket) -> Verdict:
    """Whoever may work on it, closed or not."""
    return may_work(user, ticket)


def may_mention(user: User, ticket: Ticket, *, restricted: bool = False) -> Verdict:
    """A colleague who reads the note anyway is told of it; nobody learns of a ticket by being named in it (T13)."""
    may_read = user.is_active and may_see_internal(user, ticket)
    if may_read and (not restricted or viewer(user).supervises(ticket.team_id)):
        return ALLOWED
    words = (
        _("%(name)s cannot read this note: only you and supervisors can.")
        if may_read
        else _("%(name)s cannot see this ticket, so they cannot be told of it.")
    )
    return no(words % {"name": user}, code="mention_unseen", rule="T13", field="mentions")


def may_change_participants(user: User, ticket: Ticket) -> Verdict:
    """Whoever may work on it, closed or not."""
    return may_work(user, ticket)


def may_await_customer(user: User, ticket: Ticket) -> Verdict:
    """``pending``: it is ours to act, and no message of the customer is unanswered (fine print of H)."""
    if not (verdict := may_work_unclosed(user, ticket)):
        return verdict
    if ticket.status == Status.PENDING:
        return no(_("It is the customer's turn already."), code="already_pending", rule="T3")
    if ticket.status not in (Status.NEW, Status.OPEN):
        return no(_("Only an open ticket can wait for the customer."), code="not_open", rule="T3")
    if ticket.unanswered_since is not None:
        return no(
            _("Answer the customer's message first; then it is their turn."), code="unanswered", rule="T3", field="then"
        )
    return ALLOWED


def may_withdraw_reply(user: User, entry: Entry, at: datetime) -> Verdict:
    """Who wrote it, or who supervises the team, within the time set for second thoughts."""
    if entry.kind not in OURS or entry.author_id is None or entry.is_internal:
        return no(_("Only a reply of ours can be taken back."), code="not_a_reply", rule="S3")
    if entry.author_id != user.pk and not viewer(user).supervises(entry.ticket.team_id):
        return no(_("Who wrote it takes it back, or a supervisor."), code="not_yours", rule="S3")
    if at > entry.happened_at + timedelta(seconds=values.get(REPLY_UNDO_SECONDS)):
        return no(_("It has been sent: write a correction."), code="too_late", rule="S3")
    return ALLOWED


def would_own(user: User, ticket: Ticket) -> bool:
    """Whether a ticket that nobody has becomes theirs when they answer it."""
    return would_own_in(user, ticket.team)


def would_own_in(user: User, team: Team | None) -> bool:
    """The same for a ticket that is being opened: their team's, or no team's yet."""
    return team is None or team.pk in viewer(user).team_ids


def unseen_by(user: User, ticket: Ticket, seen: int | None) -> Verdict:
    """T10: what somebody else said since the page was read stands in the way; a machine's message does not."""
    if seen is None or not ticket.entries.said_by_others(user).filter(pk__gt=seen).exists():
        return ALLOWED
    return no(_("Somebody wrote meanwhile. Read it, then send."), code="new_message", rule="T10")
