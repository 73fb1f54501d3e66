"""One ticket: the conversation, the reply box, and everything known beside it."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from desk.access import staff_of, staff_required
from desk.tickets import context, head
from desk.tickets.finding import found, part
from desk.tickets.forms.conversation import NoteForm, ReplyForm, limits
from desk.tickets.page import Loaded, load
from desk.tickets.window import Place
from tickets import clocks
from tickets.models import Clock, ClosureCause, Status, Ticket, TicketMerge

Shown = dict[str, Any]


@staff_required
@require_safe
def ticket(request: HttpRequest, number: int) -> HttpResponse:
    """The page of a ticket; a merged one leads to where it went."""
    user = staff_of(request)
    loaded = load(user, number, now=timezone.now(), place=Place.of(request.GET))
    if target := _merged_into(loaded.ticket, user):
        messages.info(request, _("#%(number)s was merged into this ticket.") % {"number": number})
        return redirect("desk:ticket", target)
    return render(request, "desk/tickets/ticket.html", page_context(request, loaded, kind=request.GET.get("write", "")))


def page_context(
    request: HttpRequest, loaded: Loaded, *, kind: str = "", form: Any = None, seen: int | None = None, **more: Any
) -> Shown:
    """All that the page reads; ``form`` is a reply or a note that came back, with what was typed; ``seen`` the newest
    entry that the open page shows, where not all of it is drawn anew (T10)."""
    user, ticket = staff_of(request), loaded.ticket
    may = head.writing(user, ticket)
    kind = kind or request.headers.get("X-Composer", "")  # what is being written while one does something else
    kind = "note" if kind == "note" or (may["note"] and not may["reply"]) else "reply"
    draft = next((one for one in loaded.drafts if one["kind"] == kind), None)
    if form is None:
        known = loaded.seen if seen is None else min(seen, loaded.seen)
        form = NoteForm() if kind == "note" else ReplyForm(initial={"seen": known})
        form.initial |= {"text": draft["text"], "html": draft["html"]} if draft else {}
    return {
        "ticket": ticket,
        "page": loaded,
        "acts": head.main_acts(user, loaded),
        "more_acts": head.more_acts(user, loaded),
        "may": may,
        "kind": kind,
        "form": form,
        "draft": draft,
        "limits": cache(limits),  # asked for only where a composer is drawn
        "action": reverse(f"desk:{kind}", args=[ticket.number]),
        "is_old_page": loaded.window.later is not None,
        **context.beside(user, loaded, timezone.now()),
        **more,
    }


@staff_required
@require_safe
def clock(request: HttpRequest, number: int, clock_id: int) -> HttpResponse:
    """Why a due time is what it is, step by step (S7)."""
    ticket = found(request, number)
    people = (
        "started_by__author_person",
        "started_by__author",
        "stopped_by__author_person",
        "stopped_by__author",
        "agent",
    )
    terms = ("policy", "policy_version__policy", "hours__calendar", "ticket")
    rows = Clock.objects.select_related(*terms, *people)
    row = part(rows, ticket, clock_id)
    context = {"ticket": ticket, "clock": row, "steps": clocks.explain(row), "now": timezone.now()}
    is_part = bool(request.headers.get("HX-Request"))
    return render(request, "desk/tickets/_clock.html" if is_part else "desk/tickets/clock.html", context)


def _merged_into(ticket: Ticket, user: User) -> int | None:
    """The number that a merged ticket leads to, if the reader may go there (T11)."""
    if ticket.status != Status.CLOSED or ticket.closure_cause != ClosureCause.MERGED:
        return None
    merge = TicketMerge.objects.filter(source=ticket, undone_at=None).first()
    target = Ticket.objects.visible_to(user).filter(pk=merge.target_id).first() if merge else None
    return target.number if target else None
