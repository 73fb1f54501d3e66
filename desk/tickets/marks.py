"""Rows of tickets. Their marks are drawn once where they are always the same: a list draws hundreds of them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common.templatetags import desk_ui
from customers.models import CustomerType
from desk.templatetags.desk_search import marked
from tickets.models import Channel, Priority, Status, Ticket
from tickets.queue import RETURNED

LEVELS = {Priority.LOW: "low", Priority.NORMAL: "normal", Priority.HIGH: "high", Priority.URGENT: "urgent"}
TONES = {Status.NEW: "accent", Status.OPEN: "good", Status.PENDING: "calm", Status.ON_HOLD: "warn"}
LONGEST = 110


def row(ticket: Ticket, now: datetime, *, aside: bool = False, plain: bool = False, q: str = "") -> SafeString:
    """One ticket that ``rows.dressed`` has dressed, as a row; ``aside``: of spam and trash; ``plain``: nothing to pick;
    ``q``: what was looked for is marked.

    Written here and not in a template: a list has hundreds of cells, and a template takes ten times as long for each.
    """
    language = get_language() or ""
    words, number = _words(language), ticket.number
    team = "" if ticket.assignee or not ticket.team else f' <small dir="auto">{escape(str(ticket.team))}</small>'
    unread = " unread" if ticket.unanswered_since else ""
    draft = words["draft"] if getattr(ticket, "has_draft", False) else ""
    pick = (
        f'<td class="cell-select"><label><input type="checkbox" name="ticket" value="{number}" '
        f'aria-label="{words["pick"] % {"number": number}}"></label></td>'
    )
    return SafeString(
        f'<tr data-row id="row-{number}">{"" if plain else pick}'
        f'<td class="cell-priority">{_priority(ticket.priority, language)}</td>'
        f'<td class="cell-number">{number}</td>'
        f'<td class="cell-subject{unread}">{draft}<a data-row-link href="{words["path"]}{number}/" dir="auto">'
        f"{_told(ticket.subject, q)}</a>{_last(ticket.preview, q)}</td>"
        f'<td class="cell-customer" data-number="{number}">{_customer(ticket, words)}</td>'
        f'<td class="cell-channel">{_channel(ticket.channel, language)}</td>'
        f'<td class="cell-state">{_state(_aside(ticket) if aside else ticket.status, language)}</td>'
        f'<td class="cell-agent">{desk_ui.avatar(ticket.assignee, "small")}{team}</td>'
        f'<td class="cell-due">{_due(ticket, now)}</td></tr>\n'
    )


def past(row: dict[str, Any], now: datetime) -> SafeString:
    """An earlier ticket beside a newer one: ``number``, ``subject``, ``state`` and ``opened_at``."""
    words = _words(get_language() or "")
    when = desk_ui.time_ago(row["opened_at"], now)
    return SafeString(
        f'<div class="due">{desk_ui.icon("ticket", small=True)}<div><a href="{words["path"]}{row["number"]}/">'
        f'<span class="num">#{row["number"]}</span> <bdi>{escape(row["subject"])}</bdi></a>'
        f"<small>{escape(row['state'])} · {when}</small></div></div>"
    )


def _due(ticket: Any, now: datetime) -> SafeString:
    if ticket.is_paused:
        return desk_ui.chip(_("Paused"), "calm", "pause", title=ticket.is_paused)
    chip = desk_ui.due_chip(ticket.due, ticket.started, False, now, ticket.hours, ticket.target, says_when=False)
    if ticket.due is None:
        return chip
    # what the list is sorted by; of working time less may be left than of what is due earlier
    is_back = ticket.queue_rank == RETURNED
    always = " data-always" if is_back or not ticket.hours.is_round_the_clock else ""
    when = _("Back from hold") if is_back else desk_ui.by_when(ticket.due, now)
    return SafeString(f'<span class="when"{always}>{escape(when)}</span> {chip}')


def _customer(ticket: Ticket, words: dict[str, str]) -> str:
    flags = "".join(
        f' <span class="chip" data-tone="{tone}" title="{escape(label)}">{desk_ui.icon(mark, label=str(label))}</span>'
        for label, mark, tone in getattr(ticket, "flag_marks", ())
    )
    inside = words["internal"] if ticket.customer_type == CustomerType.INTERNAL else ""
    return f'<span class="who" dir="auto">{escape(str(ticket.requester))}</span>{flags}{inside}'


def _told(text: str, q: str) -> SafeString:
    return marked(text, q) if q else escape(text)


def _last(preview: str, q: str) -> SafeString:
    if not preview:
        return SafeString("")
    cut = preview if len(preview) <= LONGEST else preview[: LONGEST - 1] + "…"
    return SafeString(f' <span class="last">— <bdi>{_told(cut, q)}</bdi></span>')


def _aside(ticket: Ticket) -> str:
    return "trash" if ticket.trashed_at else "spam"


@lru_cache(maxsize=64)
def _words(_language: str) -> dict[str, str]:
    internal = f' <span class="chip">{escape(_("internal"))}</span>'
    draft = f'<span class="chip draft" title="{escape(_("You have begun to write here"))}">{escape(_("Draft"))}</span> '
    return {
        "path": reverse("desk:tickets"), "pick": escape(_("Pick #%(number)s")), "internal": internal, "draft": draft,
    }  # fmt: skip


@lru_cache(maxsize=256)
def _priority(priority: int, _language: str) -> SafeString:
    return desk_ui.priority(LEVELS[Priority(priority)], Priority(priority).label)


@lru_cache(maxsize=256)
def _channel(channel: str, _language: str) -> SafeString:
    return desk_ui.channel_icon(channel, str(Channel(channel).label))


@lru_cache(maxsize=256)
def _state(code: str, _language: str) -> SafeString:
    if code in ("trash", "spam"):
        return desk_ui.chip(_("Trash") if code == "trash" else _("Spam"), "calm")
    return desk_ui.chip(Status(code).label, TONES.get(Status(code), ""))
