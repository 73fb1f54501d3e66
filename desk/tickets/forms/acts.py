"""The shorter forms: promises, escalations, approvals, closing, what a ticket is about and whose it is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.clock import format_when
from desk.forms import WholeNumber
from desk.tickets import moments
from desk.tickets.forms.base import ActForm, Moment, QuickMoment, Words, moment_of
from desk.tickets.forms.conversation import WritingForm
from staff.access import viewer
from staff.models import Team
from tickets.models import (
    Category,
    Closure,
    ComplaintStep,
    Escalation,
    EscalationReason,
    Level,
    Participant,
    Promise,
    Ticket,
    TicketType,
)
from tickets.policy import complaints
from tickets.policy.approving import RULES
from tickets.policy.closing import open_promises

Radio = forms.RadioSelect
BY_THE_DESK = {"sla_breach", "hold_broken", "reopened", "bad_survey"}
RULE_NAMES = {
    "H4": gettext_lazy("A further hold"),
    "X4": gettext_lazy("A further transfer"),
    "T5": gettext_lazy("Dropping a complaint"),
    "E1": gettext_lazy("An exception to policy"),
}


class PromiseForm(ActForm):
    """What is promised, and by when (T8)."""

    title, icon, button = gettext_lazy("Promise"), "clock", gettext_lazy("Promise it")

    kind = forms.ChoiceField(
        label=gettext_lazy("What"), choices=Promise.Kind.choices, widget=Radio, initial=Promise.Kind.CALL_BACK
    )
    due_other = Moment(label=gettext_lazy("Another time"), required=False)
    text = forms.CharField(label=gettext_lazy("In your words"), required=False, max_length=300)
    owner = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Who keeps it"), required=False)

    def __init__(self, *args: Any, ticket: Ticket, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ready = moments.for_promise(ticket, now=timezone.now())
        self.fields["due"] = QuickMoment(label=_("By when"), moments=ready, initial=ready[1][0].isoformat())
        self.fields["owner"].queryset = colleagues(ticket).exclude(pk=user.pk)  # type: ignore[attr-defined]
        self.fields["owner"].empty_label = _("I do")  # type: ignore[attr-defined]
        self.order_fields(["kind", "due", "due_other", "text", "owner"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["due_at"] = moment_of(self, "due")
        return data


class RenewForm(ActForm):
    """A new time, agreed with the customer before the old one (T8)."""

    title, icon, button = gettext_lazy("Agree on a new time"), "clock", gettext_lazy("Agreed")

    due_other = Moment(label=gettext_lazy("Another time"), required=False)

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due"] = QuickMoment(label=_("By when"), moments=moments.for_promise(ticket, now=timezone.now()))
        self.order_fields(["due", "due_other"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["due_at"] = moment_of(self, "due")
        return data


class EscalateForm(ActForm):
    """Ask somebody to step in (E1, E2). Escalating is no failure."""

    title, icon, button = gettext_lazy("Escalate"), "triangle-alert", gettext_lazy("Escalate")
    note = gettext_lazy("No report counts this against you")

    reason = forms.ChoiceField(label=gettext_lazy("Why"), widget=Radio)
    kind = forms.ChoiceField(
        label=gettext_lazy("To whom"), choices=Escalation.Kind.choices, widget=Radio, initial="hierarchical"
    )
    to_team = forms.ModelChoiceField(
        Team.objects.filter(is_active=True), label=gettext_lazy("Team with the expertise"), required=False
    )
    note_text = Words(label=gettext_lazy("What they should know"))
    answer_by = Moment(
        label=gettext_lazy("The customer hears back by"), required=False,
        help_text=gettext_lazy("Empty: the usual time. They are told, politely."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [choice for choice in EscalationReason.Reason.choices if choice[0] not in BY_THE_DESK]
        self.fields["reason"].choices = offered  # type: ignore[attr-defined]

    def terms(self) -> dict[str, Any]:
        """What ``lifecycle.escalate`` wants to know."""
        data = dict(self.cleaned_data)
        data["note"] = data.pop("note_text")
        return data


class CoachForm(ActForm):
    """Coach and give it back (E3)."""

    title, icon, button = gettext_lazy("Coach and give it back"), "graduation-cap", gettext_lazy("Give it back")

    guidance = Words(label=gettext_lazy("What the agent should do"), required=True)


class ExpertForm(ActForm):
    """Give it to somebody who knows this better (E3)."""

    title, icon, button = gettext_lazy("Give it to an expert"), "user-round-check", gettext_lazy("Give it to them")

    to = forms.ModelChoiceField(
        User.objects.filter(is_active=True, memberships__isnull=False).distinct().order_by("name"),
        label=gettext_lazy("To whom"),
    )
    guidance = Words(label=gettext_lazy("What they should know"))


class AskApprovalForm(ActForm):
    """Ask a supervisor for leave to go beyond a rule."""

    title, icon, button = gettext_lazy("Ask for approval"), "shield-question-mark", gettext_lazy("Ask")

    rule = forms.ChoiceField(label=gettext_lazy("For what"), choices=list(RULE_NAMES.items()), widget=Radio)
    reason = Words(label=gettext_lazy("Why"))

    @property
    def act(self) -> str:
        """The act that the rule's leave is asked for."""
        return next(iter(RULES[self.cleaned_data["rule"]]))


class ApproveForm(ActForm):
    """A supervisor's answer."""

    title, icon, button = gettext_lazy("Approve"), "shield-check", gettext_lazy("Approve")

    until = Moment(label=gettext_lazy("Good until"), required=False)
    remark = Words(label=gettext_lazy("Note"))


class DenyForm(ActForm):
    """A supervisor says no."""

    title, icon, button = gettext_lazy("Do not approve"), "shield-x", gettext_lazy("Do not approve")

    remark = Words(label=gettext_lazy("Note"))


class ResolveForm(WritingForm):
    """We think it is met: last words, and what became of each open promise (T12)."""

    title, icon, button = gettext_lazy("Resolve"), "check", gettext_lazy("Resolve and ask the customer")
    note = gettext_lazy("The customer is asked whether it is solved")

    text = Words(label=gettext_lazy("Last words to the customer"))
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=forms.HiddenInput)
    composer = forms.CharField(required=False, max_length=8, widget=forms.HiddenInput)  # its words come from there

    def __init__(self, *args: Any, ticket: Ticket, shown: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = ticket.entries.aggregate(last=Max("pk"))["last"]
        self.fields["seen"].initial = last if shown is None or last is None else min(shown, last)  # T10
        answers = [
            ("kept", _("Kept")), ("released", _("They need it no longer")), ("outlive", _("Stays, after the ticket")),
        ]  # fmt: skip
        for promise in open_promises(ticket):
            when = format_when(promise.due_at, timezone.get_current_timezone_name())
            what = promise.text or promise.get_kind_display()
            self.fields[f"promise_{promise.pk}"] = forms.ChoiceField(
                label=_("%(what)s by %(when)s") % {"what": what, "when": when}, choices=answers, widget=Radio
            )

    def promises(self) -> dict[int, str]:
        """What became of each open promise, by id."""
        told = self.cleaned_data.items()
        return {int(name.removeprefix("promise_")): answer for name, answer in told if name.startswith("promise_")}


class ConfirmForm(ActForm):
    """What the customer said on the phone or in person (T4)."""

    title, icon, button = gettext_lazy("What did the customer say?"), "phone", gettext_lazy("Write it down")

    solved = forms.ChoiceField(
        label=gettext_lazy("Is it solved?"), widget=Radio,
        choices=[("yes", gettext_lazy("Solved")), ("no", gettext_lazy("Not solved"))],
    )  # fmt: skip
    via = forms.ChoiceField(
        label=gettext_lazy("How did they say it?"), widget=Radio, initial="phone",
        choices=[(via, via.label) for via in (Closure.Via.PHONE, Closure.Via.IN_PERSON)],
    )  # fmt: skip
    why = Words(label=gettext_lazy("What is missing"))

    def terms(self) -> dict[str, Any]:
        """What ``lifecycle.confirm`` wants to know."""
        data = self.cleaned_data
        return {"solved": data["solved"] == "yes", "via": data["via"], "why": data["why"]}


class FollowUpForm(ActForm):
    """The duty to ask whether it was solved (X5)."""

    title, icon, button = gettext_lazy("Was it solved?"), "phone-outgoing", gettext_lazy("Write it down")

    solved = forms.ChoiceField(
        label=gettext_lazy("What did they say?"), widget=Radio,
        choices=[
            ("yes", gettext_lazy("Solved")), ("no", gettext_lazy("Not solved")), ("", gettext_lazy("Nobody answered")),
        ], required=False,
    )  # fmt: skip
    text = Words(label=gettext_lazy("Note"))

    @property
    def answer(self) -> bool | None:
        """True solved, False not, None nobody answered."""
        return {"yes": True, "no": False}.get(self.cleaned_data["solved"])


class StepForm(ActForm):
    """The next step of a complaint (T5)."""

    title: str | Lazy = gettext_lazy("Next step")
    icon, button = "list-checks", gettext_lazy("Take the step")
    HINTS = {
        "understood": gettext_lazy("Your notes: what happened, what it means to them, what they want. Internal."),
        "confirmed": gettext_lazy("Say it back: “As I understand it …”. It goes to the customer."),
        "resolved": gettext_lazy("What was done, to their satisfaction."),
        "thanked": gettext_lazy("Thank them for telling us. It goes to the customer."),
    }

    text = Words(label=gettext_lazy("Your words"))

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step = complaints.next_step(ticket) or ComplaintStep.Step.THANKED
        self.title = _("Complaint: %(step)s") % {"step": ComplaintStep.Step(self.step).label}
        self.fields["text"].help_text = self.HINTS[self.step]


class EndForm(ActForm):
    """The call, visit or chat is over; what was said is kept with it."""

    title, icon, button = gettext_lazy("End the call"), "phone-off", gettext_lazy("End it")

    text = Words(label=gettext_lazy("What was said"), max_length=20_000)


class ReopenForm(ActForm):
    """Resolved too soon (T3)."""

    title, icon, button = gettext_lazy("Reopen"), "rotate-ccw", gettext_lazy("Reopen")

    why = Words(label=gettext_lazy("Why"))


class AssignForm(ActForm):
    """To a colleague of its team; a ticket without a team may be given one (X)."""

    title, icon, button = gettext_lazy("Assign"), "user-round-check", gettext_lazy("Assign")

    to = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("To whom"), required=False, empty_label=gettext_lazy("Nobody: the team")
    )
    team = forms.ModelChoiceField(Team.objects.filter(is_active=True), label=gettext_lazy("Team"), required=False)

    def __init__(self, *args: Any, ticket: Ticket, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = colleagues(ticket)  # type: ignore[attr-defined]
        self.fields["to"].initial = ticket.assignee_id
        if ticket.team_id:
            del self.fields["team"]
        else:
            hidden = viewer(user).hidden_team_ids
            self.fields["team"].queryset = Team.objects.filter(is_active=True).exclude(pk__in=hidden)  # type: ignore[attr-defined]


class PropertiesForm(ActForm):
    """What a ticket is about and how much it weighs; priority comes from impact and urgency alone."""

    title, icon, button = gettext_lazy("Properties"), "sliders-horizontal", gettext_lazy("Save")

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=250)
    type = forms.ChoiceField(label=gettext_lazy("Type"), choices=TicketType.choices, widget=Radio)
    impact = forms.TypedChoiceField(label=gettext_lazy("Impact"), choices=Level.choices, coerce=int, widget=Radio)
    urgency = forms.TypedChoiceField(label=gettext_lazy("Urgency"), choices=Level.choices, coerce=int, widget=Radio)
    category = forms.ModelChoiceField(
        Category.objects.filter(is_active=True), label=gettext_lazy("Category"), required=False
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"), required=False, max_length=600, help_text=gettext_lazy("Words, parted by commas.")
    )

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        now = {name: getattr(ticket, name) for name in ("subject", "type", "impact", "urgency", "category")}
        now["tags"] = ", ".join(ticket.tags.values_list("name", flat=True))
        super().__init__(*args, initial=now, **kwargs)

    def words(self) -> list[str]:
        """The tags as typed, once each."""
        return [word for word in (part.strip() for part in self.cleaned_data["tags"].split(",")) if word]


class MergeForm(ActForm):
    """Into which ticket (T11)."""

    title, icon, button = gettext_lazy("Merge into another ticket"), "merge", gettext_lazy("Merge")
    note = gettext_lazy("This ticket closes and leads there; it can be undone")

    into = WholeNumber(label=gettext_lazy("Number of the other ticket"), min_value=1, max_value=2**62)


class ParticipantForm(ActForm):
    """Who else takes part, by an address of theirs."""

    title, icon, button = gettext_lazy("Add somebody"), "user-plus", gettext_lazy("Add")

    address = forms.EmailField(label=gettext_lazy("Their e-mail address"))
    role = forms.ChoiceField(label=gettext_lazy("As"), choices=Participant.Role.choices, widget=Radio, initial="cc")


def colleagues(ticket: Ticket) -> QuerySet[User]:
    """Who serves in the ticket's team, or anybody of the desk where it has none."""
    people = User.objects.filter(is_active=True, memberships__isnull=False)
    if ticket.team_id:
        people = people.filter(memberships__team=ticket.team_id)
    return people.distinct().order_by("name")
