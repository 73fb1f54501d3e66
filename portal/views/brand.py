"""A brand's colours as a style sheet, and its logo: public, and kept by browsers for ever."""

from __future__ import annotations

import re

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from staff.branding import STYLE_VERSION, style_sheet
from staff.models import BrandLogo

COLOUR = re.compile(r"[0-9a-f]{6}")
FOR_EVER = "public, max-age=31536000, immutable"


@login_not_required
@require_safe
def style(request: HttpRequest, colour: str, version: int) -> HttpResponse:
    """The tokens of a colour; the same for everybody, so nothing is looked up."""
    if version != STYLE_VERSION or not COLOUR.fullmatch(colour):
        raise Http404
    return _lasting(style_sheet(f"#{colour}").encode(), "text/css; charset=utf-8")


@login_not_required
@require_safe
def logo(request: HttpRequest, brand_id: int, digest: str) -> HttpResponse:
    """The picture as it was checked; a former one is gone."""
    found = get_object_or_404(BrandLogo, brand_id=brand_id, brand__logo_digest=digest)
    response = _lasting(bytes(found.data), found.content_type)
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _lasting(body: bytes, content_type: str) -> HttpResponse:
    headers = {"Cache-Control": FOR_EVER, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(body, content_type=content_type, headers=headers)
