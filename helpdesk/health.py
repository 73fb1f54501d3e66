"""Whether the desk lives, and whether it is ready to serve; asked by probes, without signing in."""

import logging
from collections.abc import Callable
from functools import lru_cache

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from tickets.enforcement import lateness

log = logging.getLogger(__name__)
PREFIX = settings.REDIS_PREFIX
BEAT, WORKER = f"{PREFIX}:heartbeat:beat", f"{PREFIX}:heartbeat:worker"


class Missing(Exception):
    """A part that does not answer; the text says what is known without telling strangers addresses."""


@login_not_required
@never_cache
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """This process answers; nothing else is asked, so that a lost database does not get the web restarted."""
    return JsonResponse({"status": "alive"})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every part answers, else 503 naming the missing ones.

    Work that is late is named too, but with 200: taking the web away would not bring it forward. Who can only tell
    codes apart asks ``?strict``, and gets 503 for it.
    """
    parts: dict[str, Callable[[], None]] = {
        "database": _database,
        "redis": _redis,
        "worker": lambda: _heartbeat(WORKER),
        "beat": lambda: _heartbeat(BEAT),
    }
    missing = {}
    for name, ask in parts.items():
        try:
            ask()
        except Missing as reason:
            missing[name] = str(reason)
    if missing:
        log.warning("not_ready", extra={"missing": missing})
        return JsonResponse({"status": "not ready", "missing": missing}, status=503)
    if late := _late():
        log.warning("late", extra={"late": late})
        return JsonResponse({"status": "late", "late": late}, status=503 if "strict" in request.GET else 200)
    return JsonResponse({"status": "ready"})


def beat(who: str) -> None:
    """Leave a sign of life under ``BEAT`` or ``WORKER``."""
    client().set(who, str(timezone.now().timestamp()), ex=24 * 3600)


@lru_cache(maxsize=1)
def client() -> redis.Redis:
    """A connection pool to Redis that gives up after a second."""
    return redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_TIMEOUTS)


def _database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        raise Missing("does not answer") from None


def _redis() -> None:
    try:
        client().ping()
    except (RedisError, OSError):
        raise Missing("does not answer") from None


def _late() -> dict[str, str]:
    """Enforcement, when the oldest row that is due waits for longer than is allowed."""
    waiting = lateness.waiting()
    job = max(waiting, key=lambda name: waiting[name])
    if waiting[job] <= settings.ENFORCEMENT_MAX_LATENESS:
        return {}
    return {"enforcement": f"the oldest {job.replace('_', ' ')} was due {waiting[job]:.0f} seconds ago"}


def age(who: str) -> float | None:
    """Seconds since the last sign of life of ``BEAT`` or ``WORKER``; None when there is none, or Redis is gone."""
    try:
        last = client().get(who)
    except (RedisError, OSError):
        return None
    return None if last is None else timezone.now().timestamp() - float(last)


def _heartbeat(who: str) -> None:
    try:
        last = client().get(who)
    except (RedisError, OSError):
        raise Missing("unknown without redis") from None
    if last is None:
        raise Missing("no heartbeat yet")
    seconds = timezone.now().timestamp() - float(last)
    if seconds > settings.HEARTBEAT_MAX_AGE:
        raise Missing(f"last heartbeat {seconds:.0f} seconds ago")
    if seconds < -settings.HEARTBEAT_MAX_AGE:  # the machine's clock went back: it proves nothing about now
        raise Missing(f"last heartbeat {-seconds:.0f} seconds ahead")
