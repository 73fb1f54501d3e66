"""The field's words for a ticket: states, types, channels, priorities."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """T3. ``NEW``: nobody took it; ``OPEN``: ours to act; ``PENDING``: the customer's turn; ``ON_HOLD``: we wait."""

    NEW = "new", _("New")
    OPEN = "open", _("Open")
    PENDING = "pending", _("Pending")
    ON_HOLD = "on_hold", _("On hold")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")


ACTIVE = (Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD)
UNCLOSED = (*ACTIVE, Status.RESOLVED)


class TicketType(models.TextChoices):
    """T2."""

    QUESTION = "question", _("Question")
    REQUEST = "request", _("Request")
    INCIDENT = "incident", _("Incident")
    COMPLAINT = "complaint", _("Complaint")
    RETURN = "return", _("Return or refund")
    SUGGESTION = "suggestion", _("Suggestion")


class Channel(models.TextChoices):
    """T1."""

    EMAIL = "email", _("E-mail")
    WEB = "web", _("Web form")
    PHONE = "phone", _("Phone")
    IN_PERSON = "in_person", _("Face to face")
    LETTER = "letter", _("Letter")
    CHAT = "chat", _("Live chat")
    API = "api", _("API")


LIVE_CHANNELS = (Channel.PHONE, Channel.IN_PERSON, Channel.CHAT)


class Level(models.IntegerChoices):
    """How many are hit (impact) or how soon it hurts (urgency)."""

    LOW = 1, _("Low")
    MEDIUM = 2, _("Medium")
    HIGH = 3, _("High")


class Priority(models.IntegerChoices):
    """From impact and urgency (ITIL); a larger number comes first."""

    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")
    URGENT = 4, _("Urgent")


def priority_of(impact: int, urgency: int) -> Priority:
    """The ITIL matrix: 3+3 urgent, a sum of 5 high, 4 normal, below low; one high with one low is normal."""
    return {6: Priority.URGENT, 5: Priority.HIGH, 4: Priority.NORMAL}.get(impact + urgency, Priority.LOW)


class ClosureCause(models.TextChoices):
    """Why a ticket is closed (T4, T11)."""

    CONFIRMED = "confirmed", _("Confirmed by the customer")
    CONFIRMED_BY_PHONE = "confirmed_by_phone", _("Confirmed on the phone or in person")
    NO_ANSWER = "no_answer", _("No answer from the customer")
    MERGED = "merged", _("Merged into another ticket")
    SPAM = "spam", _("Spam")
    IMPORTED = "imported", _("Closed in the system it came from")
