"""My day, and what is new."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Role
from common.errors import Refused
from desk.access import staff_of, staff_required
from desk.home.day import day_of, free_tickets
from desk.home.health import health
from desk.home.words import summary
from notifications.models import Notice
from notifications.words import reason_of, words_of
from staff.access import viewer
from tickets import lifecycle
from tickets.models import Ticket


@staff_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My day: what is due now, what later, what is new; for supervisors their teams, for admins the desk's health."""
    user, now = staff_of(request), timezone.now()
    who, day = viewer(user), day_of(user, now)
    context = {
        "day": day,
        "summary": summary(day, now),
        "news": [(one, words_of(one.notice.kind), reason_of(one.notice, now)) for one in day.news],
        "health": health(now) if who.is_admin else None,
        "serves": bool(who.team_ids) or Role.AGENT in who.roles,
        "now": timezone.localtime(),
    }
    return render(request, "desk/home/day.html", context)


@staff_required
@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """The most urgent ticket of my teams that nobody has (P6); somebody faster only moves me on to the one after."""
    user = staff_of(request)
    for ticket in free_tickets(user, viewer(user)).in_queue_order()[:10]:  # type: ignore[attr-defined]
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
