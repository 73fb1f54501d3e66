"""Calendars in the settings: their list, a year of one, its history, and the form that changes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role
from common.clock import parse_day, start_of_day
from common.errors import Refused
from desk.access import role_required, staff_of
from desk.once import answered_once
from desk.settings.calendars.forms import CalendarForm, zone_names
from desk.settings.calendars.listing import lines
from desk.settings.calendars.year import next_days, year_of
from desk.settings.saying import with_link
from sla.policies import catalogue
from staff import calendars
from staff.calendar_terms import FIRST_YEAR, YEARS_AHEAD, Terms, checked
from staff.calendar_use import may_remove, remove_calendar, users_of
from staff.calendar_words import differences, hours_said, place_said, zone_said
from staff.models import Calendar, CalendarVersion
from staff.public_holidays import place_name
from staff.words import hours_in_words, parse_hours, weekday_names

keepers = role_required(Role.ADMIN, Role.MANAGER)
ASKS = frozenset({"more", "remove", "regions", "preview"})
"""Buttons of the form that save nothing."""
HISTORY = 20
"""So many versions are told; earlier ones stay in the database."""


@keepers
@require_safe
def calendar_list(request: HttpRequest) -> HttpResponse:
    """Which calendars there are, and who counts with them."""
    return render(request, "desk/settings/calendars/list.html", {"lines": lines(timezone.now())})


@keepers
@require_safe
def calendar_page(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """A year of a calendar, and what was changed when."""
    row, now = get_object_or_404(Calendar, pk=calendar_id), timezone.now()
    this_year = now.astimezone(ZoneInfo(row.time_zone)).year
    first, last = FIRST_YEAR, this_year + YEARS_AHEAD
    asked = request.GET.get("year", "")
    number = min(max(int(asked[:4]), first), last) if asked.isdecimal() else this_year
    history = _history(row, now)
    held = next((one for one in history if one.is_in_force), None)
    planned = next((one for one in history if one.is_planned), None)
    context = {
        "calendar": row,
        "weekdays": weekday_names(),
        "year": year_of(row, number),
        "history": history,
        "held": held,
        "planned": planned,
        "started_before": STARTED_BEFORE,
        "users": users_of([row.pk])[row.pk],
        "stays": _why_it_stays(row),
        "moves": _moving(row, held),
        "today": now.astimezone(ZoneInfo(row.time_zone)).date(),
        "before": number - 1 if number > first else None,
        "after": number + 1 if number < last else None,
    }
    return render(request, "desk/settings/calendars/calendar.html", context)


@keepers
def calendar_form(request: HttpRequest, calendar_id: int | None = None) -> HttpResponse:
    """A new calendar, or a change; what only asks (a row more, the regions, a preview) saves nothing."""
    row = get_object_or_404(Calendar, pk=calendar_id) if calendar_id else None
    asks = ASKS & request.POST.keys()
    if request.method == "POST" and not asks:
        return _save(request, row)
    form = _form(request, row, typed=bool(asks - {"preview"}))
    return _draw(request, form, row)


@answered_once
def _save(request: HttpRequest, row: Calendar | None) -> HttpResponse:
    form = _form(request, row)
    if form.is_valid():
        data, user = form.cleaned_data, staff_of(request)
        words = {"name": data["name"], "is_default": data["is_default"], "by": user}
        try:
            if row is None:
                saved = calendars.add_calendar(terms=form.terms(), **words)
            else:
                seen = data["seen"].partition(":")[2]
                calendars.change_calendar(row, form.terms(), valid_from=data["valid_from"], seen=seen, **words)
                saved = row
        except Refused as refusal:
            form.refuse(refusal)
            if refusal.code == "changed_meanwhile":
                return _draw(request, form, row, seen_before=data["seen"])
        else:
            messages.success(request, _saved_words(row, saved, data))
            return redirect("desk:calendar", saved.pk)
    return _draw(request, form, row)


@keepers
@require_POST
def calendar_plan_take_back(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """What was planned does not come."""
    row = get_object_or_404(Calendar, pk=calendar_id)
    try:
        calendars.take_back_plan(row, by=staff_of(request))
        messages.success(request, _("The planned change is taken back: the hours of now go on."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:calendar", row.pk)


@keepers
@require_POST
def calendar_remove(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """One that nobody uses goes."""
    row = get_object_or_404(Calendar, pk=calendar_id)
    try:
        remove_calendar(row, by=staff_of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:calendar", row.pk)
    messages.success(request, _("%(name)s is removed.") % {"name": row.name})
    return redirect("desk:calendars")


# --- The form ------------------------------------------------------------------


def _form(request: HttpRequest, row: Calendar | None, *, typed: bool = False) -> CalendarForm:
    user, now = staff_of(request), timezone.now()
    terms = Terms.of(row) if row else Terms(time_zone=user.time_zone, hours=parse_hours("Mon-Fri 9-17"))
    today = now.astimezone(ZoneInfo(terms.time_zone)).date()
    initial: dict[str, Any] = {"name": row.name if row else "", "is_default": bool(row and row.is_default)}
    if row:
        planned = calendars.plan(row, now)
        initial["seen"] = _seen(row)
        if planned and planned.valid_from:
            initial["valid_from"] = planned.valid_from.astimezone(ZoneInfo(planned.time_zone)).date().isoformat()
    data = request.POST if request.method == "POST" else None
    form = CalendarForm(data, terms=terms, today=today, initial=initial, typed=typed)
    if row and row.is_default:
        form.fields["is_default"].disabled = True
    return form


def _draw(request: HttpRequest, form: CalendarForm, row: Calendar | None, *, seen_before: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "form": form, "calendar": row, "zones": zone_names(), "preview": _preview(form),
        "planned": calendars.plan(row, timezone.now()) if row else None,
        "meanwhile": _meanwhile(row, seen_before) if row and seen_before else None,
        "adds_row": "more" in request.POST, "seen": _seen(row) if row and seen_before else form["seen"].value(),
    }  # fmt: skip
    return render(
        request, "desk/settings/calendars/form.html", context, status=422 if form.is_bound and form.errors else 200
    )


def _seen(row: Calendar) -> str:
    last = calendars.last_version(row)
    return f"{last.pk if last else 0}:{calendars.stamp(row)}"


def _meanwhile(row: Calendar, seen: str) -> dict[str, Any]:
    """Who changed what since the form was opened."""
    last = calendars.last_version(row)
    number = seen.partition(":")[0]
    before = row.versions.filter(pk=int(number[:18])).first() if number.isdecimal() else None
    return {"last": last, "says": differences(before, last) if before and last else []}


def _preview(form: CalendarForm) -> dict[str, Any] | None:
    """The next ten days as the form has them; None while it has mistakes."""
    now = timezone.now()
    if form.is_typed:
        return None
    try:
        if form.is_bound:
            if not form.is_valid():
                return None
            terms, day = checked(form.terms(), now), form.cleaned_data.get("valid_from")
        else:
            terms, day = form.was, form.initial.get("valid_from")
            day = parse_day(day) if day else None
        begins = start_of_day(day, terms.time_zone) if day else now
        return {
            "days": next_days(terms, max(begins, now)), "hours": hours_in_words(terms.hours),
            "zone": zone_said(terms.time_zone), "place": place_name(terms.country, terms.subdivision),
        }  # fmt: skip
    except Refused as refusal:
        form.refuse(refusal)
        return None


STARTED_BEFORE = gettext_lazy(
    "Clocks that start before that day keep the hours they started under, until somebody applies to running clocks "
    "what holds then."
)
"""What a change that is planned does not do by itself."""


def _saved_words(row: Calendar | None, saved: Calendar, data: dict[str, Any]) -> str:
    """What happened, and what one may want next."""
    if row is None:
        said = _("%(name)s is added. Give it to a team, or to a policy.") % {"name": data["name"]}
        return with_link(said, reverse("desk:service_levels"), _("Service levels"))
    if data["valid_from"]:
        said = _("Saved. The change holds from the day you chose; until then the hours of now go on. %(before)s")
        return said % {"before": STARTED_BEFORE}
    said = _("Saved. Clocks that start from now on count these hours; those that run keep the hours they started with.")
    held = next((one for one in _history(saved, timezone.now()) if one.is_in_force), None)
    moves = _moving(saved, held)
    return with_link(said, moves, _("Apply to running clocks …")) if moves else said


# --- A calendar's page -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """A version in the history: what it says, and what it says otherwise than the one before."""

    version: CalendarVersion
    hours: str
    zone: str
    place: str
    differs: list[str]
    is_in_force: bool
    is_planned: bool


def _history(row: Calendar, now: datetime) -> list[Told]:
    """The newest first: one query."""
    newest = list(row.versions.select_related("made_by").order_by("-number")[: HISTORY + 1])
    held = max(
        (one for one in newest if one.valid_from is None or one.valid_from <= now),
        key=lambda one: (one.valid_from is not None, one.valid_from or now, one.number), default=None,
    )  # fmt: skip
    befores: list[CalendarVersion | None] = [*newest[1:], None]
    return [
        Told(
            one, hours_said(one), zone_said(one.time_zone), place_said(one), differences(before, one) if before else [],
            one is held, one.valid_from is not None and one.valid_from > now,
        )
        for one, before in list(zip(newest, befores, strict=True))[:HISTORY]
    ]  # fmt: skip


def _moving(row: Calendar, now: Told | None) -> str:
    """Where the clocks that run can be moved to what holds now; nothing where no policy counts with the calendar."""
    held = [
        one.policy_id for one in catalogue().in_force(timezone.now()) if one.is_active and one.calendar_id == row.pk
    ]
    if not held or now is None or now.version.valid_from is None:
        return ""
    return f"{reverse('desk:policy_apply')}?{urlencode({'policy': sorted(held)}, doseq=True)}"


def _why_it_stays(row: Calendar) -> str:
    try:
        may_remove(row)
    except Refused as refusal:
        return str(refusal)
    return ""
