"""What a ticket is about, how urgent it is, and setting aside what is none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed
from common.text import clean_line
from common.verdict import Verdict
from tickets import clocks
from tickets.lifecycle import _snapshots
from tickets.lifecycle._ground import change, copy_back, locked, moment, tell
from tickets.lifecycle.approving import approved
from tickets.models import Category, ComplaintStep, DueChange, Level, Tag, Ticket, TicketType, priority_of
from tickets.policy import properties as policy
from tickets.policy.complaints import may_change_type

TAGS_AT_MOST = 30


@transaction.atomic
def set_priority(ticket: Ticket, *, by: User, impact: int, urgency: int, at: datetime | None = None) -> Ticket:
    """Priority from impact × urgency alone: who the customer is, or was once, plays no part (C6)."""
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_describe(by, ticket).demand()
    if impact not in Level.values or urgency not in Level.values:
        raise Malformed(_("Impact and urgency are low, medium or high."), code="no_such_level", field="impact")
    if (impact, urgency) == (ticket.impact, ticket.urgency):
        copy_back(ticket, given)
        return given

    before = {"impact": ticket.impact, "urgency": ticket.urgency, "priority": ticket.priority}
    change(ticket, impact=impact, urgency=urgency, priority=priority_of(impact, urgency))
    if ticket.priority != before["priority"]:
        clocks.reprioritise(ticket, at=now)
    after = {"impact": ticket.impact, "urgency": ticket.urgency, "priority": ticket.priority}
    told: dict[str, Any] = {"from": before, "to": after}
    tell(ticket, "prioritised", by=by, at=now, **told)
    copy_back(ticket, given)
    return given


@transaction.atomic
def set_type(ticket: Ticket, *, by: User, type: str, at: datetime | None = None) -> Ticket:
    """Another type; a complaint whose steps have begun is dropped only with a supervisor (T2, T5)."""
    given, ticket, now = ticket, locked(ticket), moment(at)
    if type not in TicketType.values:
        raise Malformed(_("There is no such type of ticket."), code="no_such_type", field="type")
    policy.may_describe(by, ticket).demand()
    if type == ticket.type:
        copy_back(ticket, given)
        return given
    if not (verdict := may_change_type(by, ticket)):
        _with_leave(ticket, verdict, at=now)

    before, dropped = ticket.type, 0
    if ticket.is_complaint:
        dropped = ComplaintStep.objects.filter(ticket=ticket, dropped_at=None).update(dropped_at=now)
    change(ticket, type=type)
    clocks.reprioritise(ticket, at=now, cause=DueChange.Cause.POLICY)
    told: dict[str, Any] = {"from": before, "to": type, "steps_dropped": dropped}
    tell(ticket, "typed", by=by, at=now, **told)
    copy_back(ticket, given)
    return given


def _with_leave(ticket: Ticket, verdict: Verdict, *, at: datetime) -> None:
    """A supervisor who said yes before is as good as one who does it (T5); the leave is used up."""
    refused = verdict.refusal is not None and verdict.refusal.code == "supervisor_needed"
    given = approved(ticket, "T5", "set_type", at) if refused else None
    if given is None:
        verdict.demand()
        return
    given.used_at = at
    given.save(update_fields=["used_at"])


@transaction.atomic
def set_category(ticket: Ticket, *, by: User, category: Category | None, at: datetime | None = None) -> Ticket:
    """What it is about; None takes the category away."""
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_describe(by, ticket).demand()
    if category is not None and not category.is_active:
        raise Malformed(_("This category is no longer in use."), code="category_unused", field="category")
    before, after = ticket.category_id, category.pk if category else None
    if before != after:
        change(ticket, category_id=after)
        told: dict[str, Any] = {"from": before, "to": after}
        tell(ticket, "classified", by=by, at=now, **told)
    copy_back(ticket, given)
    return given


@transaction.atomic
def set_tags(ticket: Ticket, *, by: User, tags: Iterable[str | Tag], at: datetime | None = None) -> Ticket:
    """These words and no others; words are made as they come and compared without regard to case."""
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_describe(by, ticket).demand()
    wanted = {tag.pk: tag for tag in _tags_named(tags)}
    before = set(ticket.tags.values_list("pk", flat=True))
    if before != set(wanted):
        ticket.tags.set(wanted.values())
        change(ticket)
        tell(ticket, "tagged", by=by, at=now, added=sorted(set(wanted) - before), removed=sorted(before - set(wanted)))
    copy_back(ticket, given)
    return given


@transaction.atomic
def set_subject(ticket: Ticket, *, by: User, subject: str, at: datetime | None = None) -> Ticket:
    """A subject that says what it is about; the event does not repeat the words (T6)."""
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_describe(by, ticket).demand()
    subject = clean_line(subject, 250, field="subject")
    if not subject:
        raise Malformed(_("A ticket needs a subject."), code="subject_missing", field="subject")
    if subject != ticket.subject:
        change(ticket, subject=subject)
        tell(ticket, "renamed", by=by, at=now)
    copy_back(ticket, given)
    return given


@transaction.atomic
def mark_spam(ticket: Ticket, *, by: User, at: datetime | None = None) -> Ticket:
    """No need of any customer: out of the lists, its clocks cancelled, its state kept for the day it is given back."""
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_mark_spam(by, ticket).demand()
    before = _snapshots.clocks_of(ticket)
    clocks.cancel(ticket, at=now)
    change(ticket, is_spam=True)
    tell(ticket, "spam_marked", by=by, at=now, before=before)
    copy_back(ticket, given)
    return given


@transaction.atomic
def unmark_spam(ticket: Ticket, *, by: User, at: datetime | None = None) -> Ticket:
    """It was a need after all: its clocks run as if they had never stopped, since the customer has waited."""
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_unmark_spam(by, ticket).demand()
    change(ticket, is_spam=False)
    _snapshots.give_back_last(ticket, kind="ticket.spam_marked", at=now)
    tell(ticket, "spam_unmarked", by=by, at=now)
    copy_back(ticket, given)
    return given


@transaction.atomic
def trash(ticket: Ticket, *, by: User, at: datetime | None = None) -> Ticket:
    """Logged by mistake: out of the lists and reports, kept, and restored as it was."""
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_trash(by, ticket).demand()
    before = _snapshots.clocks_of(ticket)
    clocks.cancel(ticket, at=now)
    change(ticket, trashed_at=now)
    tell(ticket, "trashed", by=by, at=now, before=before)
    copy_back(ticket, given)
    return given


@transaction.atomic
def restore(ticket: Ticket, *, by: User, at: datetime | None = None) -> Ticket:
    """Out of the trash, with its clocks as if they had never stopped."""
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_restore(by, ticket).demand()
    change(ticket, trashed_at=None)
    _snapshots.give_back_last(ticket, kind="ticket.trashed", at=now)
    tell(ticket, "restored", by=by, at=now)
    copy_back(ticket, given)
    return given


def _tags_named(tags: Iterable[str | Tag]) -> list[Tag]:
    found: dict[int, Tag] = {}
    for given in tags:
        if isinstance(given, Tag):
            tag = given
        else:
            name = clean_line(given, 60, field="tags")
            if not name:
                continue
            tag = Tag.objects.filter(name__iexact=name).first() or Tag.objects.get_or_create(name=name)[0]
        found[tag.pk] = tag
    if len(found) > TAGS_AT_MOST:
        raise Malformed(_("That is too many tags."), code="too_many", field="tags")
    return list(found.values())
