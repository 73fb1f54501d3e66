"""Tasks of the house; every one may run twice."""

from celery import shared_task

from staff import holiday_refresh


@shared_task(ignore_result=True)
def refresh_holidays() -> None:
    """Write out the holidays of the years to come, and those that have changed."""
    holiday_refresh.refresh_holidays()
