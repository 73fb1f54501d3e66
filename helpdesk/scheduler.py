"""Beat that leaves a sign of life of its own, apart from the worker's, and that a clock set back does not silence."""

import time
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django_celery_beat.schedulers import DatabaseScheduler
from redis.exceptions import RedisError

from helpdesk import health

EVERY = 10.0  # seconds
AHEAD = timedelta(seconds=5)  # how far the clocks of two machines may differ


class BeatingScheduler(DatabaseScheduler):
    """The database's schedule; each tick that is due for it says that beat lives."""

    _last_sign = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; the seconds until the next look."""
        self._forget_the_future()
        wait = super().tick(*args, **kwargs)
        if time.monotonic() - self._last_sign >= EVERY:
            try:
                health.beat(health.BEAT)
                self._last_sign = time.monotonic()
            except (RedisError, OSError):
                pass  # /readyz names Redis itself
        return wait

    def _forget_the_future(self) -> None:
        """What ran last at a time that is yet to come (the machine's clock went back) would rest until then."""
        now = timezone.now()
        ahead = [entry for entry in self.schedule.values() if entry.model.last_run_at > now + AHEAD]
        for entry in ahead:
            entry.last_run_at = entry.model.last_run_at = now
            self._dirty.add(entry.name)
        if ahead:
            self._heap = None  # the next tick puts all in order again
