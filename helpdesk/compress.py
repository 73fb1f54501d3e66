"""Pages go out compressed; files keep their length and go out as they are."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

SMALL = 1000


class CompressedPages(GZipMiddleware):
    """Django's compression, which hides the length of secrets from an onlooker, for pages alone."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress HTML that is whole and long enough to be worth it."""
        kind = response.headers.get("Content-Type", "")
        if response.streaming or not kind.startswith("text/html") or len(response.content) < SMALL:  # type: ignore[attr-defined]
            return response
        return super().process_response(request, response)
