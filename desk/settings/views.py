"""The settings: teams and their members, colleagues and their roles, what tickets are about, values, targets, brand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role, User
from common.errors import Refused
from desk.access import role_required, staff_of
from desk.forms import refuse
from desk.once import answered_once
from desk.settings.forms import (
    CategoryForm,
    ColleagueForm,
    HoldReasonForm,
    MemberForm,
    TeamForm,
    ValuesForm,
)
from events import values
from events.recording import record
from staff import operations, policy
from staff.access import teams_without_supervisor, viewer
from staff.models import Brand, Membership, Team
from tickets.models import Category, HoldReason

admin_only = role_required(Role.ADMIN)
team_leaders = role_required(Role.ADMIN, Role.SUPERVISOR)
leaders = role_required(Role.ADMIN, Role.SUPERVISOR, Role.MANAGER)
FORM = "desk/settings/form.html"
GROUPS = {
    "closing": _("Closing"),
    "conversation": _("Conversation"),
    "escalations": _("Escalations"),
    "files": _("Files"),
    "holds": _("Holds"),
    "mail": _("Mail"),
    "promises": _("Promises"),
    "reports": _("Reports"),
    "sla": _("Service levels"),
    "transfers": _("Transfers"),
}
"""The groups of values, as people call them."""


@leaders
@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """What can be set: a supervisor sees the teams they lead, a manager service levels, an admin everything."""
    who = viewer(staff_of(request))
    teams = Team.objects.select_related("parent", "supervisor", "calendar").prefetch_related("memberships__user")
    shown = {"leads": who.is_admin or who.is_supervisor, "promises": who.is_admin or who.is_manager}
    if not who.is_admin:
        teams = teams.filter(pk__in=who.supervised_team_ids)
        return render(request, "desk/settings/index.html", {"teams": teams, **shown})
    context = {
        **shown,
        "teams": teams,
        "people": User.objects.filter(staff_profile__isnull=False)
        .select_related("staff_profile").prefetch_related("grants", "memberships__team").order_by("-is_active", "name"),
        "categories": Category.objects.select_related("parent").order_by("parent__name", "name"),
        "reasons": HoldReason.objects.all(),
        "brands": Brand.objects.order_by("-is_default", "name"),
        "groups": GROUPS,
        "headless": set(teams_without_supervisor().values_list("pk", flat=True)),
    }  # fmt: skip
    return render(request, "desk/settings/index.html", context)


@admin_only
@answered_once
def team_add(request: HttpRequest) -> HttpResponse:
    """A new team."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            team = operations.add_team(by=staff_of(request), **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect("desk:team", team.pk)
    return _form(request, form, _("Add a team"))


@team_leaders
def team(request: HttpRequest, team_id: int) -> HttpResponse:
    """A team with its members; its supervisors change members, an admin everything."""
    user = staff_of(request)
    row = get_object_or_404(Team.objects.select_related("supervisor", "calendar"), pk=team_id)
    who = viewer(user)
    if not who.is_admin and row.pk not in who.supervised_team_ids:
        raise Http404
    form = TeamForm(request.POST or None, instance=row) if who.is_admin else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            operations.change_team(row, by=user, **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The team is changed."))
            return redirect("desk:team", row.pk)
    context = {
        "team": row,
        "form": form,
        "member_form": MemberForm(),
        "members": row.memberships.select_related("user__staff_profile").order_by("-role", "user__name"),
        "is_admin": who.is_admin,
    }
    return render(request, "desk/settings/team.html", context, status=422 if form is not None and form.errors else 200)


@team_leaders
@require_POST
def member_add(request: HttpRequest, team_id: int) -> HttpResponse:
    """Let a colleague serve in a team."""
    row = _led_team(request, team_id)
    form = MemberForm(request.POST)
    if form.is_valid():
        try:
            operations.add_member(row, form.cleaned_data["user"], by=staff_of(request), role=form.cleaned_data["role"])
        except Refused as refusal:
            messages.error(request, str(refusal))
    else:
        messages.error(request, _("Choose a colleague from the list."))
    return redirect("desk:team", row.pk)


@team_leaders
@require_POST
def member_remove(request: HttpRequest, team_id: int, user_id: int) -> HttpResponse:
    """They serve elsewhere now."""
    row = _led_team(request, team_id)
    membership = get_object_or_404(Membership.objects.select_related("user"), team=row, user=user_id)
    try:
        operations.remove_member(row, membership.user, by=staff_of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:team", row.pk)


@admin_only
@answered_once
def colleague_add(request: HttpRequest) -> HttpResponse:
    """A new colleague; they choose their password by the reset mail."""
    form = ColleagueForm(request.POST or None, initial={"roles": [Role.AGENT]})
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                data = form.cleaned_data
                user = operations.add_colleague(
                    by=staff_of(request), email=data["email"], name=data["name"], roles=tuple(data["roles"])
                )
                _write_colleague(user, data, by=staff_of(request))
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("%(name)s is added. “I forgot my password” lets them in.") % {"name": user})
            return redirect("desk:settings")
    return _form(request, form, _("Add a colleague"))


@admin_only
@answered_once
def colleague(request: HttpRequest, user_id: int) -> HttpResponse:
    """What a colleague is and may do."""
    row = get_object_or_404(User.objects.select_related("staff_profile"), pk=user_id, staff_profile__isnull=False)
    form = ColleagueForm(request.POST or None, user=row)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                _write_colleague(row, form.cleaned_data, by=staff_of(request))
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("%(name)s is changed.") % {"name": row})
            return redirect("desk:settings")
    return _form(request, form, str(row), colleague=row)


@admin_only
@require_POST
def colleague_active(request: HttpRequest, user_id: int) -> HttpResponse:
    """They left, or are back. Who leaves hands open tickets back to the queue."""
    row = get_object_or_404(User, pk=user_id, staff_profile__isnull=False)
    change = operations.deactivate_user if row.is_active else operations.reactivate_user
    try:
        change(row, by=staff_of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:colleague", row.pk)


@admin_only
@answered_once
def category(request: HttpRequest, category_id: int | None = None) -> HttpResponse:
    """A category of tickets."""
    row = get_object_or_404(Category, pk=category_id) if category_id else None
    return _saved(request, CategoryForm(request.POST or None, instance=row), row or _("Add a category"))


@admin_only
@answered_once
def hold_reason(request: HttpRequest, reason_id: int | None = None) -> HttpResponse:
    """A reason to let a customer wait."""
    row = get_object_or_404(HoldReason, pk=reason_id) if reason_id else None
    return _saved(request, HoldReasonForm(request.POST or None, instance=row), row or _("Add a hold reason"))


@admin_only
def policy_values(request: HttpRequest, group: str) -> HttpResponse:
    """The values of one group of rules."""
    chosen = [one for one in values.definitions() if one.group == group]
    if not chosen or group not in GROUPS:
        raise Http404
    now = values.many(*(one.key for one in chosen))
    form = ValuesForm(chosen, now, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            values.put_many(form.changed(), by=staff_of(request))
        except Refused as refusal:
            refusal.field = (refusal.field or "").replace(".", "__")
            refuse(form, refusal)
        else:
            messages.success(request, _("The values are in force."))
            return redirect("desk:settings")
    return _form(request, form, str(GROUPS[group]))


def _led_team(request: HttpRequest, team_id: int) -> Team:
    row = get_object_or_404(Team, pk=team_id)
    if not policy.may_change_members(staff_of(request), row):
        raise Http404
    return row


def _write_colleague(user: User, data: dict[str, Any], *, by: User) -> None:
    account = {name: data[name] for name in ("name", "called", "language", "time_zone")}
    operations.change_account(user, by=by, **account)
    profile = {name: data[name] for name in ("provider", "job_title", "capacity", "is_duty_supervisor")}
    operations.change_profile(user, by=by, **profile)
    wanted, held = set(data["roles"]), set(user.grants.values_list("role", flat=True))
    for role in sorted(wanted - held):
        operations.grant_role(user, role, by=by)
    for role in sorted(held - wanted):
        operations.revoke_role(user, role, by=by)


def _saved(request: HttpRequest, form: ModelForm[Any], title: object) -> HttpResponse:
    """A plain row of the settings: written by its form, with the event of who changed which fields."""
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                row = form.save()
                record(row, "settings.changed", by=staff_of(request), at=timezone.now(), fields=form.changed_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("desk:settings")
    return _form(request, form, title)


def _form(request: HttpRequest, form: Any, title: object, **more: Any) -> HttpResponse:
    context = {"form": form, "title": str(title), **more}
    return render(request, FORM, context, status=422 if form.errors else 200)
