"""Passing a case on: to whom, why, on which consent, and what the next one has to know (X1-X4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.clock import format_when
from desk.tickets.forms.base import UNANSWERED, ActForm, Keyed, Words
from staff.access import chain
from staff.models import StaffProfile, Team
from tickets.lifecycle.transferring import target_state
from tickets.models import Consent, Contact, Promise, Ticket, Transfer

LIVE = [(Consent.GIVEN, gettext_lazy("Yes")), (Consent.REFUSED, gettext_lazy("No: see what is left"))]
WRITTEN = [
    (Consent.TOLD, gettext_lazy("We tell them now, in writing")),
    (Consent.WRITTEN, gettext_lazy("They asked for it or agreed, in a message")),
]
OVERRIDE = (Consent.OVERRIDDEN, gettext_lazy("Not asked: safety or a legal duty"))


class TransferForm(ActForm):
    """Each team is shown with whether it works now and who is there (X2)."""

    title, icon, button = gettext_lazy("Transfer"), "arrow-right-left", gettext_lazy("Ask them to take it over")
    note = gettext_lazy("You stay responsible until they accept")

    to_team = forms.ModelChoiceField(
        Team.objects.none(), label=gettext_lazy("To which team"), widget=forms.RadioSelect, empty_label=None
    )
    to_agent = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("To one of them"), required=False,
        empty_label=gettext_lazy("Whoever of the team takes it"),
    )  # fmt: skip
    reason = forms.ChoiceField(label=gettext_lazy("Why"), choices=Transfer.Reason.choices, widget=forms.RadioSelect)
    consent = forms.ChoiceField(label=gettext_lazy("Did they agree?"), widget=Keyed(y=Consent.GIVEN, n=Consent.REFUSED))
    understood = Words(label=gettext_lazy("The problem as you understand it"), required=True, rows=2)
    tried = Words(label=gettext_lazy("What was tried"), required=True, rows=2)
    promised = Words(label=gettext_lazy("What was promised"), rows=2)
    text = Words(label=gettext_lazy("Your words to the customer"), rows=2)
    named_supervisor = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Supervisor who agreed"), required=False,
        help_text=gettext_lazy("Needed for a third transfer, or back to a team that passed it on."),
    )  # fmt: skip

    def __init__(self, *args: Any, ticket: Ticket, user: User, contact: Contact | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ticket, self.contact = ticket, contact
        self.is_live = contact is not None and contact.is_live
        teams = Team.objects.filter(is_active=True).exclude(pk=ticket.team_id or 0).select_related("calendar")
        self._offer_teams(list(teams[:40]))
        self._ask_consent()
        above = [one.pk for one in chain(ticket.team, skip=[user])] if self.is_live else []
        self.fields["named_supervisor"].queryset = User.objects.filter(pk__in=above)  # type: ignore[attr-defined]
        if not above:
            del self.fields["named_supervisor"]
        open_ones = Promise.objects.filter(ticket=ticket, status=Promise.Status.OPEN)
        self.fields["promised"].initial = "\n".join(_promise(promise) for promise in open_ones)

    def _offer_teams(self, teams: list[Team]) -> None:
        field: Any = self.fields["to_team"]
        field.queryset = Team.objects.filter(pk__in=[team.pk for team in teams])
        field.choices = [(team.pk, f"{team.name} · {_state(team)}") for team in teams]
        agents: Any = self.fields["to_agent"]
        agents.queryset = User.objects.filter(memberships__team__in=teams, is_active=True).distinct()
        rows = agents.queryset.values_list("pk", "name", "memberships__team__name", "staff_profile__availability")
        labels = dict(StaffProfile.Availability.choices)
        agents.choices = [("", agents.empty_label)] + [
            (pk, f"{name} · {team} · {labels.get(there, '')}") for pk, name, team, there in rows.order_by("name")
        ]

    def _ask_consent(self) -> None:
        consent: Any = self.fields["consent"]
        consent.choices = [*(LIVE if self.is_live else WRITTEN), OVERRIDE]
        name = self.ticket.requester.greeting_name
        if not self.is_live:
            consent.label = _("How does %(name)s know?") % {"name": name}
            consent.initial = Consent.TOLD
            usual = _("Leave it empty and they get the usual words.")
            self.fields["text"].help_text = f"{usual} {UNANSWERED}" if self.ticket.unanswered_since else usual
            return
        consent.label = _("Did %(name)s agree?") % {"name": name}
        self.say = _("“A colleague knows this better than I do. May I pass you on? You need not explain it again.”")
        del self.fields["text"]

    @property
    def was_refused(self) -> bool:
        """The customer was asked and said no (H5)."""
        return self.data.get("consent") == Consent.REFUSED

    def terms(self) -> dict[str, Any]:
        """What ``lifecycle.transfer`` wants to know."""
        return {**self.cleaned_data, "contact": self.contact}


class AcceptForm(ActForm):
    """Taking a case over; open promises move only where one takes them (X3, X6)."""

    title, icon, button = gettext_lazy("Accept the transfer"), "check", gettext_lazy("Accept")

    take_promises = forms.MultipleChoiceField(
        label=gettext_lazy("Promises that you take over"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_ones = Promise.objects.filter(ticket=ticket, status=Promise.Status.OPEN)
        choices = [(str(promise.pk), _promise(promise)) for promise in open_ones]
        self.fields["take_promises"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields["take_promises"]

    def promises(self) -> list[int]:
        """Ids of the promises that move along."""
        return [int(pk) for pk in self.cleaned_data.get("take_promises", [])]


class WhyForm(ActForm):
    """An act that needs its reason in words."""

    why = Words(label=gettext_lazy("Why"), required=True)


def _promise(promise: Promise) -> str:
    when = format_when(promise.due_at, timezone.get_current_timezone_name())
    return _("%(what)s by %(when)s") % {"what": promise.text or promise.get_kind_display(), "when": when}


def _state(team: Team) -> str:
    state = target_state(team)
    if state.is_open:
        return _("open, %(n)s online") % {"n": state.online}
    if state.opens_at is None:
        return _("closed")
    return _("closed until %(when)s") % {"when": format_when(state.opens_at, timezone.get_current_timezone_name())}
