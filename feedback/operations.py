"""Asking how it was, and keeping the answer (F1-F3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from common.text import clean_text
from customers.models import Person
from events.models import Event
from events.recording import record
from feedback.models import Answer, Invitation, Survey
from tickets.models import Closure, ClosureCause, Status, Ticket

COMMENT_LIMIT = 5000
SCORES = range(1, 6)


def active_survey() -> Survey | None:
    """The survey that is being sent; None when an admin switched surveys off."""
    return Survey.objects.filter(is_active=True).order_by("pk").first()


def invite(ticket: Ticket, *, closed_by: Event) -> Invitation | None:
    """Plan to ask the requester once this closure stands: when its undo has passed (F1). Twice is once."""
    survey = active_survey()
    unasked = (ClosureCause.MERGED, ClosureCause.SPAM, ClosureCause.IMPORTED)
    if survey is None or ticket.status != Status.CLOSED or ticket.closure_cause in unasked or ticket.is_trouble:
        return None
    closure = ticket.closures.order_by("-asked_at", "-pk").first()
    stands_at = closure.undo_until if closure and closure.undo_until else closed_by.happened_at
    invitation, _made = Invitation.objects.get_or_create(
        closed_by=closed_by,
        defaults={"survey": survey, "ticket": ticket, "person": ticket.requester, "send_at": stands_at},
    )
    return invitation


@transaction.atomic
def send(invitation_id: int, *, at: datetime) -> bool:
    """Send a waiting invitation, or note why not (F3); tell whether it was sent. A second run changes nothing."""
    invitation = (
        Invitation.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("survey", "person", "closed_by")
        .filter(pk=invitation_id, status=Invitation.Status.WAITING, send_at__lte=at)
        .first()
    )
    if invitation is None:
        return False
    person = Person.objects.select_for_update().get(pk=invitation.person_id)
    reason = _reason_not_to_send(invitation, person, at)
    if reason:
        invitation.status = Invitation.Status.SKIPPED
        invitation.skipped = reason
        invitation.save(update_fields=["status", "skipped"])
        record(invitation, "survey.skipped", by=None, at=at, ticket=invitation.ticket_id, reason=reason)
        return False
    invitation.status = Invitation.Status.SENT
    invitation.sent_at = at
    invitation.expires_at = at + timedelta(days=invitation.survey.expires_after_days)
    invitation.save(update_fields=["status", "sent_at", "expires_at"])
    record(invitation, "survey.sent", by=None, at=at, ticket=invitation.ticket_id)  # its reaction writes the mail
    return True


def _reason_not_to_send(invitation: Invitation, person: Person, at: datetime) -> str:
    if _was_reopened(invitation):
        return Invitation.Skipped.REOPENED
    if person.never_survey_since is not None:
        return Invitation.Skipped.NEVER
    since = at - timedelta(days=invitation.survey.not_again_within_days)
    if person.invitations.filter(status=Invitation.Status.SENT, sent_at__gt=since).exists():
        return Invitation.Skipped.RECENT
    if person.main_address is None:
        return Invitation.Skipped.NO_ADDRESS
    return ""


def _was_reopened(invitation: Invitation) -> bool:
    ticket = Ticket.objects.get(pk=invitation.ticket_id)
    undone = Closure.objects.filter(ticket=ticket, undone_at__gte=invitation.closed_by.happened_at).exists()
    return ticket.status != Status.CLOSED or undone


def send_due(*, at: datetime | None = None, limit: int = 500) -> int:
    """Send what is due, oldest first; return how many were sent."""
    now = at or timezone.now()
    due = Invitation.objects.filter(status=Invitation.Status.WAITING, send_at__lte=now).order_by("send_at", "pk")
    return sum(send(pk, at=now) for pk in list(due.values_list("pk", flat=True)[:limit]))


@transaction.atomic
def answer(
    invitation: Invitation,
    *,
    by: Person | User,
    score: int,
    comment: str = "",
    via: str = Answer.Via.WEB,
    at: datetime | None = None,
) -> Answer:
    """Keep what the customer said, 1 to 5; again before the link expires amends it (F2).

    ``by`` is the customer, or the member of staff who typed it on the phone or at the desk (F1).
    """
    now = at or timezone.now()
    invitation = Invitation.objects.select_for_update(of=("self",)).select_related("survey").get(pk=invitation.pk)
    if via not in Answer.Via.values:
        raise Malformed(_("There is no such way to answer."), code="no_such_way", rule="F1", field="via")
    if score not in SCORES:
        raise Malformed(_("Choose a number from 1 to 5."), code="score_unknown", rule="F2", field="score")
    words = clean_text(comment, COMMENT_LIMIT)
    if invitation.expires_at is not None and invitation.expires_at <= now:
        raise Refused(
            _("This survey has ended. If something is still wrong, just write to us."), code="survey_over", rule="F2"
        )
    fields = {
        "score": score,
        "comment": words,
        "via": via,
        "taken_by": by if isinstance(by, User) else None,
        "amended_at": now,
    }
    given = Answer.objects.filter(invitation=invitation).first()
    if given is None:
        given = Answer.objects.create(
            invitation=invitation,
            ticket_id=invitation.ticket_id,
            person_id=invitation.person_id,
            answered_at=now,
            **{**fields, "amended_at": None},
        )
        kind = "survey.answered"
    else:
        for name, value in fields.items():
            setattr(given, name, value)
        given.save(update_fields=list(fields))
        kind = "survey.amended"
    record(invitation, kind, by=by, at=now, ticket=invitation.ticket_id, score=score, via=via)
    return given


@transaction.atomic
def ask_in_person(
    ticket: Ticket, *, by: User, score: int, comment: str = "", via: str = Answer.Via.PHONE, at: datetime | None = None
) -> Answer:
    """The customer answers on the phone or at the desk, and staff type it (F1): their one answer of this closure."""
    now = at or timezone.now()
    invitation = (
        Invitation.objects.select_for_update(of=("self",)).filter(ticket=ticket).order_by("-send_at", "-pk").first()
    )
    if invitation is None:
        raise Refused(_("Ask once the ticket is closed."), code="not_closed", rule="F1")
    if invitation.person.never_survey_since is not None:
        raise Refused(_("This customer does not want to be asked."), code="never_asked", rule="F3")
    if invitation.status != Invitation.Status.SENT:
        invitation.status = Invitation.Status.SENT
        invitation.sent_at = now
        invitation.expires_at = now + timedelta(days=invitation.survey.expires_after_days)
        invitation.save(update_fields=["status", "sent_at", "expires_at"])
    return answer(invitation, by=by, score=score, comment=comment, via=via, at=now)


@transaction.atomic
def never_again(invitation: Invitation, *, at: datetime | None = None) -> Person:
    """The customer does not want to be asked any more (F3); it can be pressed twice."""
    now = at or timezone.now()
    person = Person.objects.select_for_update().get(pk=invitation.person_id)
    if person.never_survey_since is None:
        person.never_survey_since = now
        person.save(update_fields=["never_survey_since"])
        record(person, "person.never_survey", by=person, at=now)
    return person


@transaction.atomic
def ask_again_after_all(invitation: Invitation, *, at: datetime | None = None) -> Person:
    """Takes ``never_again`` back."""
    now = at or timezone.now()
    person = Person.objects.select_for_update().get(pk=invitation.person_id)
    if person.never_survey_since is not None:
        person.never_survey_since = None
        person.save(update_fields=["never_survey_since"])
        record(person, "person.survey_allowed", by=person, at=now)
    return person
