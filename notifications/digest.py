"""The mail that tells somebody what waits for them: one for all of it, ticket by ticket, in plain words (N1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.models import User
from common.clock import zone_named
from common.text import clean_line
from notifications import outbox, rendering
from notifications.models import Notice, OutgoingMail
from notifications.words import reason_of, spoken_lines, when
from tickets.models import Ticket
from tickets.visibility import visible_inside

TEMPLATE = "staff/notices"
MOST = 20
"""Tickets that are named one by one; of the others the mail says how many."""

MACHINE = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
"""RFC 3834: no machine answers it."""


@dataclass(slots=True)
class About:
    """What a mail says of one ticket: its lines in the order in which they came, and when it is due, in words."""

    ticket: Ticket
    url: str
    is_urgent: bool
    due: str
    lines: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def tellable(user: User, notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """Those of tickets that the reader may see from the inside today (T13)."""
    return notices.filter(ticket__in=visible_inside(Ticket.objects.all(), user))


def fill(mail: OutgoingMail, user: User, notices: QuerySet[Notice], *, at: datetime) -> None:
    """Write these notices into the mail, in the reader's time and in the brand's dress; not saved.

    In the reader's language where the desk speaks it throughout (``DESK_LANGUAGES``), else in the desk's own.
    """
    language = user.language if user.language in settings.DESK_LANGUAGES else settings.LANGUAGE_CODE
    with override(language), timezone.override(zone_named(user.time_zone or settings.TIME_ZONE)):
        lines = _lines(notices)
        shown = dict(list(lines.items())[:MOST])
        about = _about(notices, shown, at)
        only = about[0] if len(lines) == 1 else None
        brand = outbox.brand_of(only.ticket if only else None)
        context = {
            "about": about,
            "only": only,
            "heading": _heading(lines),
            "is_urgent": any(row["is_urgent"] for rows in lines.values() for row in rows),
            "rest": _kinds(row for pk, rows in lines.items() if pk not in shown for row in rows),
            "more": len(lines) - len(shown),
            "more_written": _number(len(lines) - len(shown)),
            "called": user.short_name,
            "day_url": _absolute(reverse("desk:home")),
            "choices_url": _absolute(reverse("desk:account") + "#notices-form"),
        }
        written = rendering.render(TEMPLATE, language, brand, context)
    mail.ticket = only.ticket if only else None
    mail.sender = outbox.sender_of(brand)
    mail.subject = clean_line(written.subject, 10_000)[: outbox.SUBJECT_LIMIT]
    mail.text, mail.html = written.text, written.html


Lines = dict[int, list[dict[str, Any]]]
"""By ticket: one row for each kind of news of it, with ``many``, ``first``, ``due`` and ``is_urgent``."""


def _lines(notices: QuerySet[Notice]) -> Lines:
    """One query, whatever waits: urgent tickets first, then in the order in which they began."""
    rows = notices.values("ticket", "kind", "is_urgent").annotate(
        many=Count("pk"), first=Min("created_at"), least=Min("pk"), due=Min("due_at")
    )
    found: Lines = {}
    for row in sorted(rows, key=lambda row: (row["first"], row["least"])):
        found.setdefault(row["ticket"], []).append(dict(row))
    return dict(sorted(found.items(), key=lambda item: not any(row["is_urgent"] for row in item[1])))


def _about(notices: QuerySet[Notice], lines: Lines, at: datetime) -> list[About]:
    """What is said of the tickets that are named: two queries."""
    tickets = Ticket.objects.select_related("team__brand", "brand").in_bulk(list(lines))
    about = {}
    for pk, rows in lines.items():
        dues = [row["due"] for row in rows if row["due"]]
        about[pk] = About(
            tickets[pk],
            _absolute(reverse("desk:ticket", args=[tickets[pk].number])),
            any(row["is_urgent"] for row in rows),
            when(min(dues), at) if dues else "",
            [spoken_lines(kind, count) for kind, count in _counts(rows).items()],
        )
    moved = notices.filter(ticket__in=list(lines), instead_of__isnull=False).select_related("instead_of")
    for notice in moved.order_by("pk"):
        reason, said = reason_of(notice, at), about[notice.ticket_id or 0].reasons
        if reason and reason not in said:
            said.append(reason)
    return list(about.values())


def _counts(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["kind"]] += row["many"]
    return dict(counts)


def _kinds(rows: Iterable[dict[str, Any]]) -> list[str]:
    """What waits on the tickets that are not named, most frequent first."""
    ordered = sorted(_counts(rows).items(), key=lambda item: -item[1])
    return [f"{_number(many)} × {spoken_lines(kind, 1)}" for kind, many in ordered]


def _heading(lines: Lines) -> str:
    kinds = _counts(row for rows in lines.values() for row in rows)
    many = sum(kinds.values())
    if many == 1:
        return spoken_lines(next(iter(kinds)), 1)
    notices = ngettext("%(n)s notice", "%(n)s notices", many) % {"n": _number(many)}
    if len(lines) == 1:
        return notices
    return _("%(notices)s on %(n)s tickets") % {"notices": notices, "n": _number(len(lines))}


def _number(many: int) -> str:
    return number_format(many, use_l10n=True, force_grouping=True)


def _absolute(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"
