"""The form of a policy: it reads what people write ("1 h", "Mon–Fri 8–18"); the operations decide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.clock import start_of_day
from common.measures import MINUTE
from customers.models import CustomerType, Department, Organisation, SupportPlan
from customers.plans import plan_named
from desk.account.forms import zones
from desk.forms import WholeNumber
from desk.settings.forms import choices_of
from desk.settings.measures import SpanField
from desk.settings.service_levels import words
from events import values
from sla.models import Metric, Policy, PolicyVersion
from sla.operations import Terms
from sla.values import SLA_WARN_OWNER_PERCENT, SLA_WARN_SUPERVISOR_PERCENT
from staff.models import Calendar, Team
from staff.public_holidays import countries
from tickets.models import Channel, Priority, TicketType

LONGEST_TARGET = 400 * 24 * 60 * MINUTE
NEW = "new"
NOW, DAY, EVER = "now", "day", "ever"
PRIORITIES = sorted(Priority, reverse=True)
CODES: tuple[int | str, ...] = ("", *PRIORITIES)
"""Targets for all priorities, then for each."""
CONDITIONS = ("customer_type", "department", "team", "channel", "ticket_type", "priority")


def any_of(choices: Any) -> list[tuple[str, Any]]:
    """The codes of a condition, and none of them."""
    return [("", _("Any")), *((str(code), label) for code, label in choices)]


class Revealing(forms.RadioSelect):
    """Choices of which some show a part of the form: ``Revealing(new="id of it")``."""

    def __init__(self, **parts: str) -> None:
        super().__init__()
        self.parts = parts

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The choice, with the part that it shows."""
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if part := self.parts.get(str(value)):
            option["attrs"]["data-shows"] = part
        return option


class Focused(forms.RadioSelect):
    """Choices where the page that opens begins: the chosen one has the focus."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The choice; the chosen one asks for the focus."""
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        if option["selected"]:
            option["attrs"]["autofocus"] = True
        return option


class OrganisationField(forms.CharField):
    """An organisation by its name; nobody is made by a slip of the pen."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=200, required=False, **more)

    def clean(self, value: Any) -> Organisation | None:
        """The organisation of this name."""
        name = " ".join(super().clean(value).split())
        found = Organisation.objects.filter(name__iexact=name).first() if name else None
        if name and found is None:
            raise forms.ValidationError(_("No organisation has this name. Choose one from the list."))
        return found


class TicketFacts(forms.Form):
    """What a policy may ask for, and what a simulated ticket has."""

    customer_type = forms.ChoiceField(
        label=words.NAMES["customer_type"], required=False, widget=forms.RadioSelect,
        choices=lambda: [("", _("Everybody")), *CustomerType.choices],
    )  # fmt: skip
    organisation = OrganisationField(label=words.NAMES["organisation"])
    department = forms.ModelChoiceField(
        Department.objects.all(), label=words.NAMES["department"], required=False, empty_label=gettext_lazy("Any")
    )
    team = forms.ModelChoiceField(
        Team.objects.order_by("name"), label=words.NAMES["team"], required=False, empty_label=gettext_lazy("Any")
    )
    channel = forms.ChoiceField(label=words.NAMES["channel"], required=False, choices=lambda: any_of(Channel.choices))
    ticket_type = forms.ChoiceField(
        label=words.NAMES["ticket_type"], required=False, choices=lambda: any_of(TicketType.choices)
    )
    priority = forms.TypedChoiceField(
        label=words.NAMES["priority"], required=False, coerce=int, empty_value=None,
        choices=lambda: any_of((one.value, one.label) for one in PRIORITIES),
    )  # fmt: skip


class PolicyForm(TicketFacts):
    """For whom, what, in which hours; everything but one target has a default that will do."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, required=False,
        help_text=gettext_lazy("Empty: named after whom it is for."),
    )  # fmt: skip
    plan = forms.CharField(
        label=words.NAMES["plan"], max_length=60, required=False,
        widget=forms.TextInput(attrs={"list": "plans", "autocomplete": "off"}),
        help_text=gettext_lazy("Such as Gold. A new name makes a new plan, which you then give to customers."),
    )  # fmt: skip
    calendar = forms.ChoiceField(label=gettext_lazy("Counted in"), widget=Revealing(**{NEW: "new-hours"}))
    new_hours = forms.CharField(
        label=gettext_lazy("Opening hours"), max_length=200, required=False, initial="Mon–Fri 8–18"
    )
    new_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False, choices=zones)
    new_country = forms.ChoiceField(
        label=gettext_lazy("Closed on the public holidays of"), required=False,
        choices=lambda: [("", _("No country: open on every holiday")), *countries()],
        help_text=gettext_lazy("A region, and days of your own, are added under Calendars."),
    )  # fmt: skip
    warn_owner_percent = WholeNumber(
        label=gettext_lazy("Warn the owner at … % of the time"), required=False, min_value=1, max_value=99
    )
    warn_supervisor_percent = WholeNumber(
        label=gettext_lazy("Warn the supervisor at … % of the time"), required=False, min_value=1, max_value=99
    )
    pauses_on_pending = forms.BooleanField(label=words.PAUSES["pauses_on_pending"], required=False, initial=True)
    pauses_on_hold = forms.BooleanField(label=words.PAUSES["pauses_on_hold"], required=False, initial=True)
    holds = forms.ChoiceField(
        label=gettext_lazy("It holds for clocks that start"), widget=Revealing(**{DAY: "from-a-day"}), initial=NOW,
        choices=[
            (NOW, gettext_lazy("from now on")), (DAY, gettext_lazy("from a day on")),
            (EVER, gettext_lazy("at any time, imported history too")),
        ],
    )  # fmt: skip
    holds_day = forms.DateField(
        label=gettext_lazy("From the start of"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, version: PolicyVersion | None = None, by: User, **kwargs: Any) -> None:
        kwargs.setdefault("initial", _said_by(version) if version else {})
        kwargs["initial"].setdefault("new_zone", by.time_zone or "UTC")
        super().__init__(*args, **kwargs)
        self.by, self.version = by, version
        self.taken: Policy | None = None
        """The policy that has the name which was asked for."""
        usual = values.many(SLA_WARN_OWNER_PERCENT, SLA_WARN_SUPERVISOR_PERCENT)
        self.usual = usual[SLA_WARN_OWNER_PERCENT], usual[SLA_WARN_SUPERVISOR_PERCENT]
        for name, percent in zip(words.WARNINGS, self.usual, strict=True):
            self.fields[name].widget.attrs["placeholder"] = str(percent)
        self.calendars = list(Calendar.objects.order_by("name"))
        calendar = self.fields["calendar"]
        assert isinstance(calendar, forms.ChoiceField)
        calendar.choices = [
            ("always", _("Every hour, around the clock")), *((str(one.pk), str(one)) for one in self.calendars),
            (NEW, _("New hours, made here")),
        ]  # fmt: skip
        self.plans = list(SupportPlan.objects.values_list("name", flat=True))
        for metric in Metric:
            for code in CODES:
                self.fields[_target_name(metric, code)] = SpanField(
                    label=metric.label if code == "" else f"{metric.label}, {Priority(code).label}",
                    required=False, minimum=MINUTE, maximum=LONGEST_TARGET,
                    widget=forms.TextInput(attrs={"class": "input span", "autocomplete": "off"} | (
                        {"aria-label": f"{metric.label}, {Priority(code).label}"} if code != "" else {})),
                )  # fmt: skip
        if version is not None and version.policy.is_default:
            self.fields[_target_name(Metric.FIRST_RESPONSE, "")].widget.attrs["autofocus"] = True
        elif not self.is_bound:
            kinds = self.fields["customer_type"]
            assert isinstance(kinds, forms.ChoiceField)
            kinds.widget = Focused()
            kinds.widget.choices = kinds.choices
        teams = choices_of(self, "team")
        if version is None:
            teams.queryset = Team.objects.filter(is_active=True).order_by("name")
        if version is not None and version.policy.is_default:
            for name in (*CONDITIONS, "plan", "organisation"):
                self.fields[name].disabled = True

    def rows(self) -> Iterator[tuple[Metric, BoundField, list[BoundField]]]:
        """The targets as a table: each metric for every priority, then for each."""
        for metric in Metric:
            yield metric, self[_target_name(metric, "")], [self[_target_name(metric, code)] for code in PRIORITIES]

    @property
    def more_conditions(self) -> list[BoundField]:
        """Conditions that few policies have."""
        return [self[name] for name in CONDITIONS if name != "customer_type"]

    @property
    def has_more(self) -> bool:
        """Is one of them set, or wrong?"""
        return self._any([field.name for field in self.more_conditions] + ["organisation"])

    @property
    def has_finer(self) -> bool:
        """Are there warnings or pauses of its own, or wrong ones?"""
        return self._any(list(words.WARNINGS)) or not all(self[name].value() for name in words.PAUSES)

    @property
    def has_priorities(self) -> bool:
        """Does a priority have a time of its own?"""
        return self._any([_target_name(metric, code) for metric in Metric for code in PRIORITIES])

    def _any(self, names: list[str]) -> bool:
        return any(self[name].value() not in (None, "") or name in self.errors for name in names)

    def clean_holds_day(self) -> Any:
        """A day that is still to come, and not beyond what anybody plans."""
        day = self.cleaned_data["holds_day"]
        if self.data.get("holds") != DAY:
            return None
        today = timezone.localdate()
        if day is not None and day == self.planned_day():
            return day
        if day is None or day <= today:
            raise forms.ValidationError(_("Choose a day after today, or let it hold from now on."))
        if day.year > today.year + 10:
            raise forms.ValidationError(_("Choose a day within ten years."))
        return day

    def clean(self) -> dict[str, Any]:
        """Some time is promised, warnings are in their order, and new hours are said."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        owner = data.get("warn_owner_percent") or self.usual[0]
        supervisor = data.get("warn_supervisor_percent") or self.usual[1]
        if owner > supervisor:
            self.add_error("warn_owner_percent", _("The owner is warned first: write %(percent)s or less.")
                           % {"percent": supervisor})  # fmt: skip
        if not self.errors and not any(self.targets().values()):
            self.add_error("first_response", _("Promise at least one time, such as 1 h."))
        if data.get("calendar") == NEW and not (data.get("new_hours") or "").strip():
            self.add_error("new_hours", _("Write the opening hours, such as Mon–Fri 8–18."))
        return data

    def targets(self) -> dict[str, dict[str, int]]:
        """What is promised, in seconds, by metric and priority.

        Nobody's later messages go without a promise (S1): unless it is said, they are answered as soon as the first.
        """
        said = {
            str(metric): {
                str(code and int(code)): seconds
                for code in CODES
                if (seconds := self.cleaned_data.get(_target_name(metric, code))) is not None
            }
            for metric in Metric
        }
        first, later = str(Metric.FIRST_RESPONSE), str(Metric.NEXT_RESPONSE)
        return said | {later: said[later] or dict(said[first])}

    def terms(self, *, plan: SupportPlan | None, calendar: Calendar | None) -> Terms:
        """What is to be promised, with the plan and the calendar that were chosen or made."""
        data = self.cleaned_data
        same = ("organisation", *CONDITIONS, *words.WARNINGS, *words.PAUSES)
        return Terms(**{name: data[name] for name in same}, plan=plan, calendar=calendar, targets=self.targets())

    def known_plan(self) -> SupportPlan | None:
        """The plan of the name that was written, if there is one."""
        return plan_named(self.cleaned_data["plan"])

    def chosen_calendar(self) -> Calendar | None:
        """The calendar that was chosen; None for every hour, and where one is to be made."""
        return next((one for one in self.calendars if str(one.pk) == self.cleaned_data["calendar"]), None)

    def begins(self) -> datetime | None:
        """From when it holds; None is now, or since ever. A plan whose day stays keeps its moment, in any zone."""
        day = self.cleaned_data["holds_day"]
        if day and self.version and day == self.planned_day():
            return self.version.valid_from
        return start_of_day(day, timezone.get_current_timezone_name()) if day else None

    def planned_day(self) -> date | None:
        """When the version that the form shows is to come, on the reader's clock; None where it holds already."""
        return _day_of(self.version) if self.version else None

    def title(self) -> str:
        """The name, or one after whom it is for."""
        if name := self.cleaned_data["name"]:
            return str(name)
        data = self.cleaned_data
        conditions = {name: data[name] for name in ("organisation", *CONDITIONS) if name != "customer_type"}
        told = [words.value_of(name, value) for name, value in conditions.items() if value not in (None, "")]
        if data["plan"] or data["customer_type"]:
            kind = words.value_of("customer_type", data["customer_type"]).lower() if data["customer_type"] else ""
            told.insert(0, _("%(kinds)s customers") % {"kinds": " ".join(one for one in (data["plan"], kind) if one)})
        return (", ".join(told) or _("Everybody"))[:120]


def _target_name(metric: Metric, code: int | str) -> str:
    return f"{metric.value}_{int(code)}" if code != "" else str(metric.value)


def _day_of(version: PolicyVersion) -> date | None:
    begins = version.valid_from
    return timezone.localdate(begins) if begins and begins > timezone.now() else None


def _said_by(version: PolicyVersion) -> dict[str, Any]:
    """What a version says, by the form's fields."""
    said: dict[str, Any] = {name: getattr(version, name) for name in (*CONDITIONS, *words.WARNINGS, *words.PAUSES)}
    said |= {
        "name": version.policy.name, "plan": version.plan or "", "organisation": version.organisation or "",
        "calendar": str(version.calendar_id or "always"), "seen": version.pk,
    }  # fmt: skip
    if day := _day_of(version):
        said |= {"holds": DAY, "holds_day": day}
    follows = version.targets.get(str(Metric.NEXT_RESPONSE)) == version.targets.get(str(Metric.FIRST_RESPONSE))
    for metric, by_priority in version.targets.items():
        if follows and metric == Metric.NEXT_RESPONSE:
            continue  # it stays empty, so that it goes with the first response when that is changed
        said |= {_target_name(Metric(metric), code): seconds for code, seconds in by_priority.items()}
    return said
