"""Beat that leaves a sign of life of its own, apart from the worker's."""

import time
from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler
from redis.exceptions import RedisError

from helpdesk import health

EVERY = 10.0  # seconds


class BeatingScheduler(DatabaseScheduler):
    """The database's schedule; each tick that is due for it says that beat lives."""

    _last_sign = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; the seconds until the next look."""
        wait = super().tick(*args, **kwargs)
        if time.monotonic() - self._last_sign >= EVERY:
            try:
                health.beat(health.BEAT)
                self._last_sign = time.monotonic()
            except (RedisError, OSError):
                pass  # /readyz names Redis itself
        return wait
