"""The supervisors' queue: what waits, longest and most urgent first, with the whole story (E3)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import User
from desk.access import staff_of, staff_required
from desk.home.day import team_load
from staff.access import Viewer, viewer
from tickets.models import Escalation, Promise, Ticket
from tickets.policy import escalating as policy
from tickets.visibility import entries_for

MOST = 60
LISTS = ("waiting", "mine", "ended")


def _theirs(user: User, who: Viewer) -> QuerySet[Escalation]:
    """What somebody may see of the queue: their teams' and what waits for them; agents what they raised (E3)."""
    seen = Escalation.objects.filter(ticket__in=Ticket.objects.visible_to(user))
    if who.person_id is not None:
        seen = seen.exclude(ticket__requester=who.person_id)  # their own case is a colleague's matter (T13)
    if who.is_manager or who.supervises(None):
        return seen
    return seen.filter(
        Q(waits_for=user)
        | Q(owner=user)
        | Q(raised_by=user)
        | Q(ticket__team__in=who.supervised_team_ids)
        | Q(target_team__in=who.team_ids)
    )


def _listed(rows: QuerySet[Escalation], which: str, user: User) -> QuerySet[Escalation]:
    if which == "mine":
        return rows.filter(owner=user, status=Escalation.Status.TAKEN).order_by("taken_at", "pk")
    if which == "ended":
        return rows.exclude(status__in=Escalation.OPEN).order_by("-ended_at", "-pk")
    return rows.filter(status=Escalation.Status.WAITING).order_by("-is_threat", "climbs_at", "raised_at", "pk")


@staff_required
@require_GET
def escalations(request: HttpRequest) -> HttpResponse:
    """One list at a time, and beside it the chosen case with what to do about it."""
    user = staff_of(request)
    who = viewer(user)
    which = request.GET.get("list", "waiting")
    which = which if which in LISTS else "waiting"
    related = ("ticket__requester", "ticket__team", "waits_for", "owner", "raised_by", "promise", "target_team")
    rows = list(
        _listed(_theirs(user, who), which, user)
        .select_related(*related)
        .prefetch_related("reasons__raised_by", "ticket__requester__flags")[:MOST]
    )
    chosen = next((row for row in rows if str(row.pk) == request.GET.get("show")), rows[0] if rows else None)
    context = {
        "rows": rows,
        "which": which,
        "chosen": chosen,
        "story": _story(chosen, user) if chosen else [],
        "may_take": policy.may_take_escalation(user, chosen) if chosen else None,
        "may_settle": policy.may_settle_escalation(user, chosen) if chosen else None,
        "team": team_load(who),
        "experts": _experts(chosen),
        "now": timezone.now(),
    }
    return render(request, "desk/escalations/queue.html", context)


def _story(escalation: Escalation, user: User) -> list[tuple[str, object]]:
    """What was said and promised so far, as the reader may read it (T13), oldest first."""
    entries = list(
        entries_for(escalation.ticket, user)
        .filter(undone_at=None)
        .select_related("author_person")
        .defer("html", "search")
        .order_by("-happened_at", "-pk")[:12]
    )
    promises = Promise.objects.filter(ticket=escalation.ticket_id).select_related("owner")
    told: list[tuple[datetime, str, object]] = [(entry.happened_at, "entry", entry) for entry in entries]
    told += [(promise.made_at, "promise", promise) for promise in promises]
    return [(kind, row) for _when, kind, row in sorted(told, key=lambda one: one[0])]


def _experts(escalation: Escalation | None) -> list[User]:
    if escalation is None:
        return []
    teams = [pk for pk in (escalation.target_team_id, escalation.ticket.team_id) if pk]
    return list(User.objects.filter(memberships__team__in=teams, is_active=True).distinct().order_by("name"))
