"""A supervisor's leave to go beyond a rule: asked for, given or denied, used once (H4, X4, T5, E1; fine print of H)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from common.text import clean_text
from events.models import Approval
from staff import hours
from tickets.lifecycle._ground import locked, moment, tell
from tickets.models import Contact, Ticket
from tickets.policy import approving as policy

LONGEST_NOTE = 2000


@transaction.atomic
def ask_approval(
    ticket: Ticket, *, by: User, rule: str, act: str, reason: str = "", at: datetime | None = None
) -> Approval:
    """Ask the ticket's supervisors for leave to ``act`` beyond ``rule``; one open question per rule."""
    ticket, now = locked(ticket), moment(at)
    policy.may_ask_approval(by, ticket).demand()
    if act not in policy.RULES.get(rule, ()):
        raise Malformed(_("Nobody is asked for leave for this."), code="unknown_approval", field="rule")
    reason = clean_text(reason, LONGEST_NOTE, field="reason")
    if _of(ticket).filter(rule=rule, answer=Approval.Answer.WAITING).exists():
        raise Refused(_("A supervisor was asked already; the answer is awaited."), code="approval_asked", rule=rule)
    if approved(ticket, rule, act, now):
        raise Refused(_("A supervisor has agreed already: go on."), code="approval_given", rule=rule)

    asked = Approval.objects.create(subject_id=ticket.pk, rule=rule, act=act, asked_by=by, asked_at=now, reason=reason)
    tell(ticket, "approval_asked", by=by, at=now, approval=asked.pk, rule=rule, act=act)
    return asked


@transaction.atomic
def give_approval(
    approval: Approval, *, by: User, until: datetime | None = None, note: str = "", at: datetime | None = None
) -> Approval:
    """A supervisor above the ticket, not the one who asked, agrees: for one act, until ``until`` if that is given."""
    ticket, approval = _locked(approval)
    now = moment(at)
    policy.may_answer_approval(by, approval, ticket).demand()
    if until is not None and (until.tzinfo is None or until <= now):
        raise Malformed(_("An approval ends in the future."), code="until_past", field="until")

    _answer(approval, Approval.Answer.GIVEN, by=by, note=note, until=until, at=now)
    tell(
        ticket, "approval_given", by=by, at=now, approval=approval.pk, rule=approval.rule, act=approval.act, until=until
    )  # fmt: skip
    return approval


@transaction.atomic
def deny_approval(approval: Approval, *, by: User, note: str = "", at: datetime | None = None) -> Approval:
    """A supervisor says no; one who was named says so too when they never agreed."""
    ticket, approval = _locked(approval)
    now = moment(at)
    if not policy.may_confirm_approval(by, approval):  # the one who was named disowns it; all others answer a question
        policy.may_answer_approval(by, approval, ticket).demand()

    _answer(approval, Approval.Answer.DENIED, by=by, note=note, until=None, at=now)
    tell(
        ticket, "approval_denied", by=by, at=now, approval=approval.pk, rule=approval.rule, act=approval.act,
        was_used=approval.used_at is not None,
    )  # fmt: skip
    return approval


@transaction.atomic
def confirm_approval(approval: Approval, *, by: User, at: datetime | None = None) -> Approval:
    """The supervisor who was named in a live contact says that they agreed; past ``confirm_by`` it is told as late."""
    ticket, approval = _locked(approval)
    now = moment(at)
    policy.may_confirm_approval(by, approval).demand()

    approval.confirmed_at = now
    approval.answered_by = by
    approval.save(update_fields=["confirmed_at", "answered_by"])
    tell(
        ticket, "approval_confirmed", by=by, at=now, approval=approval.pk, rule=approval.rule, act=approval.act,
        late=approval.confirm_by is not None and now > approval.confirm_by,
    )  # fmt: skip
    return approval


@transaction.atomic
def withdraw_approval(approval: Approval, *, by: User, at: datetime | None = None) -> Approval:
    """Who asked needs it no longer; an open question would keep the ticket from being resolved (T12)."""
    ticket, approval = _locked(approval)
    now = moment(at)
    policy.may_withdraw_approval(by, approval).demand()

    approval.answer, approval.answered_at = Approval.Answer.WITHDRAWN, now
    approval.save(update_fields=["answer", "answered_at"])
    tell(ticket, "approval_withdrawn", by=by, at=now, approval=approval.pk, rule=approval.rule, act=approval.act)
    return approval


def approved(ticket: Ticket, rule: str, act: str, at: datetime) -> Approval | None:
    """A leave that is given, unused and still good; the one that ends first."""
    given = _of(ticket).filter(rule=rule, act=act, answer=Approval.Answer.GIVEN, used_at=None, named=None)
    return given.filter(Q(until=None) | Q(until__gte=at)).order_by("until", "pk").first()


def open_approvals(ticket: Ticket) -> list[Approval]:
    """Questions that wait for a supervisor; while there is one, a ticket is not resolved (T12)."""
    return list(_of(ticket).filter(answer=Approval.Answer.WAITING).order_by("asked_at"))


def unconfirmed_approvals(ticket: Ticket, at: datetime) -> list[Approval]:
    """Where a supervisor was named who did not confirm within one working day."""
    named = _of(ticket).filter(answer=Approval.Answer.GIVEN, named__isnull=False, confirmed_at=None)
    return list(named.filter(confirm_by__lt=at).order_by("asked_at"))


def demand_approval(
    ticket: Ticket,
    *,
    by: User,
    rule: str,
    act: str,
    contact: Contact | None = None,
    named_supervisor: User | None = None,
    at: datetime,
) -> Approval | None:
    """The leave that an act beyond ``rule`` stands on; it is used up. None: ``by`` is a supervisor above the ticket.

    Called by the verb that needs it, under the ticket's lock; that verb's event names the row. In a live contact the
    supervisor who agreed may be named instead, who then confirms within one working day. Else ``approval_needed``.
    """
    if policy.supervises_case(by, ticket):
        return None
    if given := approved(ticket, rule, act, at):
        given.used_at = at
        given.save(update_fields=["used_at"])
        return given
    if named_supervisor is not None and contact is not None and contact.is_live:
        return _named(ticket, by=by, rule=rule, act=act, named=named_supervisor, at=at)
    if named_supervisor is not None:
        raise Refused(
            _("Only while you speak with the customer you may go on by naming a supervisor: ask for approval."),
            code="approval_needed",
            rule=rule,
            field="named_supervisor",
            offers=("ask_approval",),
        )
    raise Refused(
        _("A supervisor must approve this first."), code="approval_needed", rule=rule, offers=("ask_approval",)
    )


def _named(ticket: Ticket, *, by: User, rule: str, act: str, named: User, at: datetime) -> Approval:
    """The word of a named supervisor; an open question of the same rule is answered by it."""
    policy.may_be_named(named, ticket, by=by, rule=rule).demand()
    approval = _of(ticket).filter(rule=rule, answer=Approval.Answer.WAITING).select_for_update().first()
    approval = approval or Approval(subject_id=ticket.pk, rule=rule, asked_by=by, asked_at=at)
    approval.act = act
    approval.answer = Approval.Answer.GIVEN
    approval.answered_at = approval.used_at = at
    approval.named = named
    approval.confirm_by = hours.for_team(ticket.team).add_working_days(at, 1)
    if approval.pk:
        approval.save(update_fields=["act", "answer", "answered_at", "used_at", "named", "confirm_by"])
    else:
        approval.save(force_insert=True)
    return approval


def _answer(
    approval: Approval, answer: Approval.Answer, *, by: User, note: str, until: datetime | None, at: datetime
) -> None:
    approval.answer = answer
    approval.answered_by, approval.answered_at = by, at
    approval.answer_note = clean_text(note, LONGEST_NOTE, field="note")
    approval.until = until
    approval.save(update_fields=["answer", "answered_by", "answered_at", "answer_note", "until"])


def _of(ticket: Ticket) -> QuerySet[Approval]:
    return Approval.objects.filter(subject_kind="ticket", subject_id=ticket.pk)


def _locked(approval: Approval) -> tuple[Ticket, Approval]:
    """Its ticket and itself, freshly read; the ticket is locked first, as by every verb."""
    if approval.subject_kind != "ticket":
        raise Malformed(_("This approval belongs to no ticket."), code="not_a_ticket")
    ticket = locked(approval.subject_id)
    return ticket, Approval.objects.select_for_update(of=("self",)).get(pk=approval.pk)
