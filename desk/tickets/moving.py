"""A ticket's page in motion: what came since, as pieces that take their places on the page which is open.

The sequence of the ticket's events is the truth: a page says up to which event it has heard, and gets the rest. The
same pieces answer every act, so that one sees what it did without loading the page again.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from desk.access import staff_of, staff_required
from desk.tickets.detail import page_context
from desk.tickets.page import CATCH_UP, Item, Loaded, load_since
from desk.tickets.story import WORDS
from tickets.models import Entry

TOLD = 3
"""What others did is told of this often at once; the rest is only counted."""

SEQ, ENTRY = "X-Ticket-Seq", "X-Ticket-Entry"
"""Headers of an open page: the last event it heard of, and the newest entry it shows."""

ELSEWHERE = ("merge", "unmerge")
"""Acts after which the conversation is another one."""

_SAID: dict[str, str] = {
    Entry.Kind.MESSAGE: "ticket.message_received", Entry.Kind.REPLY: "ticket.replied",
    Entry.Kind.NOTE: "ticket.note_added",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class News:
    """What somebody else did, for the live region."""

    actor: str
    text: str
    place: str


@staff_required
@require_safe
def since(request: HttpRequest, number: int) -> HttpResponse:
    """What came after the event that the page knows; ``entry`` is the newest entry it shows."""
    return fragments(request, number, _count(request.GET.get("seq")), entry=_count(request.GET.get("entry")))


def fragments(request: HttpRequest, number: int, since_seq: int, *, entry: int | None = None) -> HttpResponse:
    """The pieces that bring an open page up to date: new and changed items, head, context; after an act the composer.

    Every piece names its place (``hx-swap-oob``); the page drops an item that it has already. Seven queries, as many
    as the page itself; one more where the ticket is resolved.
    """
    user = staff_of(request)
    known = entry if entry is not None else shown(request) or 0
    loaded = load_since(user, number, seq=since_seq, entry=known, now=timezone.now())
    ticket, is_act = loaded.ticket, request.method == "POST"
    missed = ticket.event_seq - since_seq
    is_far = loaded.is_rearranged or not 0 <= missed <= CATCH_UP
    context = page_context(
        request, loaded, is_act=is_act, is_far=is_far, missed=missed, oob=True, seen=known if is_far else None,
        told={} if is_act or is_far else _told(loaded, user.pk),
    )  # fmt: skip
    if is_far:
        loaded.items = []
    response = render(request, "desk/tickets/_moved.html", context)
    response[SEQ] = str(ticket.event_seq)
    response["HX-Reswap"] = "none"
    response["Cache-Control"] = "no-store"
    return response


def after_act(request: HttpRequest, number: int) -> HttpResponse | None:
    """The pieces for the page that an act was done on; None where the page cannot take them and must be loaded."""
    known, match = request.headers.get(SEQ), request.resolver_match
    if not request.headers.get("HX-Request") or known is None or (match and match.url_name in ELSEWHERE):
        return None
    try:
        return fragments(request, number, _count(known))
    except Http404:  # the act has moved it out of sight (T13)
        return None


def shown(request: HttpRequest) -> int | None:
    """The newest entry that the open page shows; None where a request comes from no such page."""
    known = request.headers.get(ENTRY)
    return None if known is None else _count(known)


def _told(loaded: Loaded, reader: int) -> dict[str, object]:
    """What others did, newest last; the desk's own doings stand in the conversation and are not told of."""
    news = [one for item in loaded.items if (one := _news(item, reader))]
    return {"shown": news[-TOLD:], "more": max(0, len(news) - TOLD)}


def _news(item: Item, reader: int) -> News | None:
    if item.line:
        by = item.line.by
        return News(item.line.actor, item.line.text, f"event-{item.line.seq}") if by not in (None, reader) else None
    entry = item.entry
    if entry is None or entry.author_id == reader or entry.is_automatic or entry.undone_at:
        return None
    words = _(WORDS[_SAID.get(entry.kind, "ticket.contact_logged")][1])
    return News(entry.author_name or _("The desk"), words, f"entry-{entry.pk}")


def _count(text: str | None) -> int:
    """A number from outside; what is none is nought."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else 0
