"""What is done to a ticket, with who, when and why: holds, transfers, escalations, promises, follow-ups, closures."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Person
from events.models import Approval
from staff.models import Team
from tickets.models.conversation import Contact, Entry
from tickets.models.ticket import Ticket

USER = settings.AUTH_USER_MODEL


class Consent(models.TextChoices):
    """How the customer stands to a hold or a transfer (H1, X1)."""

    GIVEN = "given", _("Asked, and they agreed")
    REFUSED = "refused", _("Asked, and they refused")
    WRITTEN = "written", _("They agreed to it or asked for it in a message")
    TOLD = "told", _("Told in writing")
    OVERRIDDEN = "overridden", _("Safety or a legal duty")


class HoldReason(models.Model):
    """A short list with one key each (H7). ``side`` decides whether the resolution clock may pause (H6)."""

    class Side(models.TextChoices):
        OURS = "ours", _("Ours: never stops the clock")
        CUSTOMER = "customer", _("The customer's: pauses with their consent")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    say = models.CharField(_("what the customer is told"), max_length=200, blank=True)
    side = models.CharField(_("whose reason"), max_length=10, choices=Side.choices, default=Side.OURS)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class Hold(models.Model):
    """Why a ticket waits: who placed it, on whose consent, until when, and what came of it (H1-H4)."""

    class Outcome(models.TextChoices):
        RUNNING = "", _("Running")
        KEPT = "kept", _("Kept")
        BROKEN = "broken", _("Broken")
        ENDED_BY_CUSTOMER = "ended_by_customer", _("The customer wrote first")
        RESOLVED = "resolved", _("Resolved before its time")
        RESUMED = "resumed", _("Taken up before its time")
        EXTENDED = "extended", _("Followed by a longer hold")

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="holds")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="holds")
    placed_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    reason = models.ForeignKey(HoldReason, on_delete=models.PROTECT, related_name="+")
    consent = models.CharField(max_length=10, choices=Consent.choices)
    consent_person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    consent_at = models.DateTimeField(null=True, blank=True)
    consent_entry = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    until = models.DateTimeField()
    announcement = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    pauses_resolution = models.BooleanField(default=False)
    extends = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="extended_by")
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    inherited_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["until"], name="hold_running", condition=Q(ended_at=None))]
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(ended_at=None), name="hold_one_at_a_time"),
            models.CheckConstraint(condition=Q(until__gt=F("placed_at")), name="hold_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} until {self.until:%Y-%m-%d %H:%M}"


class ConsentRefusal(models.Model):
    """H5: the customer was asked and said no; what was done instead."""

    class Act(models.TextChoices):
        HOLD = "hold", _("Hold")
        TRANSFER = "transfer", _("Transfer")

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="consent_refusals")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    act = models.CharField(max_length=10, choices=Act.choices)
    asked_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.ticket_id}: no {self.act}"


class Promise(models.Model):
    """T8: "I call you back by Friday 15:00"."""

    class Kind(models.TextChoices):
        CALL_BACK = "call_back", _("Call back")
        ANSWER = "answer", _("Answer in writing")
        VISIT = "visit", _("Visit")
        SEND = "send", _("Send something")
        DECISION = "decision", _("Decide")
        OTHER = "other", _("Something else")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        KEPT = "kept", _("Kept")
        LATE = "late", _("Kept late")
        BROKEN = "broken", _("Broken")
        RELEASED = "released", _("Released by the customer")
        RENEWED = "renewed", _("A new time was agreed")

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="promises")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.CALL_BACK)
    text = models.CharField(_("what was promised"), max_length=300, blank=True)
    made_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="promises")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    break_at = models.DateTimeField(help_text=_("One working day after it was due"))
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    renews = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="renewed_as")
    outlives_ticket = models.BooleanField(default=False)

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(fields=["break_at"], name="promise_to_break", condition=Q(status="open")),
            models.Index(fields=["remind_at"], name="promise_to_remind", condition=Q(status="open", reminded_at=None)),
            models.Index(fields=["owner", "due_at"], name="promise_of_owner", condition=Q(status="open")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(due_at__gt=F("made_at")), name="promise_due_after_it_was_made")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.due_at:%Y-%m-%d %H:%M}"


class Transfer(models.Model):
    """A case that is passed on, and by whom, why, on whose consent; a row, not a state (X1-X7)."""

    class Reason(models.TextChoices):
        EXPERTISE = "expertise", _("Another team knows this better")
        RESPONSIBILITY = "responsibility", _("It belongs to another team")
        LANGUAGE = "language", _("The customer's language")
        WORKLOAD = "workload", _("No time before it is due")
        SAFETY = "safety", _("Safety")
        LEGAL = "legal", _("A legal duty")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting to be accepted")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        TIMED_OUT = "timed_out", _("Not accepted in time")
        TAKEN_BACK = "taken_back", _("Taken back")
        CANCELLED = "cancelled", _("Cancelled by resolving")

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="transfers")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sender = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="transfers_sent")
    from_team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    from_agent = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    to_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="transfers_in")
    to_agent = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="transfers_in")
    reason = models.CharField(max_length=16, choices=Reason.choices)
    consent = models.CharField(max_length=10, choices=Consent.choices)
    consent_at = models.DateTimeField(null=True, blank=True)
    announcement = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    understood = models.TextField(_("the problem as understood"))
    tried = models.TextField(_("what was tried"))
    promised = models.TextField(_("what was promised"), blank=True)
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField()
    accept_by = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_note = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["accept_by"], name="transfer_waiting", condition=Q(status="waiting")),
            models.Index(fields=["to_team"], name="transfer_inbox", condition=Q(status="waiting")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(status="waiting"), name="transfer_one_at_a_time")
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} to {self.to_team}"


class Escalation(models.Model):
    """Somebody more senior, or who knows better, is asked to step in (E1-E5). One open per ticket."""

    class Kind(models.TextChoices):
        FUNCTIONAL = "functional", _("To expertise")
        HIERARCHICAL = "hierarchical", _("To a supervisor")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        TAKEN = "taken", _("Taken over")
        COACHED = "coached", _("Coached and returned")
        ASSIGNED = "assigned", _("Given to an expert")
        DECLINED = "declined", _("Declined")
        RESOLVED = "resolved", _("Resolved")

    OPEN = (Status.WAITING, Status.TAKEN)

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="escalations")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    level = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    waits_for = models.ForeignKey(
        USER,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("First of the chain; nobody when the chain is empty"),
    )
    target_team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="escalations")
    raised_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    raised_at = models.DateTimeField()
    is_threat = models.BooleanField(default=False)
    climbs_at = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    assignee_before = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    promise = models.OneToOneField(Promise, on_delete=models.PROTECT, null=True, blank=True, related_name="escalation")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    guidance = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["climbs_at"], name="escalation_climbs", condition=Q(status="waiting")),
            models.Index(fields=["raised_at"], name="escalation_open", condition=Q(status__in=["waiting", "taken"])),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(status__in=["waiting", "taken"]), name="escalation_one_open"
            ),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=3), name="escalation_three_levels"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} level {self.level}"


class EscalationReason(models.Model):
    """E1: why; further reasons join the open escalation."""

    class Reason(models.TextChoices):
        LIMIT = "limit", _("My limit is reached")
        EXPERTISE = "expertise", _("Someone else knows this better")
        SENIOR = "senior", _("The customer insists on someone senior")
        LEGAL_THREAT = "legal_threat", _("Legal threat")
        PHYSICAL_THREAT = "physical_threat", _("Physical threat")
        ABUSE = "abuse", _("Abuse")
        EXCEPTION = "exception", _("An exception to policy is needed")
        SLA_RISK = "sla_risk", _("Service level at risk")
        SLA_BREACH = "sla_breach", _("Service level breached")
        HOLD_BROKEN = "hold_broken", _("A hold was broken")
        REOPENED = "reopened", _("Reopened twice")
        BAD_SURVEY = "bad_survey", _("A bad survey answer")

    THREATS = (Reason.LEGAL_THREAT, Reason.PHYSICAL_THREAT)

    escalation = models.ForeignKey(Escalation, on_delete=models.PROTECT, related_name="reasons")
    reason = models.CharField(max_length=16, choices=Reason.choices)
    note = models.TextField(blank=True)
    raised_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    raised_at = models.DateTimeField()

    class Meta:
        ordering = ["raised_at", "pk"]

    def __str__(self) -> str:
        return self.get_reason_display()


class FollowUp(models.Model):
    """X5: who passed a case on keeps the duty to ask whether it was solved."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Until the ticket resolves")
        DUE = "due", _("Due")
        SUSPENDED = "suspended", _("Suspended: reopened")
        MET = "met", _("Met")
        UNANSWERED = "unanswered", _("Asked twice, no answer")

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="follow_ups")
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="follow_ups")
    created_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    due_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text=_("When its owner was told that it is due"))
    asked = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(null=True, blank=True)
    met_at = models.DateTimeField(null=True, blank=True)
    met_by_customer = models.BooleanField(default=False)
    was_solved = models.BooleanField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="follow_up_due", condition=Q(status="due"))]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(status__in=["waiting", "due", "suspended"]), name="follow_up_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.owner} asks about {self.ticket_id}"


class Closure(models.Model):
    """T4: we asked whether it was solved; what the customer answered, how, and until when they may take it back."""

    class Answer(models.TextChoices):
        WAITING = "waiting", _("Waiting for the customer")
        SOLVED = "solved", _("Solved")
        NOT_SOLVED = "not_solved", _("Not solved")
        SILENCE = "silence", _("No answer")
        WITHDRAWN = "withdrawn", _("Reopened before an answer")

    class Via(models.TextChoices):
        LINK = "link", _("By the link")
        PORTAL = "portal", _("On the portal")
        PHONE = "phone", _("On the phone")
        IN_PERSON = "in_person", _("In person")
        MESSAGE = "message", _("In a message")

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="closures")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    silence_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=Answer.choices, default=Answer.WAITING)
    via = models.CharField(max_length=10, choices=Via.choices, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    why = models.TextField(blank=True)
    undo_until = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    before = models.JSONField(default=dict, blank=True, help_text=_("What undoing gives back"))

    class Meta:
        indexes = [models.Index(fields=["silence_at"], name="closure_by_silence", condition=Q(answer="waiting"))]
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(answer="waiting"), name="closure_asked_once")
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.get_answer_display()}"
