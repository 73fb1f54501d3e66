"""A desk on which everything falls due at once: ``python -m tests.faults.story TIME`` plays it into an empty database.

Every act is a verb with its own time before ``TIME``, so two runs with the same ``TIME`` begin alike. Nothing of it was
carried to a worker: all that its events owe, all that is due and all that is to be mailed waits in the rows.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta

import django


def main(begun: datetime) -> None:
    """Make the tables, the people and the story."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    django.setup()
    from django.core.management import call_command

    from events import dispatch
    from helpdesk import defaults
    from tests.faults import plot

    call_command("migrate", verbosity=0)
    defaults.ensure()
    with dispatch.silenced():
        plot.play(begun)
    _schedule(begun)


def _schedule(begun: datetime) -> None:
    """Beat's rows as they stand after an hour's outage: each is overdue."""
    from django.conf import settings
    from django_celery_beat.models import PeriodicTask
    from django_celery_beat.schedulers import ModelEntry

    from helpdesk.celery import app

    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        ModelEntry.from_entry(name, app=app, **entry)
    PeriodicTask.objects.update(last_run_at=begun - timedelta(hours=1))


if __name__ == "__main__":
    main(datetime.fromisoformat(sys.argv[1]))
