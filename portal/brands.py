"""Which brand a customers' page shows: the ticket's, else the domain's, else the default."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest

from notifications.outbox import brand_of
from staff.branding import Face, brand_at, face_of
from staff.models import Brand
from tickets.models import Ticket


def show_brand_of(request: HttpRequest, ticket: Ticket) -> None:
    """From here on this request's page looks like the ticket's brand."""
    request.brand = brand_of(ticket)  # type: ignore[attr-defined]  # read below, by the context processor


def brand_here(request: HttpRequest) -> Brand | None:
    """The brand of the ticket that is shown, or of the domain that was asked."""
    if hasattr(request, "brand"):
        return request.brand
    try:
        return brand_at(request.get_host())
    except DatabaseError:
        return None


def faces(request: HttpRequest) -> dict[str, Any]:
    """For templates: ``face`` everywhere, and on customers' pages ``brand`` too. Asked for, it takes one query."""
    face = cache(lambda: _face(request))
    match = getattr(request, "resolver_match", None)
    return {"face": face} if match and match.namespace == "desk" else {"face": face, "brand": face}


def _face(request: HttpRequest) -> Face:
    return face_of(brand_here(request))
