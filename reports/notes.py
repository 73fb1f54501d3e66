"""What a reader must know about where the numbers of a period come from. Higher rooms may register more."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Event
from intake.models import ImportRun
from tickets.models import Ticket

Note = Callable[[QuerySet[Ticket]], list[str]]
_notes: list[Note] = []


def note(function: Note) -> Note:
    """Register a function from the report's tickets to sentences about them."""
    _notes.append(function)
    return function


def notes(tickets: QuerySet[Ticket]) -> list[str]:
    """Every sentence that the report on these tickets must carry."""
    return [sentence for function in _notes for sentence in function(tickets)]


@note
def imported(tickets: QuerySet[Ticket]) -> list[str]:
    """Imported tickets are told by source, with what stands in for the first response there: two queries."""
    counts = (
        tickets.filter(origin=Event.Origin.IMPORT)
        .order_by("external_source")
        .values_list("external_source")
        .annotate(number=Count("pk"))
    )
    sources = dict(counts)
    if not sources:
        return []
    runs = ImportRun.objects.filter(source__in=sources, is_dry=False).order_by("source", "-pk").distinct("source")
    stand_ins = dict(runs.values_list("source", "first_response_from"))
    return [_imported(source, number, stand_ins.get(source, "")) for source, number in sources.items()]


def _imported(source: str, number: int, stand_in: str) -> str:
    told = ngettext(
        "%(number)d of these tickets was imported from “%(source)s”.",
        "%(number)d of these tickets were imported from “%(source)s”.",
        number,
    ) % {"number": number, "source": source or _("another system")}
    if not stand_in:
        return told
    how = _(
        "The log does not say when the customer was first answered: “%(activity)s” stands in for the first response."
    )
    return f"{told} {how % {'activity': stand_in}}"
