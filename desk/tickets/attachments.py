"""Files of a conversation, for those who may read its entry, with headers that let no browser run them."""

from __future__ import annotations

import uuid
from typing import cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from common.errors import Refused
from desk.access import staff_of, staff_required
from tickets.attachments import for_reader, serve
from tickets.thumbnails import serve_small


@staff_required
@require_safe
def attachment(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A file; ``?download`` never shows it in the browser, ``?small`` is a stamp of a picture."""
    found = for_reader(staff_of(request), public_id)
    if found is None:
        raise Http404
    try:
        small = "small" in request.GET
        serving = serve_small(found) if small else serve(found, download="download" in request.GET)
    except Refused as gone:
        raise Http404(str(gone)) from gone
    response = FileResponse(serving.file)
    for name, value in serving.headers.items():  # after it was made: by itself it would show everything inline
        response.headers[name] = value
    return cast("HttpResponse", response)  # the stubs call it a relative, the guards treat it as one
