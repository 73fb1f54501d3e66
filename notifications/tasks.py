"""Sending, as tasks; every one may run twice."""

from celery import shared_task

from notifications import sending


@shared_task(ignore_result=True)
def send_mail(mail_id: int) -> None:
    """Send this mail if it is due and nobody else is at it."""
    sending.send(mail_id)


@shared_task(ignore_result=True)
def send_due_mail() -> None:
    """Send what is due: what waited to be undoable, what failed before, what the queue lost."""
    sending.send_due()
