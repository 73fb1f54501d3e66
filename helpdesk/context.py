"""What every template may read."""

from django.http import HttpRequest


def nonce(request: HttpRequest) -> dict[str, object]:
    """``csp_nonce`` for inline styles and scripts; reading it puts it into the policy's header."""
    return {"csp_nonce": getattr(request, "csp_nonce", "")}
