"""The form of a calendar: hours in words, a zone by its name, dates that differ; it reads, the operation decides."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.clock import parse_day
from common.errors import Refused
from desk.account.forms import zones
from desk.forms import refuse
from staff.calendars import Day, Terms
from staff.public_holidays import countries, regions
from staff.words import hours_in_words, parse_hours, parse_spans, parse_week, spans_in_words, weekday_names

LINE, DAYS = "line", "days"
ROW = ("day_date", "day_hours", "day_name")
MOST_ROWS = 500
YEARS_PLANNED = 10


@dataclass
class Row:
    """A date that differs, as it is typed."""

    date: str = ""
    hours: str = ""
    name: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Nothing is typed in it."""
        return not (self.date or self.hours or self.name)


class CalendarForm(forms.Form):
    """A calendar. ``today`` (its local date): dates gone by are not shown and stay as they are."""

    name = forms.CharField(label=_("Name"), max_length=80)
    how = forms.ChoiceField(
        label=_("Opening hours"), required=False, initial=LINE, widget=forms.RadioSelect,
        choices=[(LINE, _("In one line")), (DAYS, _("Day by day"))],
    )  # fmt: skip
    hours = forms.CharField(
        label=_("Hours"), required=False, max_length=1000,
        help_text=_("Such as Mon–Fri 8–18, Sat 10–14. Also 24h, or Mon–Thu 8–12, 13–17, Fri 8–12."),
    )  # fmt: skip
    time_zone = forms.CharField(label=_("Time zone"), max_length=64)
    country = forms.ChoiceField(label=_("Public holidays of"), required=False)
    subdivision = forms.ChoiceField(label=_("Region"), required=False)
    valid_from = forms.CharField(
        label=_("Holds from"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave it empty: from now on. A later day plans the change."),
    )  # fmt: skip
    is_default = forms.BooleanField(label=_("Used where no other calendar is named"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput, max_length=60)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        terms: Terms,
        today: date,
        initial: Mapping[str, Any],
        typed: bool = False,
    ) -> None:
        """``typed``: what is in ``data`` is shown again without being judged."""
        self.today, self.was, self.is_typed = today, terms, typed
        start = {**_start(terms), **initial}
        if typed and data is not None:
            start = {name: data.get(name, "") for name in [*self.base_fields, *_day_fields()]}
        super().__init__(None if typed else data, initial=start, prefix=None)
        for weekday, name in enumerate(weekday_names()):
            self.fields[f"day_{weekday}"] = forms.CharField(
                label=name,
                required=False,
                max_length=200,
                widget=forms.TextInput(attrs={"placeholder": gettext("Closed")}),
            )
        self.fields["time_zone"].widget.attrs["list"] = "zones"
        country = (data.get("country", "") if data is not None else str(start["country"]))[:2]
        self._offer("country", gettext("No public holidays"), countries())
        self._offer("subdivision", gettext("The whole country"), regions(country))
        self.rows = _rows(data) if data is not None else _rows_of(terms, today)

    def _offer(self, name: str, nothing: str, choices: list[tuple[str, str]]) -> None:
        offered = self.fields[name]
        assert isinstance(offered, forms.ChoiceField)
        offered.choices = [("", nothing), *choices]

    @property
    def weekdays(self) -> list[forms.BoundField]:
        """The fields of the seven days."""
        return [self[name] for name in _day_fields()]

    def clean_time_zone(self) -> str:
        """Its name as it is, or the one town of that name."""
        return _zone(self.cleaned_data["time_zone"])

    def clean_valid_from(self) -> date | None:
        """A day that anybody plans for, or None for now."""
        try:
            day = parse_day(self.cleaned_data["valid_from"]) if self.cleaned_data["valid_from"] else None
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        if day and abs(day.year - self.today.year) > YEARS_PLANNED:
            raise forms.ValidationError(gettext("Choose a day within ten years."))
        return day

    def clean(self) -> dict[str, Any]:
        """The hours and the dates."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "country" not in self.errors and "subdivision" in self.errors:
            self.errors.pop("subdivision")  # of the country that was chosen before
            data["subdivision"] = ""
        try:
            if data.get("how") == DAYS:
                data["week"] = parse_week({n: data.get(name, "") for n, name in enumerate(_day_fields())})
            else:
                data["week"] = parse_hours(data.get("hours", ""))
        except Refused as refusal:
            self.refuse(refusal)
        data["dates"] = self._dates()
        return data

    def _dates(self) -> dict[date, Day]:
        dates = {day: one for day, one in self.was.days.items() if day < self.today}
        for row in self.rows:
            if row.is_empty:
                continue
            try:
                day = parse_day(row.date)
                spans = parse_spans(row.hours)
            except Refused as refusal:
                row.errors.append(str(refusal))
                continue
            if day in dates:
                row.errors.append(
                    gettext("This day stands here twice.") if day >= self.today else gettext("This day is over.")
                )
            dates[day] = Day(tuple(spans), row.name)
        if any(row.errors for row in self.rows):
            self.add_error(None, gettext("Look at the days that differ."))
        return dates

    def terms(self) -> Terms:
        """What the calendar is to say."""
        data = self.cleaned_data
        return Terms(
            time_zone=data["time_zone"], hours=data["week"], country=data["country"],
            subdivision=data["subdivision"] if data["country"] else "", days=data["dates"],
        )  # fmt: skip

    def refuse(self, refusal: Refused) -> None:
        """A rule's answer at its field."""
        if refusal.field == "hours" and self.cleaned_data.get("how") == DAYS:
            refusal.field = "day_0"
        refuse(self, refusal)


def zone_names() -> list[str]:
    """What the field of the zone suggests."""
    return [name for _code, name in zones()]


def _day_fields() -> list[str]:
    return [f"day_{weekday}" for weekday in range(7)]


def _start(terms: Terms) -> dict[str, Any]:
    days = {f"day_{day}": spans_in_words(spans) for day, spans in terms.hours.items()}
    return {
        "hours": hours_in_words(terms.hours) if terms.hours else "", "how": LINE, "country": terms.country,
        "subdivision": terms.subdivision, "time_zone": terms.time_zone.replace("_", " "), **days,
    }  # fmt: skip


def _rows_of(terms: Terms, today: date) -> list[Row]:
    to_come = [(day, one) for day, one in terms.days.items() if day >= today]
    return [*(Row(day.isoformat(), spans_in_words(one.spans), one.name) for day, one in to_come), Row()]


def _rows(data: QueryDict) -> list[Row]:
    given: Iterable[Any] = zip_longest(*(data.getlist(name)[:MOST_ROWS] for name in ROW), fillvalue="")
    rows = [Row(day.strip()[:20], hours.strip()[:200], name.strip()[:300]) for day, hours, name in given]
    if (gone := data.get("remove", "")).isdecimal() and int(gone[:4]) < len(rows):
        del rows[int(gone[:4])]
    kept = [row for row in rows if not row.is_empty]
    return [*kept, Row()]


def _zone(typed: str) -> str:
    wanted = typed.strip().replace(" ", "_").casefold()
    known = {code.casefold(): code for code, _name in zones()}
    towns = [code for folded, code in known.items() if folded.rpartition("/")[2] == wanted]
    if wanted in known:
        return known[wanted]
    if len(towns) == 1:
        return towns[0]
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.6)
    if not near:
        last = {folded.rpartition("/")[2]: code for folded, code in known.items()}
        near = [last[one].casefold() for one in difflib.get_close_matches(wanted, last, n=1, cutoff=0.7)]
    if near:
        shown = {"zone": known[near[0]].replace("_", " ")}
        raise forms.ValidationError(gettext("There is no such time zone. Do you mean %(zone)s?") % shown)
    raise forms.ValidationError(gettext("There is no such time zone. Write the town, such as Oslo or New York."))
