"""Writing: a reply to the customer, a note for colleagues, and taking a reply back."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import Malformed, Refused
from desk.access import staff_of, staff_required
from desk.tickets.answering import CONFLICT, UNPROCESSABLE, Act, answer, onward
from desk.tickets.detail import page_context
from desk.tickets.finding import found, live_contact, part
from desk.tickets.forms.base import ActForm, posted, sure
from desk.tickets.forms.conversation import NoteForm, ReplyForm
from desk.tickets.moving import shown
from desk.tickets.page import load
from events.idempotency import Answer, once
from tickets import drafts, lifecycle, mentions
from tickets.models import Channel, Entry, Ticket


@staff_required
def reply(request: HttpRequest, number: int) -> HttpResponse:
    """Send a reply; what came meanwhile is shown first, and the draft stays (T10)."""
    ticket, user = found(request, number), staff_of(request)
    form = ReplyForm(posted(request), request.FILES or None)
    if request.method != "POST":
        return _page(request, number, "reply", None, 200)
    contact = live_contact(user, ticket)
    chat = contact if contact and contact.channel == Channel.CHAT else None
    return _write(
        request, ticket, "reply", form, lambda: lifecycle.reply(ticket, by=user, contact=chat, **form.words())
    )


@staff_required
def note(request: HttpRequest, number: int) -> HttpResponse:
    """Add an internal note."""
    ticket, user = found(request, number), staff_of(request)
    form = NoteForm(posted(request), request.FILES or None)
    if request.method != "POST":
        return _page(request, number, "note", None, 200)

    def add() -> object:
        picked = {*form.cleaned_data.pop("mentions"), *mentions.named(ticket, form.cleaned_data["text"], by=user)}
        return lifecycle.add_note(ticket, by=user, mentions=picked, **form.cleaned_data)

    return _write(request, ticket, "note", form, add)


@staff_required
def withdraw_reply(request: HttpRequest, number: int, entry_id: int) -> HttpResponse:
    """Take a reply back while there is time; the clock runs as if it had not been written (S3)."""
    ticket, user = found(request, number), staff_of(request)
    entry = part(Entry.objects.select_related("ticket"), ticket, entry_id)
    form = sure(request, _("Take the reply back"), "undo-2", _("Take it back"))
    back = f"{reverse('desk:ticket', args=[number])}#composer"
    done = _("Taken back: the text is in the reply box again.")
    if entry.attachments.exists():
        done = _("Taken back: the text is in the reply box again. Attach the files anew.")

    def do() -> None:
        is_first = entry.undone_at is None
        lifecycle.withdraw_reply(entry, by=user)
        if is_first and entry.author_id == user.pk:
            drafts.put_back(entry, user=user)

    return answer(request, Act(ticket, form, do, done=done, next=back))


def _write(request: HttpRequest, ticket: Ticket, kind: str, form: ActForm, do: Callable[[], object]) -> HttpResponse:
    leads_to = f"{reverse('desk:ticket', args=[ticket.number])}#composer"

    if not form.is_valid():
        return _page(request, ticket.number, kind, form, UNPROCESSABLE)
    fingerprint = _fingerprint(form)

    def work() -> Answer:
        do()
        drafts.drop(staff_of(request), ticket, kind)
        return Answer(status=302, location=leads_to, body=fingerprint)

    try:
        known = once(f"{request.path}:{staff_of(request).pk}", request.POST.get("idempotency_key", ""), work)
        if known.body not in ("", fingerprint):
            raise Refused(_("What you wrote first was sent after all. Read it, then send this too."), code="sent_first")
    except Refused as refusal:
        form.refuse(refusal)
        status = UNPROCESSABLE if isinstance(refusal, Malformed) else CONFLICT
        return _page(request, ticket.number, kind, form, status, refusal)
    return onward(request, ticket.number, leads_to)


def _fingerprint(form: ActForm) -> str:
    """What is sent: a key that was used for other words answers for those alone, so that no words are lost."""
    files = [f"{file.name} {file.size}" for file in form.cleaned_data["files"]]
    return sha256("\0".join([form.cleaned_data["text"], *files]).encode()).hexdigest()


def _page(
    request: HttpRequest, number: int, kind: str, form: ActForm | None, status: int, refusal: Refused | None = None
) -> HttpResponse:
    """The page, or for htmx the composer, with what was typed; after ``new_message`` the new words come first (T10)."""
    loaded = load(staff_of(request), number, now=timezone.now())
    news: list[Entry] = []
    if refusal is not None and refusal.code == "new_message" and form is not None:
        seen = form.cleaned_data.get("seen") or 0
        mine = staff_of(request).pk
        news = [
            entry for entry in loaded.window.entries
            if entry.pk > seen and entry.author_id != mine and not entry.is_automatic
        ]  # fmt: skip
        form.data = {**form.data.dict(), "seen": str(loaded.seen)} if isinstance(form.data, QueryDict) else form.data
    known = shown(request) if request.headers.get("HX-Request") else None
    context = page_context(request, loaded, kind=kind, form=form, seen=known, news=news, refusal=refusal, opens=True)
    if not request.headers.get("HX-Request"):
        return render(request, "desk/tickets/ticket.html", context, status=status)
    response = render(request, "desk/tickets/_composer.html", context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#composer", "outerHTML"
    return response
