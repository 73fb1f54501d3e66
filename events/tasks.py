"""Tasks of the spine; every one may run twice."""

from collections.abc import Sequence

from celery import shared_task

from events import dispatch, idempotency


@shared_task(ignore_result=True)
def run_deliveries(delivery_ids: Sequence[int]) -> None:
    """Run these deliveries; the ones already done change nothing."""
    dispatch.run_many(delivery_ids)


@shared_task(ignore_result=True)
def sweep_deliveries() -> None:
    """Run what the queue lost; well below the time limit of a task, the next sweep goes on."""
    dispatch.sweep(seconds=20)


@shared_task(ignore_result=True)
def forget_answers() -> None:
    """Drop stored answers that no program will ask for again."""
    idempotency.forget()
