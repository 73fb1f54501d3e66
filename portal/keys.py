"""A form that is sent twice acts once, without any script."""

from __future__ import annotations

import hashlib
import secrets

from django.http import HttpRequest


def new_key() -> str:
    """What a page writes into its form."""
    return secrets.token_hex(16)


def key_of(request: HttpRequest, *words: str) -> str:
    """The form's key together with what was written, so that other words sent from a page gone back to are new."""
    key = request.POST.get("idempotency_key", "")
    digest = hashlib.sha256("\x1f".join(words).encode()).hexdigest()
    return f"{key}:{digest[:32]}" if key else ""
