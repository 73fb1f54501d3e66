"""The supervisors' queue: what waits, longest and most urgent first, with the whole story (E3)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.models import User
from common.paging import page
from desk.access import staff_of, staff_required
from desk.counting import MOST as SHOWN
from desk.escalations.story import story_of
from desk.escalations.waiting import dressed, in_turn
from desk.home.team import team_load
from reports.policy import READERS
from staff.access import Viewer, viewer
from staff.models import Team
from tickets.lifecycle.stepping_in import TOP_LEVEL
from tickets.models import Escalation, Ticket
from tickets.policy import escalating as policy

MOST = 60
ENDED = 25
LISTS = {"waiting": _("Waiting"), "mine": _("With me"), "taken": _("With others"), "ended": _("Ended")}
EMPTY = {
    "waiting": (
        _("Nothing waits"),
        _("When somebody asks for a supervisor, or the clock does, the case appears here with its whole story."),
    ),
    "mine": (_("You have taken none"), _("What you take over stays here until you give it back or it is resolved.")),
    "taken": (_("Nobody else has one"), _("What colleagues have taken over stands here, so that nobody asks twice.")),
    "ended": (
        _("None has ended yet"),
        _("What was taken over, coached, given to an expert or declined stays readable."),
    ),
}
"""What each empty list is for."""


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
    if which == "taken":
        return rows.filter(status=Escalation.Status.TAKEN).exclude(owner=user).order_by("taken_at", "pk")
    if which == "ended":
        return rows.exclude(status__in=Escalation.OPEN).order_by("-ended_at", "-pk")
    return in_turn(rows.filter(status=Escalation.Status.WAITING))


@staff_required
@require_GET
def escalations(request: HttpRequest) -> HttpResponse:
    """One list at a time, and beside it the chosen case with what to do about it."""
    user = staff_of(request)
    who, which = viewer(user), request.GET.get("list", "waiting")
    which = which if which in LISTS else "waiting"
    theirs = _theirs(user, who)
    narrowed = _narrowed(theirs, request, user)
    rows, more = _rows(_listed(narrowed, which, user), which, request.GET.get("after"))
    now = timezone.now()
    chosen = next((row for row in rows if str(row.pk) == request.GET.get("show")), rows[0] if rows else None)
    context = {
        "rows": dressed(rows, now),
        "which": which,
        "next_url": f"?{_query(request, after=more)}" if more else "",
        "here": f"?{rest}&" if (rest := _query(request, show=None)) else "?",
        "chosen": chosen,
        "story": story_of(chosen, user) if chosen else None,
        "may_take": policy.may_take_escalation(user, chosen) if chosen else None,
        "may_settle": policy.may_settle_escalation(user, chosen) if chosen else None,
        "team": team_load(who),
        "tabs": _tabs(request, theirs, user, which),
        "empty": EMPTY[which],
        "now": now,
        "top_level": TOP_LEVEL,
        "reads_forecast": bool(who.roles.intersection(READERS)) or who.is_supervisor,
        **_filters(request, theirs),
    }
    return render(request, "desk/escalations/queue.html", context)


def _rows(listed: QuerySet[Escalation], which: str, after: str | None) -> tuple[list[Escalation], str | None]:
    """What waits at once; what has ended a page at a time."""
    related = ("ticket__requester", "ticket__team", "ticket__assignee", "waits_for", "owner", "raised_by", "ended_by",
               "promise__owner", "target_team")  # fmt: skip
    rows = listed.select_related(*related).prefetch_related("reasons__raised_by", "ticket__requester__flags")
    if which != "ended":
        return list(rows[:MOST]), None
    found = page(rows, order=("-ended_at", "-pk"), after=after, size=ENDED)
    return found.items, found.next_cursor


def _narrowed(rows: QuerySet[Escalation], request: HttpRequest, user: User) -> QuerySet[Escalation]:
    """By ``whose=me`` (it waits for me, I have it or I raised it) and by ``team``."""
    if request.GET.get("whose") == "me":
        rows = rows.filter(Q(waits_for=user) | Q(owner=user) | Q(raised_by=user))
    if (team := _team_id(request)) is not None:
        rows = rows.filter(ticket__team=team)
    return rows


def _team_id(request: HttpRequest) -> int | None:
    text = request.GET.get("team", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _tabs(request: HttpRequest, rows: QuerySet[Escalation], user: User, which: str) -> list[dict[str, Any]]:
    """The lists with how much stands in those that are open: one query."""
    taken = Q(status=Escalation.Status.TAKEN)
    found = _narrowed(rows, request, user).aggregate(
        waiting=Count("pk", filter=Q(status=Escalation.Status.WAITING)),
        mine=Count("pk", filter=taken & Q(owner=user)),
        taken=Count("pk", filter=taken & ~Q(owner=user)),
    )
    return [
        {
            "name": name,
            "url": f"?{_query(request, list=code, show=None, after=None)}",
            "count": min(found.get(code, 0), SHOWN) or "",
            "on": code == which,
        }
        for code, name in LISTS.items()
    ]


def _filters(request: HttpRequest, rows: QuerySet[Escalation]) -> dict[str, Any]:
    """Whose and which team's, as chips that live in the address."""
    teams = Team.objects.filter(pk__in=rows.order_by().values("ticket__team")).order_by("name")
    whose = request.GET.get("whose") == "me"
    return {
        "whose": whose,
        "whose_url": f"?{_query(request, whose=None if whose else 'me', show=None, after=None)}",
        "teams": list(teams[:30]),
        "team_id": _team_id(request),
    }


def _query(request: HttpRequest, **changes: Any) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return query.urlencode()
