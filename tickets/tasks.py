"""Tasks of tickets; every one may run twice."""

import logging
import time

from celery import shared_task
from django.conf import settings

from events import dispatch
from tickets import attachments, enforcement
from tickets.clocks import applying

log = logging.getLogger(__name__)

PASS_SECONDS = 25.0
"""Less than the time between two passes of beat, so that mails have their turn while much is due."""
NAME = "tickets.tasks.enforce_sla"


@shared_task(ignore_result=True, name=NAME)
def enforce_sla(helper: int = 0) -> None:
    """Do what is due, with the help of the other workers when it is much (a ``helper`` was called, and calls none)."""
    enforcement.sweep(seconds=PASS_SECONDS, call_help=None if helper else _call_help)


def _call_help(batches: int) -> None:
    for helper in range(min(batches, settings.CELERY_WORKER_CONCURRENCY - 1)):
        dispatch.hurry_task(NAME, helper + 1)


@shared_task(ignore_result=True)
def apply_terms(application: int = 0) -> None:
    """Go on with policies that are applied to running clocks: the one that was just asked for, or whatever is left.

    One that fails is tried again by the next pass, and keeps none that was asked for after it waiting.
    """
    until = time.monotonic() + PASS_SECONDS
    for pk in [application] if application else applying.unfinished():
        try:
            while applying.go_on(pk) and time.monotonic() < until:
                pass
        except Exception:
            log.exception("Application %s of policies failed; the next pass tries again.", pk)


@shared_task(ignore_result=True)
def sweep_attachments() -> None:
    """Remove files that a rolled back transaction left without a row."""
    attachments.sweep()
