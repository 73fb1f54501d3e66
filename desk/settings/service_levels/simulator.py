"""For a ticket like this, at this time, these would be the due times, and this is why (S7)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import Role, User
from common.clock import for_input, parse_when
from common.errors import Refused
from common.timeline import Pause
from customers.models import CustomerType, SupportPlan
from desk.access import role_required, staff_of
from desk.account.forms import zones
from desk.forms import WholeNumber
from desk.settings.service_levels import reasons, words
from desk.settings.service_levels.forms import CONDITIONS, TicketFacts
from sla.policies import Facts
from staff.access import Viewer, viewer
from tickets.clocks.foreseeing import foresee
from tickets.models import Channel, ClockPause, Priority, Ticket, TicketType

leaders = role_required(Role.SUPERVISOR, Role.MANAGER, Role.ADMIN)
PENDING, THEIRS, OURS = "pending", "theirs", "ours"
FIRST_YEAR, LAST_YEAR = 2000, 2100
PLAIN = {
    "customer_type": CustomerType.EXTERNAL, "channel": Channel.EMAIL, "ticket_type": TicketType.QUESTION,
    "priority": str(Priority.NORMAL.value),
}  # fmt: skip
"""What a ticket is unless somebody says otherwise."""


class SimulatorForm(TicketFacts):
    """A ticket that does not exist, and when it comes in."""

    number = WholeNumber(
        label=gettext_lazy("Take the facts from ticket number"), required=False, min_value=1, max_value=2**62
    )
    plan = forms.ModelChoiceField(
        SupportPlan.objects.all(), label=words.NAMES["plan"], required=False, empty_label=gettext_lazy("None")
    )
    at = forms.CharField(
        label=gettext_lazy("It comes in"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    zone = forms.ChoiceField(label=gettext_lazy("On the clocks of"), choices=zones)
    pause = forms.ChoiceField(
        label=gettext_lazy("It waits meanwhile"), required=False,
        choices=[
            ("", gettext_lazy("No")), (PENDING, gettext_lazy("Pending: the customer's turn")),
            (THEIRS, gettext_lazy("On hold, as the customer asked")),
            (OURS, gettext_lazy("On hold, for a reason of ours")),
        ],
    )  # fmt: skip
    pause_from = forms.CharField(
        label=gettext_lazy("From"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    pause_to = forms.CharField(
        label=gettext_lazy("Until"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def __init__(self, *args: Any, hidden: Collection[int] = (), **kwargs: Any) -> None:
        """``hidden``: teams that the reader does not know of (T13)."""
        super().__init__(*args, **kwargs)
        teams: Any = self.fields["team"]
        teams.queryset = teams.queryset.exclude(pk__in=hidden)
        for name in PLAIN:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            offered: Any = field.choices
            field.choices = [(code, label) for code, label in offered if code != ""]
            field.required = True
        for name, none in (("department", _("None")), ("team", _("None yet"))):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.empty_label = none

    def clean(self) -> dict[str, Any]:
        """The moments, on the clocks of the zone."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("at", "pause_from", "pause_to"):
            if data.get(name) and data.get("zone"):
                data[name] = self._moment(name, data[name], data["zone"])
        at, begins, ends = (data.get(name) or None for name in ("at", "pause_from", "pause_to"))
        if data.get("pause") and not begins and "pause_from" not in self.errors:
            self.add_error("pause_from", _("Say from when it waits."))
        if isinstance(begins, datetime) and isinstance(at, datetime) and begins < at:
            self.add_error("pause_from", _("It waits after it has come in, not before."))
        if isinstance(begins, datetime) and isinstance(ends, datetime) and ends <= begins:
            self.add_error("pause_to", _("Waiting ends after it begins."))
        if data.get("organisation") and not data.get("plan"):
            data["plan"] = data["organisation"].plan  # as a ticket of its people has it
        return data

    def _moment(self, name: str, text: str, zone: str) -> datetime | None:
        try:
            moment = parse_when(text, zone)
        except Refused as refusal:
            self.add_error(name, str(refusal))
            return None
        if not FIRST_YEAR <= moment.year < LAST_YEAR:
            self.add_error(name, _("Choose a time between %(first)s and %(last)s.")
                           % {"first": FIRST_YEAR, "last": LAST_YEAR})  # fmt: skip
            return None
        return moment

    def facts(self) -> Facts:
        """What a policy is picked by."""
        data = self.cleaned_data
        rows: dict[str, Any] = {f"{name}_id": data[name].pk if data[name] else None
                for name in ("organisation", "department", "team", "plan")}  # fmt: skip
        codes: dict[str, Any] = {
            name: data[name] or PLAIN[name] for name in ("customer_type", "channel", "ticket_type")
        }
        return Facts(**codes, priority=int(data["priority"] or PLAIN["priority"]), **rows)

    def waits(self) -> Pause | None:
        """The pause that was asked for."""
        data = self.cleaned_data
        return Pause(data["pause_from"], data["pause_to"] or None) if data["pause"] and data["pause_from"] else None


@leaders
@require_safe
def simulator(request: HttpRequest) -> HttpResponse:
    """The form on one side, what would be promised on the other; the address says it all, so it can be sent."""
    user = staff_of(request)
    who = viewer(user)
    if who.is_third_party:
        raise Http404  # who is promised what is the house's own matter (T13)
    form = SimulatorForm(_asked(request, user), hidden=who.hidden_team_ids)
    context: dict[str, Any] = {"form": form, "may_change": who.is_manager or who.is_admin}
    if form.is_valid():
        if number := form.cleaned_data["number"]:
            ticket = Ticket.objects.visible_to(user).filter(number=number).first()
            if ticket is not None:
                return redirect(
                    f"{reverse('desk:simulator')}?{urlencode(_like(ticket, form.cleaned_data['zone'], who))}"
                )
            form.add_error("number", _("There is no ticket of this number that you can see."))
        else:
            context |= _foreseen(form, who) | _followed(request, user, form.cleaned_data["zone"])
    return render(request, "desk/settings/service_levels/simulator.html", context, status=422 if form.errors else 200)


def _followed(request: HttpRequest, user: User, zone: str) -> dict[str, Any]:
    """The ticket whose facts these are, and what its clocks really follow."""
    number = request.GET.get("ticket", "")
    if not (number.isascii() and number.isdecimal()) or len(number) > 17:
        return {}
    ticket = Ticket.objects.visible_to(user).filter(number=int(number)).first()
    return {"ticket": ticket, "followed": reasons.followed(ticket, zone)} if ticket else {}


def _asked(request: HttpRequest, user: User) -> dict[str, str]:
    """What the address says; the rest is a plain ticket that comes in now."""
    zone = user.time_zone or "UTC"
    usual = PLAIN | {"zone": zone, "at": for_input(timezone.now(), zone)}
    given = {name: str(value).replace("\x00", "") for name, value in request.GET.items()}
    return usual | {name: value for name, value in given.items() if value or name not in usual}


def _like(ticket: Ticket, zone: str, who: Viewer) -> dict[str, str]:
    """The address of a simulation with a ticket's facts, at the time it came in."""
    rows = {name: getattr(ticket, f"{name}_id") or "" for name in ("plan", "department", "team")}
    if rows["team"] in who.hidden_team_ids:
        del rows["team"]
    return {
        "customer_type": ticket.customer_type, "channel": ticket.channel, "ticket_type": ticket.type,
        "priority": str(int(ticket.priority)), "organisation": str(ticket.organisation or ""), "zone": zone,
        "at": for_input(ticket.opened_at, zone), "ticket": str(ticket.number),
        **{name: str(value) for name, value in rows.items() if value},
    }  # fmt: skip


def _foreseen(form: SimulatorForm, who: Viewer) -> dict[str, Any]:
    data, facts = form.cleaned_data, form.facts()
    pause = form.waits()
    cause = ClockPause.Cause.PENDING if data["pause"] == PENDING else ClockPause.Cause.HOLD
    counted = pause if data["pause"] != OURS else None
    found = foresee(facts, data["at"], pause=counted, cause=cause)
    given = {name: data[name] for name in (*CONDITIONS, "plan", "organisation")}
    return {
        "found": found,
        "zone": data["zone"],
        "picked": reasons.picked(found),
        "holds": reasons.holds(found, data["at"]),
        "since_then": reasons.since_then(found, data["at"], data["zone"]),
        "others": reasons.others(found, given, hidden=who.hidden_team_ids),
        "clocks": reasons.clocks(found, data["zone"]),
        "pause_words": reasons.pause(found, data["pause"]) if pause else "",
    }
