"""Sending, as tasks; every one may run twice."""

from celery import shared_task

from notifications import delivering, sending


@shared_task(ignore_result=True)
def send_mail(mail_id: int) -> None:
    """Send this mail if it is due and nobody else is at it."""
    sending.send(mail_id)


@shared_task(ignore_result=True)
def send_due_mail() -> None:
    """Send what is due: what waited to be undoable, what failed before, what the queue lost."""
    sending.send_due()


@shared_task(ignore_result=True)
def deliver_notices() -> None:
    """Write one mail for each person of what waits for them, and pass on what they are not there for."""
    delivering.deliver_due()
