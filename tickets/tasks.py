"""Tasks of tickets; every one may run twice."""

from celery import shared_task

from tickets import attachments, enforcement

ROWS_PER_PASS = 500
"""A pass stays well below the time limit of a task; beat starts the next one soon."""


@shared_task(ignore_result=True)
def enforce_sla() -> None:
    """Do what is due; what is left, the next pass does."""
    enforcement.enforce(limit=ROWS_PER_PASS)


@shared_task(ignore_result=True)
def sweep_attachments() -> None:
    """Remove files that a rolled back transaction left without a row."""
    attachments.sweep()
