"""The duty that stays with who passed a case on: to ask whether it was solved (X5)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Refused
from common.text import clean_text
from staff import hours
from staff.access import chain, supervisors_of, viewer
from tickets.lifecycle._ground import change, locked, moment, tell
from tickets.models import Contact, Entry, FollowUp, Status, Ticket

ASKED_AT_MOST = 2
TEXT_LIMIT = 20_000
OPEN = (FollowUp.Status.WAITING, FollowUp.Status.DUE, FollowUp.Status.SUSPENDED)


def owe_follow_up(ticket: Ticket, agent: User, *, at: datetime) -> None:
    """The first who passes the case on owes it; later ones do not (X5). The caller holds the ticket's lock."""
    if not ticket.follow_ups.filter(status__in=OPEN).exists():
        FollowUp.objects.create(ticket=ticket, owner=agent, created_at=at)


def follow_up_on_resolve(ticket: Ticket, *, at: datetime) -> FollowUp | None:
    """Due one working day after somebody else resolved the ticket; by its owner: nothing to ask (X5)."""
    duty = ticket.follow_ups.filter(status__in=OPEN).select_related("owner").first()
    if duty is None or duty.owner_id == ticket.resolved_by_id:
        return None
    duty.owner = _owner_now(duty, ticket, at)
    duty.status = FollowUp.Status.DUE
    duty.due_at = _next_working_day(ticket, at)
    duty.save(update_fields=["owner", "status", "due_at"])
    return duty


def _owner_now(duty: FollowUp, ticket: Ticket, at: datetime) -> User:
    """The duty of one who left passes to the supervisor."""
    if duty.owner.is_active:
        return duty.owner
    heirs = supervisors_of(ticket.team, at=at) or chain(ticket.team)
    return heirs[0] if heirs else duty.owner


def _next_working_day(ticket: Ticket, at: datetime) -> datetime:
    return hours.working_day_after(at, ticket.team.calendar if ticket.team else None)


def follow_up_on_confirm(ticket: Ticket, *, at: datetime) -> FollowUp | None:
    """The customer's own word meets the duty."""
    duty = ticket.follow_ups.filter(status__in=OPEN).first()
    if duty is None:
        return None
    duty.status = FollowUp.Status.MET
    duty.met_at = at
    duty.met_by_customer = True
    duty.was_solved = True
    duty.due_at = None
    duty.save(update_fields=["status", "met_at", "met_by_customer", "was_solved", "due_at"])
    return duty


def follow_up_on_reopen(ticket: Ticket, *, at: datetime) -> FollowUp | None:
    """Suspended while the case is worked on again; it comes back when the ticket resolves."""
    duty = ticket.follow_ups.filter(status=FollowUp.Status.DUE).first()
    if duty is None:
        return None
    duty.status = FollowUp.Status.SUSPENDED
    duty.due_at = None
    duty.save(update_fields=["status", "due_at"])
    return duty


def hand_on_follow_ups(user: User, *, at: datetime) -> int:
    """X5: the duties of one who left pass to the supervisors; return how many did."""
    duties = FollowUp.objects.filter(owner=user, status__in=OPEN).select_related("ticket__team", "owner")
    passed = 0
    for duty in duties:
        with transaction.atomic():
            ticket = locked(duty.ticket_id)
            heir = _owner_now(duty, ticket, at)
            if heir.pk != duty.owner_id:
                duty.owner = heir
                duty.save(update_fields=["owner"])
                change(ticket)
                tell(ticket, "follow_up_passed_on", by=None, at=at, follow_up=duty, from_agent=user, to_agent=heir)
                passed += 1
    return passed


@transaction.atomic
def follow_up(
    duty: FollowUp,
    *,
    by: User,
    solved: bool | None,
    contact: Contact | None = None,
    text: str = "",
    at: datetime | None = None,
) -> FollowUp:
    """Write down that the customer was asked: True solved, False not, None no answer. Twice unanswered ends it (X5).

    What the answer does to the ticket is ``confirm``'s: a page calls both in one transaction.
    """
    now = moment(at)
    ticket = locked(duty.ticket_id)
    duty = FollowUp.objects.select_related("owner").get(pk=duty.pk)
    if duty.status != FollowUp.Status.DUE:
        raise Refused(_("There is nothing to ask about this ticket now."), code="follow_up_not_due", rule="X5")
    if by.pk != duty.owner_id and not viewer(by).supervises(ticket.team_id):
        raise Refused(_("%(name)s asks, or a supervisor.") % {"name": duty.owner}, code="not_your_follow_up", rule="X5")
    duty.asked += 1
    duty.asked_at = now
    if solved is None:
        over = duty.asked >= ASKED_AT_MOST
        duty.status = FollowUp.Status.UNANSWERED if over else FollowUp.Status.DUE
        duty.due_at = None if over else _next_working_day(ticket, now)
    else:
        duty.status = FollowUp.Status.MET
        duty.met_at = now
        duty.was_solved = solved
        duty.due_at = None
    duty.save(update_fields=["asked", "asked_at", "status", "due_at", "met_at", "was_solved"])
    entry = _write_down(ticket, by, text, contact, now)
    change(ticket)
    tell(
        ticket,
        "followed_up",
        by=by,
        at=now,
        contact=contact,
        follow_up=duty,
        solved=solved,
        asked=duty.asked,
        entry=entry,
        still_resolved=ticket.status == Status.RESOLVED,
    )
    return duty


def _write_down(ticket: Ticket, by: User, text: str, contact: Contact | None, at: datetime) -> Entry | None:
    words = clean_text(text, TEXT_LIMIT)
    if not words:
        return None
    return Entry.objects.create(
        ticket=ticket,
        contact=contact,
        kind=Entry.Kind.NOTE,
        visibility=Entry.Visibility.INTERNAL,
        author=by,
        author_name=by.name,
        text=words,
        happened_at=at,
    )
