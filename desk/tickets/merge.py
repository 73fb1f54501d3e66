"""Two tickets about one need, and who takes part (T11)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed
from customers.operations import find_by_address
from desk.access import staff_of, staff_required
from desk.tickets.answering import Act, answer
from desk.tickets.finding import found, part
from desk.tickets.forms.acts import MergeForm, ParticipantForm
from desk.tickets.forms.base import posted, sure
from tickets import lifecycle
from tickets.models import Participant, Ticket, TicketMerge
from tickets.policy import merging, talking


@staff_required
def merge(request: HttpRequest, number: int) -> HttpResponse:
    """This one closes and leads to the other."""
    ticket, user = found(request, number), staff_of(request)
    form = MergeForm(posted(request))
    act = Act(ticket, form, lambda: lifecycle.merge(ticket, into=_other(form, user), by=user), done=_("Merged."))
    act.verdict = merging.may_merge(user, ticket)
    return answer(request, act)


def _other(form: MergeForm, user: User) -> Ticket:
    ticket = Ticket.objects.visible_to(user).filter(number=form.cleaned_data["into"]).first()
    if ticket is None:
        raise Malformed(_("There is no ticket of that number."), code="no_such_ticket", field="into")
    return ticket


@staff_required
def unmerge(request: HttpRequest, number: int, merge_id: int) -> HttpResponse:
    """Both are as they were before."""
    ticket, user = found(request, number), staff_of(request)
    row = get_object_or_404(TicketMerge.objects.select_related("source", "target"), pk=merge_id, target=ticket)
    form = sure(request, _("Undo the merge"), "split", _("Give it back"))
    back = reverse("desk:ticket", args=[row.source.number])
    act = Act(ticket, form, lambda: lifecycle.unmerge(row, by=user), done=_("They are two again."), next=back)
    act.verdict = merging.may_unmerge(user, row)
    return answer(request, act)


@staff_required
def add_participant(request: HttpRequest, number: int) -> HttpResponse:
    """Somebody takes part, by an address of theirs."""
    ticket, user = found(request, number), staff_of(request)
    form = ParticipantForm(posted(request))

    def do() -> None:
        people = find_by_address(form.cleaned_data["address"])
        if len(people) != 1:
            known = _("Several people use this address.") if people else _("Nobody is known by this address.")
            raise Malformed(known, code="no_such_person", field="address")
        lifecycle.add_participant(ticket, by=user, person=people[0], role=form.cleaned_data["role"])

    return answer(request, Act(ticket, form, do, verdict=talking.may_change_participants(user, ticket)))


@staff_required
def remove_participant(request: HttpRequest, number: int, participant_id: int) -> HttpResponse:
    """They take part no longer; what they wrote stays."""
    ticket, user = found(request, number), staff_of(request)
    row = part(Participant.objects.select_related("person"), ticket, participant_id)
    form = sure(request, _("Take out of the conversation"), "user-minus", _("Take them out"), say=str(row.person))
    act = Act(ticket, form, lambda: lifecycle.remove_participant(ticket, by=user, person=row.person))
    act.verdict = talking.may_change_participants(user, ticket)
    return answer(request, act)
