"""Following one's requests: how they stand, the conversation, and what the customer can do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from common.errors import Refused
from customers.models import Person
from events import idempotency
from portal import limits
from portal.brands import show_brand_of
from portal.facts import facts_of, waiting_first, with_facts
from portal.forms import MessageForm
from portal.keys import key_of, new_key
from portal.people import person_of
from portal.views.submit import key_of_form
from portal.words import Standing, standing_of
from tickets import attachments, lifecycle
from tickets.links import closure_token
from tickets.models import Attachment, Channel, Closure, EscalationReason, Status, Ticket
from tickets.policy.closing import is_customer_of
from tickets.thumbnails import serve_small
from tickets.visibility import visible_as_customer

PAGE = 20
WAITING = 20
Row = tuple[Ticket, Standing]


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My requests, what waits for me first; a visitor who is not signed in is asked what they need."""
    if not request.user.is_authenticated:
        return redirect("portal:submit")
    person, now = person_of(request), timezone.now()
    found = visible_as_customer(Ticket.objects.all(), request.user)
    theirs = list(waiting_first(found, person).order_by("-updated_at", "-pk").values_list("pk", flat=True))
    waiting = theirs[:WAITING]
    rest = found.exclude(pk__in=waiting).order_by("-updated_at", "-pk")
    shown = Paginator(rest, PAGE).get_page(request.GET.get("page"))
    rows = _rows(with_facts(Ticket.objects.filter(pk__in=[*waiting, *(one.pk for one in shown)])), now, set(theirs))
    listed = [rows[ticket.pk] for ticket in shown]
    context = {
        "page": shown,
        "person": person,
        "waiting": [rows[pk] for pk in waiting] if shown.number == 1 else [],
        "running": [row for row in listed if row[0].status != Status.CLOSED],
        "closed": [row for row in listed if row[0].status == Status.CLOSED],
    }
    return render(request, "portal/home.html", context)


def _rows(tickets: QuerySet[Ticket], now: datetime, theirs: set[int]) -> dict[int, Row]:
    return {
        ticket.pk: (ticket, standing_of(ticket, facts_of(ticket), at=now, is_theirs=ticket.pk in theirs))
        for ticket in tickets
    }


def _mine(request: HttpRequest, number: int) -> tuple[Person, Ticket]:
    """The customer's own request (or their organisation's), or 404: another's looks like none (T13)."""
    person = person_of(request)
    if person is None:
        raise Http404
    own = visible_as_customer(with_facts(Ticket.objects.select_related("brand", "team__brand")), request.user)
    ticket = get_object_or_404(own, number=number)
    show_brand_of(request, ticket)
    return person, ticket


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One request: how it stands in plain words, the conversation, and what the customer can do."""
    person, ticket = _mine(request, number)
    return _page(request, person, ticket, MessageForm())


def _page(request: HttpRequest, person: Person, ticket: Ticket, form: MessageForm) -> HttpResponse:
    now, facts = timezone.now(), facts_of(ticket)
    closure, undo, is_theirs = facts.closure, None, is_customer_of(person, ticket)
    if closure and closure.undone_at is None and closure.undo_until and closure.undo_until > now:
        undo = closure_token(closure) if closure.answered_by_id == person.pk else None
    entries = ticket.entries.public().select_related("author_person").prefetch_related("attachments__blob")
    context = {
        "ticket": ticket,
        "person": person,
        "standing": standing_of(ticket, facts, at=now, is_theirs=is_theirs),
        "entries": entries,
        "closure": closure if is_theirs and closure and closure.answer == Closure.Answer.WAITING else None,
        "answered": closure,
        "undo": undo,
        "asked_senior_at": _asked_senior_at(ticket, now) if ticket.is_active else None,
        "form": form,
        "key": key_of_form(request) if form.is_bound else new_key(),
    }
    return render(request, "portal/request.html", context, status=422 if form.is_bound else 200)


def _asked_senior_at(ticket: Ticket, now: datetime) -> datetime | None:
    """When the customer asked for somebody senior within the last day (E9)."""
    asked = EscalationReason.objects.filter(
        escalation__ticket=ticket,
        reason=EscalationReason.Reason.SENIOR,
        raised_by=None,
        raised_at__gt=now - timedelta(days=1),
    )
    return asked.values_list("raised_at", flat=True).last()


@require_POST
def reply(request: HttpRequest, number: int) -> HttpResponse:
    """A message to us; on a closed request it opens a follow-up (T3)."""
    person, ticket = _mine(request, number)
    form = MessageForm(request.POST, request.FILES)
    if wait := limits.wait_of(request, "reply"):
        form.add_error(None, limits.words(wait))
        return limits.mark(_page(request, person, ticket, form), wait)
    if not form.is_valid():
        return _page(request, person, ticket, form)
    try:
        answer = idempotency.once(
            f"portal.reply:{person.pk}:{ticket.pk}",
            key_of(request, form.cleaned_data["text"]),
            lambda: idempotency.Answer(body=str(_received(ticket, person, form.cleaned_data).number)),
        )
    except Refused as refusal:
        form.add_error("text", str(refusal))
        return _page(request, person, ticket, form)
    landed = int(answer.body)
    if landed != ticket.number:
        messages.success(request, _("That request was closed, so your message opened a new one that knows it."))
    else:
        messages.success(request, _("Your message is with us."))
    return redirect("portal:request", landed)


def _received(ticket: Ticket, person: Person, fields: dict[str, Any]) -> Ticket:
    """The ticket that the message landed on: this one, its merge target, or a follow-up."""
    return lifecycle.receive(
        ticket, person=person, text=fields["text"], channel=Channel.WEB, files=fields["files"]
    ).ticket


@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """T4 on the portal: solved or not; it can be taken back on the page that follows."""
    person, ticket = _mine(request, number)
    solved = request.POST.get("solved") == "yes"
    try:
        lifecycle.confirm(ticket, by=person, solved=solved, via=Closure.Via.PORTAL)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(
            request,
            _("Thank you. We are glad it is solved.")
            if solved
            else _("Thank you for telling us. It is open again, with the same people."),
        )
    return redirect("portal:request", ticket.number)


@require_POST
def ask_for_supervisor(request: HttpRequest, number: int) -> HttpResponse:
    """E9: a customer asks for somebody senior, once per case and day; why is theirs to say or not."""
    person, ticket = _mine(request, number)
    if wait := limits.wait_of(request, "supervisor"):
        context = {"refusal": limits.words(wait), "back": f"/portal/requests/{number}/"}
        return limits.mark(render(request, "429.html", context), wait)
    note = request.POST.get("why", "")[:2000].replace("\x00", "")
    try:
        lifecycle.escalate(ticket, by=person, reason=EscalationReason.Reason.SENIOR, note=note)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Somebody senior was asked to step in. By when you hear back stands above."))
    return redirect("portal:request", ticket.number)


@require_GET
def attachment(request: HttpRequest, number: int, public_id: str) -> FileResponse:
    """A file of one's own request, always as a download or a harmless type; ``?small`` is a stamp of a picture."""
    ticket = get_object_or_404(visible_as_customer(Ticket.objects.all(), request.user), number=number)
    own = ticket.entries.public().values("pk")
    found = get_object_or_404(Attachment.objects.select_related("blob"), public_id=public_id, entry__in=own)
    try:
        serving = serve_small(found) if "small" in request.GET else attachments.serve(found)
    except Refused as refusal:
        raise Http404(str(refusal)) from refusal
    response = FileResponse(serving.file)
    for name, value in serving.headers.items():  # after it was made: by itself it would show everything inline
        response.headers[name] = value
    return response
