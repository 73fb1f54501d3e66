"""The project's own task: the sign of life that /readyz reads."""

from celery import shared_task

from helpdesk import health


@shared_task(ignore_result=True, expires=30)
def heartbeat() -> None:
    """Prove that a worker takes what beat sends; harmless twice."""
    health.beat(health.WORKER)
