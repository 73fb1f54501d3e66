"""What a ticket is about, how much it weighs, and whether it is one at all."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.models import User
from desk.access import staff_of, staff_required
from desk.tickets.answering import Act, answer
from desk.tickets.finding import found
from desk.tickets.forms.acts import PropertiesForm
from desk.tickets.forms.base import posted, sure
from tickets import lifecycle
from tickets.models import Ticket
from tickets.policy import properties as policy


@staff_required
def properties(request: HttpRequest, number: int) -> HttpResponse:
    """Subject, type, priority, category and tags together; each a verb of its own."""
    ticket, user = found(request, number), staff_of(request)
    form = PropertiesForm(posted(request), ticket=ticket)
    act = Act(ticket, form, lambda: _describe(ticket, user, form), done=_("Saved."))
    act.verdict = policy.may_describe(user, ticket)
    return answer(request, act)


@transaction.atomic
def _describe(ticket: Ticket, user: User, form: PropertiesForm) -> None:
    data = form.cleaned_data
    lifecycle.set_subject(ticket, by=user, subject=data["subject"])
    lifecycle.set_type(ticket, by=user, type=data["type"])
    lifecycle.set_priority(ticket, by=user, impact=data["impact"], urgency=data["urgency"])
    lifecycle.set_category(ticket, by=user, category=data["category"])
    lifecycle.set_tags(ticket, by=user, tags=form.words())


@staff_required
def mark_spam(request: HttpRequest, number: int) -> HttpResponse:
    """No need of any customer."""
    ticket, user = found(request, number), staff_of(request)
    form = sure(request, _("Mark as spam"), "shield-x", _("It is spam"), tone="danger")
    act = Act(ticket, form, lambda: lifecycle.mark_spam(ticket, by=user), done=_("Marked as spam."))
    act.verdict = policy.may_mark_spam(user, ticket)
    return answer(request, act)


@staff_required
def unmark_spam(request: HttpRequest, number: int) -> HttpResponse:
    """It was a need after all."""
    ticket, user = found(request, number), staff_of(request)
    form = sure(request, _("This is no spam"), "shield-check", _("It is no spam"))
    act = Act(ticket, form, lambda: lifecycle.unmark_spam(ticket, by=user))
    act.verdict = policy.may_unmark_spam(user, ticket)
    return answer(request, act)


@staff_required
def trash(request: HttpRequest, number: int) -> HttpResponse:
    """Logged by mistake; it can be restored."""
    ticket, user = found(request, number), staff_of(request)
    form = sure(request, _("Move to the trash"), "trash-2", _("Move it to the trash"), tone="danger")
    act = Act(ticket, form, lambda: lifecycle.trash(ticket, by=user), done=_("In the trash."))
    act.verdict = policy.may_trash(user, ticket)
    return answer(request, act)


@staff_required
def restore(request: HttpRequest, number: int) -> HttpResponse:
    """Out of the trash again."""
    ticket, user = found(request, number), staff_of(request)
    form = sure(request, _("Take out of the trash"), "archive-restore", _("Take it out"))
    act = Act(ticket, form, lambda: lifecycle.restore(ticket, by=user))
    act.verdict = policy.may_restore(user, ticket)
    return answer(request, act)
