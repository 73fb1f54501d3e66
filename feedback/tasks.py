"""Surveys that fall due."""

from celery import shared_task

from feedback import operations


@shared_task(ignore_result=True)
def send_due_surveys() -> None:
    """Send the surveys whose closure stands; a second run finds nothing."""
    operations.send_due()
