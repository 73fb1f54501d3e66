"""The only reader of the process's environment. Every value is typed, and a bad one stops the start with a sentence."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_MISSING = object()
_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str | object = _MISSING) -> str:
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


def database(name: str, default: str) -> dict[str, Any]:
    """Django's settings of a PostgreSQL from ``postgresql://user:password@host:port/name?option=value``.

    A host that begins with a slash (written ``%2F…``, or as ``?host=/…``) is a folder with a Unix socket.
    """
    url = urlsplit(text(name, default))
    if url.scheme not in {"postgres", "postgresql"} or not url.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host:5432/name.")
    options: dict[str, str] = dict(parse_qsl(url.query))
    try:
        port = url.port
    except ValueError:
        raise ImproperlyConfigured(f"{name} has a port that is not a number.") from None
    # hostname is lower-cased by the parser, which would spoil a folder's name.
    host = url.netloc.rpartition("@")[2].removesuffix(f":{port}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.strip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", unquote(host).strip("[]")),
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def redis(name: str, default: str) -> str:
    """The address of a Redis, ``redis://…``, ``rediss://…`` or ``unix:///path``, without a database number's trap."""
    url = text(name, default)
    if urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured(f"{name} must look like redis://:password@host:6379/0 or unix:///path/of/socket.")
    return url


def secret(name: str, keep_at: Path) -> str:
    """The secret ``NAME``; when it is not set, one that is made once and kept in a file only its owner can read."""
    if given := text(name, ""):
        return given
    try:
        return keep_at.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        pass
    except OSError as problem:
        raise ImproperlyConfigured(
            f"Set {name}: the one kept in {keep_at} cannot be read ({problem.strerror})."
        ) from None
    try:
        keep_at.parent.mkdir(parents=True, exist_ok=True)
        # Written aside and linked, so that two processes that start together agree on the first one's.
        draft = keep_at.with_name(f".{keep_at.name}.{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, keep_at)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return keep_at.read_text(encoding="utf-8").strip()
    except OSError as problem:
        raise ImproperlyConfigured(f"Set {name}: none can be kept in {keep_at} ({problem.strerror}).") from None


def choices(name: str, default: str, *allowed: str) -> list[str]:
    """Some of a few words, separated by commas."""
    found = words(name, default)
    if not found or not set(found) <= set(allowed):
        raise ImproperlyConfigured(f"{name} must name some of {', '.join(allowed)}.")
    return found


def choice(name: str, default: str, *allowed: str) -> str:
    """One of a few words."""
    value = text(name, default).strip().lower()
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value
