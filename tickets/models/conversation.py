"""Contacts with customers, the entries of a ticket's conversation, and the files that came with them."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.ids import public_id
from customers.models import Person
from events.models import Event
from tickets.models.choices import LIVE_CHANNELS, Channel
from tickets.models.ticket import Ticket, Unaccent


class Contact(models.Model):
    """One touch with a customer (T1). It may touch several tickets. Live until it ends, where the channel is live."""

    class Direction(models.TextChoices):
        INBOUND = "in", _("From the customer")
        OUTBOUND = "out", _("To the customer")

    class Outcome(models.TextChoices):
        TALKED = "talked", _("We spoke")
        VOICEMAIL = "voicemail", _("They left a message")
        MISSED = "missed", _("Missed")
        WRITTEN = "written", _("In writing")

    channel = models.CharField(max_length=12, choices=Channel.choices)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="contacts")
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="contacts"
    )
    tickets = models.ManyToManyField(Ticket, related_name="contacts")
    happened_at = models.DateTimeField(help_text=_("When it began; a letter: when it was received"))
    ended_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    agreed = models.TextField(_("what was agreed"), blank=True)
    mailbox = models.CharField(max_length=254, blank=True)
    origin = models.CharField(max_length=8, choices=Event.Origin.choices, default=Event.Origin.LIVE)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-happened_at"], name="contact_person_time"),
            models.Index(fields=["handled_by", "-happened_at"], name="contact_running", condition=Q(ended_at=None)),
            BrinIndex(fields=["happened_at"], name="contact_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("happened_at")), name="contact_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.happened_at:%Y-%m-%d %H:%M}"

    @property
    def is_conversation(self) -> bool:
        """People spoke with each other at the same time (reports keep these apart)."""
        return self.channel in LIVE_CHANNELS and self.outcome == self.Outcome.TALKED

    @property
    def is_live(self) -> bool:
        """A call, a visit or a chat that has not ended: the customer can be asked."""
        return self.is_conversation and self.ended_at is None

    @property
    def duration_seconds(self) -> int | None:
        """How long it took; None while it runs."""
        return int((self.ended_at - self.happened_at).total_seconds()) if self.ended_at else None


class EntryQuerySet(models.QuerySet["Entry"]):
    """The conversation as people may read it."""

    def public(self) -> Self:
        """What the customer sees."""
        return self.filter(visibility=Entry.Visibility.PUBLIC, undone_at=None)

    def said_by_others(self, user: User) -> Self:
        """What customers and colleagues of this user said in public; a machine's message is nobody's (T10)."""
        return self.public().filter(is_automatic=False).exclude(author=user)


class Entry(models.Model):
    """One item of a ticket's conversation, part of a contact or internal."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("Message from the customer")
        REPLY = "reply", _("Reply")
        NOTE = "note", _("Internal note")
        CALL = "call", _("Phone call")
        VISIT = "visit", _("Visit")
        CHAT = "chat", _("Chat")
        LETTER = "letter", _("Letter")
        AUTOMATIC = "automatic", _("Automatic message")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public")
        INTERNAL = "internal", _("Internal")
        RESTRICTED = "restricted", _("Restricted")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="entries", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="entries")
    public_id = models.UUIDField(default=public_id, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    visibility = models.CharField(max_length=10, choices=Visibility.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    author_person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="entries")
    author_name = models.CharField(max_length=150, blank=True, help_text=_("As shown when it was written"))
    text = models.TextField(blank=True)
    html = models.TextField(blank=True, help_text=_("Sanitised; empty when the text says all"))
    language = models.CharField(max_length=12, blank=True)
    is_automatic = models.BooleanField(default=False, help_text=_("A machine wrote it: it moves no state and no clock"))
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)
    mailbox = models.CharField(max_length=254, blank=True)
    reply_address = models.CharField(max_length=254, blank=True)
    raw_key = models.CharField(max_length=200, blank=True, help_text=_("Where the raw source is stored"))
    event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    search = models.GeneratedField(
        expression=SearchVector(Unaccent(Left(F("text"), 100_000)), config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        ordering = ["happened_at", "pk"]
        indexes = [
            models.Index(fields=["ticket", "happened_at", "id"], name="entry_conversation"),
            GinIndex(fields=["search"], name="entry_search_all"),
            GinIndex(fields=["search"], name="entry_search_public", condition=Q(visibility="public")),
            BrinIndex(fields=["recorded_at"], name="entry_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.ticket_id}"

    @property
    def is_internal(self) -> bool:
        """Staff alone may read it."""
        return self.visibility != self.Visibility.PUBLIC


class EntryExternalId(models.Model):
    """What another system calls this entry (a Message-ID, an import's id): unique per source."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="external_ids")
    source = models.CharField(max_length=60)
    value = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "value"], name="entry_external_id_once")]

    def __str__(self) -> str:
        return f"{self.source}:{self.value}"


class Blob(models.Model):
    """Bytes stored once, by their SHA-256, outside the web root. Erased when nothing refers to them."""

    class Scan(models.TextChoices):
        UNSCANNED = "unscanned", _("Not scanned")
        CLEAN = "clean", _("Clean")
        INFECTED = "infected", _("Infected")

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=127, help_text=_("From the bytes, not from what the sender claims"))
    storage_key = models.CharField(max_length=200)
    scan = models.CharField(max_length=10, choices=Scan.choices, default=Scan.UNSCANNED)
    references = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.sha256[:12]


class Attachment(models.Model):
    """A file of an entry; ``refused`` says why a file that came could not be kept."""

    public_id = models.UUIDField(default=public_id, unique=True, editable=False)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="attachments")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="attachments")
    name = models.CharField(max_length=160)
    size = models.PositiveBigIntegerField(default=0)
    content_type = models.CharField(max_length=127, blank=True)
    inline_id = models.CharField(max_length=250, blank=True)
    refused = models.CharField(max_length=200, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
