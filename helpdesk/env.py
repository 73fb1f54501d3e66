"""The only reader of the process's environment. Every value is typed, and a bad one stops the start with a sentence."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_MISSING = object()
_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str | None | object = _MISSING) -> str:
    """The text of ``NAME``, or of the file that ``NAME_FILE`` points at (how secrets are mounted)."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    value = os.environ.get(name, default)
    if value is _MISSING:
        raise ImproperlyConfigured(f"Set {name} (or {name}_FILE) in the environment.")
    return value  # type: ignore[return-value]


def flag(name: str, default: bool) -> bool:
    """A yes or a no."""
    value = text(name, "yes" if default else "no").strip().lower()
    if value in _YES:
        return True
    if value in _NO:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")


def number(name: str, default: int) -> int:
    """A whole number."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]
