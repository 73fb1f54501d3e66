"""Policies in the settings: seen in their order, set up, revised, put in order, retired."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role, User
from common.errors import Refused
from customers.models import SupportPlan
from customers.plans import add_plan, in_use
from desk.access import role_required, staff_of
from desk.forms import refuse
from desk.once import answered_once
from desk.settings.saying import with_link
from desk.settings.service_levels import hints, listing, words
from desk.settings.service_levels.forms import DAY, EVER, NEW, NOW, PRIORITIES, PolicyForm
from desk.settings.service_levels.new_hours import calendar_of
from sla import operations, policies
from sla.models import Policy, PolicyVersion
from staff.models import Calendar

managers = role_required(Role.MANAGER, Role.ADMIN)
PAGES = "desk/settings/service_levels"


@managers
@require_safe
def service_levels(request: HttpRequest) -> HttpResponse:
    """All policies in the order in which they are tried, and the support plans."""
    return render(request, f"{PAGES}/list.html", {"found": listing.load(timezone.now()), "plans": listing.plans()})


@managers
@answered_once
def policy_add(request: HttpRequest) -> HttpResponse:
    """A new policy."""
    user = staff_of(request)
    form = PolicyForm(request.POST or None, by=user, initial=_began(request))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                plan, is_new = _plan(form, user)
                now = timezone.now()
                terms = form.terms(plan=plan, calendar=_calendar(form, user))
                begins = None if form.cleaned_data["holds"] == EVER else form.begins() or now
                made = operations.add_policy(form.title(), terms, by=user, valid_from=begins, at=now)
        except Refused as refusal:
            _refuse(form, refusal)
        else:
            _tell_hints(request, made.policy)
            if plan and is_new:
                said = _("“%(name)s” is set up. Say now who has %(plan)s: until then nobody is promised it.")
                messages.success(request, said % {"name": form.title(), "plan": plan})
                return redirect("desk:plan", plan.pk)
            said = _SET_UP[form.cleaned_data["holds"]] % {"name": form.title()}
            messages.success(request, with_link(said, reverse("desk:simulator"), _("Try it in the simulator")))
            return redirect("desk:service_levels")
    return _form(request, form, {"title": _("Add a policy")})


@managers
@answered_once
def policy(request: HttpRequest, policy_id: int) -> HttpResponse:
    """What a policy says, and said before; saved, it says something else from a moment on."""
    user, row = staff_of(request), get_object_or_404(Policy, pk=policy_id)
    newest = _newest(row)
    form = PolicyForm(request.POST or None, by=user, version=newest)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                plan, is_new = _plan(form, user)
                operations.revise_policy(
                    row, form.terms(plan=plan, calendar=_calendar(form, user)), by=user, name=form.title(),
                    valid_from=form.begins(), since_ever=form.cleaned_data["holds"] == EVER,
                    seen=form.cleaned_data["seen"],
                )  # fmt: skip
        except Policy.DoesNotExist as gone:
            raise Http404 from gone
        except Refused as refusal:
            _refuse(form, refusal)
        else:
            _tell_saved(request, row, form.cleaned_data["holds"], was_in_use=newest.is_active)
            return redirect("desk:plan", plan.pk) if plan and is_new else redirect("desk:service_levels")
    history = listing.history(row, timezone.now())
    planned = [one["version"] for one in history if one["is_planned"]]
    context = {"title": str(row), "policy": row, "history": history, "newest": newest, "planned": planned,
               "hints": hints.of_policy(row, timezone.now())}  # fmt: skip
    return _form(request, form, context | _meanwhile(form, history))


@managers
@require_POST
def policy_move(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Let it be tried before or after another that asks for equally many things."""
    row = get_object_or_404(Policy, pk=policy_id)
    up = "before" in request.POST
    past = request.POST.get("before" if up else "after", "")
    other = Policy.objects.filter(pk=int(past)).first() if past.isdecimal() and len(past) < 18 else None
    try:
        if other is None:
            raise Refused(_("Choose the policy that it is to pass."), code="no_policy")
        operations.move_policy(row, past=other, up=up, by=staff_of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    response = redirect("desk:service_levels")
    response["Location"] += f"#policy-{row.pk}"
    return response


@managers
@answered_once
def policy_retire(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Promise it to nobody else; before, the page says what then holds for its customers."""
    row = get_object_or_404(Policy, pk=policy_id)
    newest = _newest(row)
    if request.method == "POST":
        try:
            operations.retire_policy(row, by=staff_of(request))
        except Policy.DoesNotExist as gone:
            raise Http404 from gone
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(
                request,
                _("“%(name)s” is promised to nobody else. Clocks that run under it keep their times.") % {"name": row},
            )
        return redirect("desk:service_levels")
    named = get_object_or_404(listing.with_names(PolicyVersion.objects.all()), pk=newest.pk)
    successor = _without(newest)
    after = listing.with_names(PolicyVersion.objects.filter(pk=successor.pk)).first() if successor else None
    context = {
        "policy": row, "says": words.sentence(named), "after": after, "then": words.sentence(after) if after else "",
    }  # fmt: skip
    return render(request, f"{PAGES}/retire.html", context)


@managers
@require_POST
def policy_take_back(request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
    """What was planned is not to be."""
    version = get_object_or_404(PolicyVersion, pk=version_id, policy=policy_id)
    try:
        operations.take_back(version, by=staff_of(request))
    except Policy.DoesNotExist as gone:
        raise Http404 from gone
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The planned version is taken back: what holds now goes on."))
    return redirect("desk:policy", policy_id)


def _newest(row: Policy) -> PolicyVersion:
    """What its form starts from; a policy that never was in force may be gone by now."""
    newest = row.versions.select_related("policy").order_by("-number").first()
    if newest is None:
        raise Http404
    return newest


def _began(request: HttpRequest) -> dict[str, Any]:
    """What a new policy starts from: a plan that the reader came from."""
    return {"plan": request.GET.get("plan", "")[:60], "calendar": NEW, "customer_type": request.GET.get("for", "")}


def _plan(form: PolicyForm, user: User) -> tuple[SupportPlan | None, bool]:
    """The plan that was named, and whether it had to be made."""
    name = form.cleaned_data["plan"].strip()
    found = form.known_plan()
    if not name:
        return None, False
    try:
        if found:
            return in_use(found), False
        return add_plan(name, by=user), True
    except Refused as refusal:
        refusal.field = "plan"
        raise


def _calendar(form: PolicyForm, user: User) -> Calendar | None:
    """The calendar that was chosen, or made of the hours that were written."""
    data = form.cleaned_data
    if data["calendar"] != NEW:
        return form.chosen_calendar()
    return calendar_of(data["new_hours"], data["new_zone"] or "UTC", data["new_country"], by=user)


def _without(version: PolicyVersion) -> PolicyVersion | None:
    """What would be picked for a ticket that just fits a policy, were it not there."""
    facts = policies.Facts(
        customer_type=version.customer_type or "external", channel=version.channel or "email",
        ticket_type=version.ticket_type or "question", priority=version.priority or 2,
        organisation_id=version.organisation_id, department_id=version.department_id, plan_id=version.plan_id,
        team_id=version.team_id,
    )  # fmt: skip
    rest = [one for one in policies.candidates(facts) if one.version.policy_id != version.policy_id]
    return next((one.version for one in rest if one.fits or one.version.policy.is_default), None)


def _meanwhile(form: PolicyForm, history: list[dict[str, Any]]) -> dict[str, Any]:
    """Somebody else saved while this form was open: what they changed, and a form that may be saved over it."""
    seen = form.cleaned_data.get("seen") if form.is_bound and hasattr(form, "cleaned_data") else None
    newest = history[0]["version"].pk if history else None
    if not seen or not newest or seen == newest:
        return {}
    given: Any = form.data
    form.data = given = given.copy()
    given["seen"] = str(newest)
    return {"meanwhile": [one for one in history if one["version"].pk > seen]}


def _tell_hints(request: HttpRequest, row: Policy) -> None:
    """What may have been overlooked in what it says now."""
    for hint in hints.of_policy(row, timezone.now()):
        messages.warning(request, hint)


def _tell_saved(request: HttpRequest, row: Policy, holds: str, *, was_in_use: bool) -> None:
    """What was saved holds for whom, and where the clocks that run are moved to it."""
    said = _SAVED[holds] if was_in_use else _BACK
    _tell_hints(request, row)
    if holds == DAY:
        messages.success(request, said)
        return
    url = f"{reverse('desk:policy_apply')}?policy={row.pk}"
    messages.success(request, with_link(said, url, _("Apply to running clocks …")))


_SET_UP = {
    NOW: gettext_lazy("“%(name)s” is set up. It holds for clocks that start from now on."),
    DAY: gettext_lazy("“%(name)s” is set up. It holds for clocks that start from the day you chose."),
    EVER: gettext_lazy("“%(name)s” is set up. It holds for clocks that start at any time; those that run keep theirs."),
}
_SAVED = {
    NOW: gettext_lazy("Saved. It holds for clocks that start from now on; those that run keep their times."),
    DAY: gettext_lazy("Saved. It holds for clocks that start from the day you chose; until then nothing changes."),
    EVER: gettext_lazy("Saved. It holds for clocks that start at any time; those that run keep their times."),
}
_BACK = gettext_lazy("Saved, and in use again. Clocks that run already keep their times.")
FIELDS = {
    "country": "new_country", "hours": "new_hours", "time_zone": "new_zone", "targets": "first_response",
    "warnings": "warn_owner_percent", "valid_from": "holds_day",
}  # fmt: skip


def _refuse(form: PolicyForm, refusal: Refused) -> None:
    if refusal.code == "name_taken":
        form.taken = Policy.objects.filter(name__iexact=" ".join(form.title().split())).first()
    refusal.field = FIELDS.get(refusal.field or "", refusal.field)
    refuse(form, refusal)


def _form(request: HttpRequest, form: PolicyForm, more: dict[str, Any]) -> HttpResponse:
    context = {"form": form, "rows": list(form.rows()), "priorities": [one.label for one in PRIORITIES], **more}
    return render(request, f"{PAGES}/policy.html", context, status=422 if form.errors else 200)
