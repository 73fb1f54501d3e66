"""The task queue, and how events hurry into it. The database stays the truth; a queue that is gone delays, no more."""

import logging
import os
from collections.abc import Sequence

from celery import Celery
from celery.signals import beat_init, celeryd_init
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

log = logging.getLogger(__name__)
app = Celery("helpdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.set_default()


MANY, LATER = 10, 6
"""So many deliveries at once are of a mass of events, and let all else in the queue go first (0 is first)."""


def hurry(delivery_ids: Sequence[int]) -> None:
    """Carry deliveries to a worker. Without a queue it is the sweep that finds them, so only log."""
    priority = LATER if len(delivery_ids) > MANY else 0
    try:
        app.send_task("events.tasks.run_deliveries", args=[list(delivery_ids)], retry=False, priority=priority)
    except (OperationalError, OSError) as problem:
        log.warning("deliveries_not_announced", extra={"problem": str(problem)})


def hurry_task(name: str, pk: int) -> None:
    """Ask for one task about one row; a queue that is gone delays, no more."""
    try:
        app.send_task(name, args=[pk], retry=False)
    except (OperationalError, OSError) as problem:
        log.warning("task_not_announced", extra={"task": name, "problem": str(problem)})


@celeryd_init.connect
def _wait_for_the_broker(conf: object = None, **kwargs: object) -> None:
    """A worker waits on its queue for longer than the second that a request has for publishing."""
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, "socket_timeout": 30}


@beat_init.connect
def _beat_is_patient(**kwargs: object) -> None:
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, "socket_timeout": 5}
