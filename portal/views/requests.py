"""Writing in, and following one's requests."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import Refused
from customers import operations as customers
from customers.models import CustomerType, Person
from events import idempotency
from portal.forms import MessageForm, RequestForm
from portal.keys import key_of, new_key
from portal.people import person_of
from portal.words import standing_of
from tickets import attachments, clocks, lifecycle
from tickets.models import Attachment, Channel, Clock, Closure, EscalationReason, Ticket
from tickets.visibility import visible_as_customer

PAGE = 30


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My requests; a visitor who is not signed in is asked what they need."""
    if not request.user.is_authenticated:
        return redirect("portal:submit")
    person = person_of(request)
    found = visible_as_customer(Ticket.objects.all(), request.user).order_by("-updated_at", "-pk")
    shown = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "portal/home.html",
        {"page": shown, "person": person, "rows": [(t, standing_of(t, at=timezone.now())) for t in shown]},
    )


@login_not_required
@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest) -> HttpResponse:
    """The request form; sent twice it opens one request (T7: nobody is turned away)."""
    person = person_of(request)
    form = RequestForm(request.POST or None, request.FILES or None, known=person is not None)
    if request.method == "POST" and form.is_valid():
        try:
            answer = idempotency.once(
                f"portal.submit:{person.pk if person else request.META.get('REMOTE_ADDR', '')}",
                key_of(request, form.cleaned_data["subject"], form.cleaned_data["text"]),
                lambda: idempotency.Answer(body=str(_open(form.cleaned_data, person).number)),
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            request.session["portal_sent"] = int(answer.body)
            return redirect("portal:sent")
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "portal/submit.html", {"form": form, "person": person, "key": new_key()}, status=status)


@transaction.atomic
def _open(fields: dict[str, Any], person: Person | None) -> Ticket:
    asker = person or _asker(str(fields["name"]), str(fields["email"]))
    return lifecycle.open_ticket(
        requester=asker,
        subject=fields["subject"],
        text=fields["text"],
        channel=Channel.WEB,
        by=asker,
        type=fields["type"],
        files=fields["files"],
        language=asker.language,
    )


def _asker(name: str, email: str) -> Person:
    """The one person with this address; a shared address names nobody, so a new record is made, to be merged later."""
    known = customers.find_by_address(email)
    if len(known) == 1:
        return known[0]
    return customers.add_person(
        by=None, name=name, kind=CustomerType.EXTERNAL, emails=[email], language=get_language() or ""
    )


@login_not_required
@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    """The number, by when an answer comes at the latest, and what happens next."""
    ticket = Ticket.objects.filter(number=request.session.get("portal_sent", 0)).select_related("requester").first()
    if ticket is None:
        return redirect("portal:submit")
    latest = clocks.latest_answer_at(ticket)
    return render(request, "portal/sent.html", {"ticket": ticket, "latest": latest})


def _mine(request: HttpRequest, number: int) -> tuple[Person, Ticket]:
    """The customer's own request (or their organisation's), or 404: another's looks like none (T13)."""
    person = person_of(request)
    if person is None:
        raise Http404
    own = visible_as_customer(Ticket.objects.select_related("requester", "organisation"), request.user)
    return person, get_object_or_404(own, number=number)


@require_GET
def detail(request: HttpRequest, number: int, form: MessageForm | None = None) -> HttpResponse:
    """One request: how it stands in plain words, the conversation, and what the customer can do."""
    person, ticket = _mine(request, number)
    hold = ticket.holds.filter(ended_at=None).select_related("reason").first()
    clock = ticket.clocks.filter(stopped_at=None, cancelled_at=None).exclude(metric=Clock.Metric.RESOLUTION).first()
    closure = ticket.closures.filter(answer=Closure.Answer.WAITING).first()
    context = {
        "ticket": ticket,
        "person": person,
        "standing": standing_of(ticket, hold=hold, clock=clock, at=timezone.now()),
        "hold": hold,
        "entries": ticket.entries.public().select_related("author_person").prefetch_related("attachments"),
        "closure": closure,
        "promises": ticket.promises.filter(status="open").select_related("owner"),
        "form": form or MessageForm(),
        "key": new_key(),
    }
    return render(request, "portal/request.html", context, status=422 if form is not None else 200)


@require_POST
def reply(request: HttpRequest, number: int) -> HttpResponse:
    """A message to us; on a closed request it opens a follow-up (T3)."""
    person, ticket = _mine(request, number)
    form = MessageForm(request.POST, request.FILES)
    if not form.is_valid():
        return _again(request, number, form)
    try:
        answer = idempotency.once(
            f"portal.reply:{person.pk}:{ticket.pk}",
            key_of(request, form.cleaned_data["text"]),
            lambda: idempotency.Answer(body=str(_received(ticket, person, form.cleaned_data).number)),
        )
    except Refused as refusal:
        form.add_error("text", str(refusal))
        return _again(request, number, form)
    landed = int(answer.body)
    if landed != ticket.number:
        messages.success(request, _("That request was closed, so your message opened a new one that knows it."))
    return redirect("portal:request", landed)


def _received(ticket: Ticket, person: Person, fields: dict[str, Any]) -> Ticket:
    """The ticket that the message landed on: this one, its merge target, or a follow-up."""
    return lifecycle.receive(
        ticket, person=person, text=fields["text"], channel=Channel.WEB, files=fields["files"]
    ).ticket


def _again(request: HttpRequest, number: int, form: MessageForm) -> HttpResponse:
    request.method = "GET"
    return detail(request, number, form)


@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """T4 on the portal: solved or not; "not solved" asks what is still wrong on the page of the link."""
    person, ticket = _mine(request, number)
    try:
        lifecycle.confirm(ticket, by=person, solved=request.POST.get("solved") == "yes", via=Closure.Via.PORTAL)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Thank you for your answer."))
    return redirect("portal:request", ticket.number)


@require_POST
def ask_for_supervisor(request: HttpRequest, number: int) -> HttpResponse:
    """E9: a customer asks for somebody senior, once per case and day."""
    person, ticket = _mine(request, number)
    try:
        lifecycle.escalate(ticket, by=person, reason=EscalationReason.Reason.SENIOR)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("A supervisor was asked to step in. By when you hear back stands below."))
    return redirect("portal:request", ticket.number)


@require_GET
def attachment(request: HttpRequest, number: int, public_id: str) -> FileResponse:
    """A file of one's own request, always as a download or a harmless type."""
    _person, ticket = _mine(request, number)
    own = ticket.entries.public().values("pk")
    found = get_object_or_404(Attachment.objects.select_related("blob"), public_id=public_id, entry__in=own)
    try:
        serving = attachments.serve(found)
    except Refused as refusal:
        raise Http404(str(refusal)) from refusal
    response = FileResponse(serving.file)
    for name, value in serving.headers.items():  # after it was made: by itself it would show everything inline
        response.headers[name] = value
    return response
