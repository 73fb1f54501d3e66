"""Mails that lead to a page of this door."""

from __future__ import annotations

from django.conf import settings

from events.models import Event
from events.reactions import reaction
from feedback.links import survey_path
from feedback.models import Invitation
from feedback.operations import SCORES
from notifications import outbox
from tickets.models import Ticket


@reaction("survey.sent", name="portal.mail_survey")
def mail_survey(event: Event) -> None:
    """F1: the question, with a link for each score; a click preselects it (F2)."""
    invitation = Invitation.objects.select_related("person").get(pk=event.subject_id)
    ticket = Ticket.objects.select_related("requester", "team__brand", "brand", "resolved_by").get(
        pk=invitation.ticket_id
    )
    links = [{"value": score, "url": settings.PUBLIC_URL + survey_path(invitation, score)} for score in SCORES]
    outbox.queue_to_person(
        event,
        "survey",
        person=invitation.person,
        ticket=ticket,
        automatic=True,
        context={"invitation": invitation, "url": settings.PUBLIC_URL + survey_path(invitation), "scores": links},
    )
