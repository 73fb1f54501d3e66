"""Django's own mails (signing in, passwords) go through the outbox too: retried, and readable without a mail server."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from notifications.outbox import queue
from notifications.rendering import plainly


class OutboxBackend(BaseEmailBackend):
    """Writes each mail to the outbox instead of sending it at once."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue one row per recipient; return the number of messages."""
        for email in email_messages:
            html = next(
                (part.content for part in getattr(email, "alternatives", ()) if part.mimetype == "text/html"), ""
            )
            for recipient in email.recipients():
                queue(
                    event=None,
                    template="account",
                    recipient=recipient,
                    sender=email.from_email,
                    subject=str(email.subject)[:300],
                    text=str(email.body),
                    html=str(html) or plainly(str(email.subject), str(email.body)),
                    headers={"Auto-Submitted": "auto-generated"},
                )
        return len(email_messages)
