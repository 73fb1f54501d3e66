"""What helps to write: canned replies (T9), and drafts that wait on the server."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from staff.models import Team
from tickets.models.ticket import Ticket


class CannedReplyQuerySet(models.QuerySet["CannedReply"]):
    """Canned replies as an agent looks for them."""

    def offered(self, team_id: int | None) -> Self:
        """In use, and everybody's or this team's."""
        return self.filter(Q(team=None) | Q(team=team_id), is_active=True)

    def matching(self, words: str) -> Self:
        """Each word stands in the name, the shortcut or the text."""
        rows = self
        for word in words.split()[:6]:
            rows = rows.filter(Q(name__icontains=word) | Q(shortcut__icontains=word) | Q(text__icontains=word))
        return rows

    def best_first(self, language: str, words: str = "") -> Self:
        """The customer's language first, then what fits any, then others; a shortcut that begins so before all."""
        short = (language or "").split("-")[0].lower()
        fits = Case(
            When(language__istartswith=short or "-", then=Value(0)),
            When(language="", then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        begins = Case(
            When(shortcut__istartswith=words or "\n", then=Value(0)), default=Value(1), output_field=IntegerField()
        )
        return self.order_by(begins, fits, "-times_used", "name", "pk")


class CannedReply(models.Model):
    """A text that is written often, with places to fill: ``{{ customer.first_name }}``, ``{{ ?date of delivery }}``."""

    name = models.CharField(_("name"), max_length=80)
    shortcut = models.CharField(
        _("shortcut"),
        max_length=30,
        validators=[RegexValidator(r"^[\w-]+$", _("Letters, digits, - and _ only."))],
        help_text=_("Agents type # and this, for example #thanks."),
    )
    html = models.TextField(help_text=_("Sanitised"))
    text = models.TextField(help_text=_("The same as plain text"))
    language = models.CharField(_("language"), max_length=12, blank=True, help_text=_("Empty: fits every customer"))
    team = models.ForeignKey(
        Team,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="canned_replies",
        verbose_name=_("team"),
        help_text=_("Empty: for every team"),
    )
    is_active = models.BooleanField(_("in use"), default=True)
    times_used = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = CannedReplyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "canned replies"
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(Lower("shortcut"), name="canned_shortcut_once")]

    def __str__(self) -> str:
        return self.name


class Draft(models.Model):
    """What somebody is writing on a ticket; it waits on the server, so that no machine and no sign-in loses it."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("Reply")
        NOTE = "note", _("Note")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    html = models.TextField(blank=True)
    text = models.TextField(blank=True)
    seen = models.BigIntegerField(null=True, blank=True, help_text=_("The newest entry that was read (T10)"))
    version = models.PositiveIntegerField(default=1, help_text=_("Two tabs: who knows an older one asks first"))
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "ticket", "kind"], name="draft_one_per_place")]
        indexes = [models.Index(fields=["user", "-updated_at"], name="draft_newest")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user_id} on {self.ticket_id}"
