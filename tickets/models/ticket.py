"""A ticket: one need of one customer until it is met."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, cast

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ids import public_id
from customers.models import CustomerType, Department, Organisation, Person, SupportPlan
from events.models import Event
from staff.models import Brand, Team
from tickets.models.choices import ACTIVE, Channel, ClosureCause, Level, Priority, Status, TicketType

if TYPE_CHECKING:
    from accounts.models import User

FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)
"""``queue_at`` of a ticket on which no clock runs: it sorts last."""


class NextNumber(Func):
    """The next ticket number from its own sequence; unique, never reused."""

    template = "nextval('ticket_number_seq')"
    output_field = models.BigIntegerField()


class Unaccent(Func):
    """``unaccent`` through a wrapper that PostgreSQL may use in indexes and generated columns."""

    function = "immutable_unaccent"
    output_field = models.TextField()


class Category(models.Model):
    """What a ticket is about, as a tree."""

    name = models.CharField(_("name"), max_length=120)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], nulls_distinct=False, name="category_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A word that groups tickets across categories."""

    name = models.CharField(max_length=60, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Tickets as people meet them. Every read on behalf of a person starts at ``visible_to``."""

    def visible_to(self, user: User) -> Self:
        """T13: what this person may see, as staff and as customer."""
        from tickets.visibility import visible  # the rules of T13 have a room of their own

        return cast("Self", visible(self, user))

    def active(self) -> Self:
        """Still to be met: new, open, pending, on hold; spam and trash left out."""
        return self.filter(status__in=ACTIVE, is_spam=False, trashed_at=None)

    def counted(self) -> Self:
        """What reports count: no spam, no trash, no merged source."""
        return self.filter(is_spam=False, trashed_at=None).exclude(closure_cause=ClosureCause.MERGED)

    def in_queue_order(self) -> Self:
        """Back from hold first (H3), then what is due first."""
        return self.order_by("queue_rank", "queue_at", "pk")


class Ticket(models.Model):
    """One need of one customer until it is met. Only the verbs of ``tickets.lifecycle`` change it."""

    number = models.BigIntegerField(unique=True, db_default=NextNumber(), editable=False)
    public_id = models.UUIDField(default=public_id, unique=True, editable=False)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    subject = models.CharField(_("subject"), max_length=250)
    preview = models.CharField(max_length=200, blank=True)
    type = models.CharField(_("type"), max_length=12, choices=TicketType.choices, default=TicketType.QUESTION)
    status = models.CharField(_("state"), max_length=10, choices=Status.choices, default=Status.NEW)
    channel = models.CharField(_("channel"), max_length=12, choices=Channel.choices)
    impact = models.PositiveSmallIntegerField(_("impact"), choices=Level.choices, default=Level.MEDIUM)
    urgency = models.PositiveSmallIntegerField(_("urgency"), choices=Level.choices, default=Level.MEDIUM)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    language = models.CharField(_("language"), max_length=12, blank=True)

    requester = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tickets")
    customer_type = models.CharField(max_length=10, choices=CustomerType.choices, default=CustomerType.EXTERNAL)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    plan = models.ForeignKey(
        SupportPlan, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    first_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets")
    tags = models.ManyToManyField(Tag, blank=True, related_name="tickets")
    custom = models.JSONField(default=dict, blank=True)

    opened_at = models.DateTimeField(_("opened"), default=timezone.now, help_text=_("When it happened"))
    created_at = models.DateTimeField(_("recorded"), default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closure_cause = models.CharField(max_length=20, choices=ClosureCause.choices, blank=True, default="")
    reopen_count = models.PositiveSmallIntegerField(default=0)
    refused_count = models.PositiveSmallIntegerField(default=0)

    last_customer_at = models.DateTimeField(null=True, blank=True)
    last_staff_at = models.DateTimeField(null=True, blank=True)
    unanswered_since = models.DateTimeField(null=True, blank=True)
    queue_rank = models.PositiveSmallIntegerField(default=1)
    queue_at = models.DateTimeField(default=FAR_FUTURE)

    version = models.PositiveIntegerField(default=0)
    event_seq = models.PositiveIntegerField(default=0)
    origin = models.CharField(max_length=8, choices=Event.Origin.choices, default=Event.Origin.LIVE)
    is_enforced = models.BooleanField(default=True, help_text=_("Its clocks warn, breach and escalate"))
    is_spam = models.BooleanField(default=False)
    trashed_at = models.DateTimeField(null=True, blank=True)
    legal_hold_since = models.DateTimeField(null=True, blank=True)
    external_source = models.CharField(max_length=60, blank=True)
    external_id = models.CharField(max_length=160, blank=True)
    search = models.GeneratedField(
        expression=SearchVector(Unaccent(F("subject")), config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = TicketQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["queue_rank", "queue_at", "id"],
                name="ticket_queue",
                condition=Q(status__in=ACTIVE, is_spam=False, trashed_at=None),
            ),
            models.Index(
                fields=["assignee", "queue_rank", "queue_at", "id"],
                name="ticket_queue_assignee",
                condition=Q(status__in=ACTIVE, is_spam=False, trashed_at=None),
            ),
            models.Index(
                fields=["team", "queue_rank", "queue_at", "id"],
                name="ticket_queue_team",
                condition=Q(status__in=ACTIVE, is_spam=False, trashed_at=None),
            ),
            models.Index(fields=["status", "-updated_at", "-id"], name="ticket_status_updated"),
            models.Index(fields=["-updated_at", "-id"], name="ticket_updated"),
            models.Index(fields=["requester", "-opened_at"], name="ticket_requester"),
            models.Index(fields=["opened_at"], name="ticket_opened"),
            GinIndex(fields=["search"], name="ticket_search"),
            GinIndex(fields=["custom"], name="ticket_custom"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_source", "external_id"],
                condition=~Q(external_id=""),
                name="ticket_external_id_once",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CLOSED) | Q(closed_at__isnull=False), name="ticket_closed_has_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"

    @property
    def is_active(self) -> bool:
        """Still to be met."""
        return self.status in ACTIVE

    @property
    def is_complaint(self) -> bool:
        """T5 applies."""
        return self.type == TicketType.COMPLAINT

    @property
    def is_trouble(self) -> bool:
        """Spam or trash: outside the states."""
        return self.is_spam or self.trashed_at is not None


class Participant(models.Model):
    """Who else takes part in a ticket."""

    class Role(models.TextChoices):
        CC = "cc", _("In copy")
        FOLLOWER = "follower", _("Follower")
        ON_BEHALF_OF = "on_behalf_of", _("On behalf of")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="participants")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="participations")
    role = models.CharField(max_length=14, choices=Role.choices, default=Role.CC)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "person"], name="participant_once")]

    def __str__(self) -> str:
        return f"{self.person} in {self.ticket_id}"


class TicketLink(models.Model):
    """Two tickets that belong together; ``source`` is the later or smaller one."""

    class Kind(models.TextChoices):
        FOLLOW_UP = "follow_up", _("Follow-up of")
        MERGED = "merged", _("Merged into")
        DUPLICATE = "duplicate", _("Duplicate of")
        PARENT = "parent", _("Part of")
        PROBLEM = "problem", _("Caused by")

    source = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links_out")
    target = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links_in")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="link_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="link_between_two"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


class TicketMerge(models.Model):
    """T11: what moved when ``source`` was merged, so that unmerging gives back what came before."""

    source = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="merges_out")
    target = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="merges_in")
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField(default=timezone.now)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    before = models.JSONField(default=dict, help_text=_("State of both before, and ids of what moved"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source"], condition=Q(undone_at=None), name="merged_into_one_ticket")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} into {self.target_id}"


class ComplaintStep(models.Model):
    """T5: a step that a complaint has taken; the text itself is an entry."""

    class Step(models.TextChoices):
        UNDERSTOOD = "understood", _("Understood")
        CONFIRMED = "confirmed", _("Confirmed")
        RESOLVED = "resolved", _("Resolved")
        THANKED = "thanked", _("Thanked")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="complaint_steps")
    step = models.CharField(max_length=10, choices=Step.choices)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_at = models.DateTimeField(default=timezone.now)
    entry = models.ForeignKey("tickets.Entry", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "step"], condition=Q(dropped_at=None), name="complaint_step_once")
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.step}"
