"""My day, and what is new."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from common.errors import Refused
from desk.access import staff_of, staff_required
from desk.home.day import day_of
from desk.home.words import words_of
from notifications.models import Notice
from staff.access import viewer
from tickets import lifecycle
from tickets.models import Ticket


@staff_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My day: what is due now, what later, what is new."""
    day = day_of(staff_of(request), timezone.now())
    news = [(one, words_of(one.notice.kind)) for one in day.news]
    return render(request, "desk/home/day.html", {"day": day, "news": news, "now": timezone.localtime()})


@staff_required
@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """The most urgent ticket of my teams that nobody has (P6); somebody faster only moves me on to the one after."""
    user = staff_of(request)
    mine = Q(team__in=viewer(user).team_ids) | Q(team=None)
    free = Ticket.objects.visible_to(user).active().filter(mine, assignee=None).in_queue_order()
    for ticket in free[:10]:
        try:
            lifecycle.take(ticket, by=user)
        except Refused:
            continue
        return redirect("desk:ticket", ticket.number)
    messages.info(request, _("Nothing waits in your teams."))
    return redirect("desk:home")


@staff_required
@require_POST
def read_notices(request: HttpRequest) -> HttpResponse:
    """I have read them all."""
    Notice.objects.filter(user=staff_of(request), read_at=None).update(read_at=timezone.now())
    return redirect("desk:home")


@staff_required
@require_GET
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to what the notice is about, and count it and the older ones on the same ticket as read (N1)."""
    user = staff_of(request)
    notice = get_object_or_404(Notice.objects.filter(user=user), pk=pk)
    older = Q(ticket=notice.ticket_id, created_at__lte=notice.created_at)
    same = older if notice.ticket_id else Q(pk=notice.pk)
    Notice.objects.filter(same, user=user, read_at=None).update(read_at=timezone.now())
    ticket = Ticket.objects.visible_to(user).filter(notices=notice).first()
    return redirect("desk:ticket", ticket.number) if ticket else redirect("desk:home")
