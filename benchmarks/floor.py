"""The floor: the least that a signed-in page with a list can cost on this server."""

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine

from tickets.models import Ticket
from tickets.search import search as find

ROWS = 25
TEMPLATE = Engine().from_string("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Floor</title></head><body>
<table>
{% for row in rows %}<tr>
  <td><a href="/tickets/{{ row.number }}/">#{{ row.number }}</a></td>
  <td>{{ row.subject }}</td><td>{{ row.status }}</td><td>{{ row.updated_at|date:"j M Y H:i" }}</td>
</tr>{% endfor %}
</table></body></html>
""")


def floor(request: HttpRequest) -> HttpResponse:
    """One indexed query, 25 rows, one template; the middleware and the sign-in are those of every page."""
    rows = Ticket.objects.order_by("-updated_at", "-pk").values("number", "subject", "status", "updated_at")[:ROWS]
    return HttpResponse(TEMPLATE.render(Context({"rows": rows})))


def search(request: HttpRequest) -> HttpResponse:
    """The search under the floor's template: measured only while the desk has no page for it."""
    rows = find(request.user, request.GET.get("q", ""), limit=ROWS)  # type: ignore[arg-type]
    return HttpResponse(TEMPLATE.render(Context({"rows": rows})))
