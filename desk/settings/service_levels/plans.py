"""A support plan in the settings: who has it, given and taken away, its name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from common.errors import Refused
from customers import plans
from customers.models import Organisation, Person, SupportPlan
from desk.access import staff_of
from desk.forms import refuse
from desk.once import answered_once
from desk.settings.service_levels import back, listing, words
from desk.settings.service_levels.forms import OrganisationField
from desk.settings.service_levels.views import managers
from sla.models import PolicyVersion
from sla.policies import catalogue

PAGES = "desk/settings/service_levels"
SHOWN = 200
"""Of each kind, by name; who has more sees how many more there are."""


class GiveForm(forms.Form):
    """Who is to have a plan: an organisation with all its people, or one person."""

    organisation = OrganisationField(label=gettext_lazy("An organisation, with all its people"))
    person = forms.ModelChoiceField(Person.objects.present().filter(erased_at=None), required=False,
                                    widget=forms.HiddenInput, error_messages={
                                        "invalid_choice": gettext_lazy("Choose a person from the list.")})  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not (data.get("organisation") or data.get("person")):
            raise forms.ValidationError(_("Name an organisation or a person."))
        return data


class NameForm(forms.Form):
    """What a plan is called."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)


@managers
@answered_once
@require_POST
def plan_new(request: HttpRequest) -> HttpResponse:
    """A new plan, and on to giving it."""
    try:
        plan = plans.add_plan(request.POST.get("name", ""), by=staff_of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:service_levels")
    return redirect("desk:plan", plan.pk)


@managers
@answered_once
def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Who has a plan; sent, it is given to one more."""
    row = get_object_or_404(SupportPlan, pk=plan_id)
    form = GiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            holders = [one for one in (form.cleaned_data["organisation"], form.cleaned_data["person"]) if one]
            said = {"who": ", ".join(_with_old_plan(one, row) for one in holders), "plan": row}
            before = [(one, one.plan_id) for one in holders if one.plan_id != row.pk]
            with transaction.atomic():
                for holder in holders:
                    plans.give_plan(holder, row, by=staff_of(request))
        except Refused as refusal:
            if refusal.code == "plan_gone":
                return _gone(request, refusal)
            refuse(form, refusal)
        else:
            messages.success(request, _("%(who)s has %(plan)s from now on. Open tickets keep their times.") % said)
            return _to(row, back.address(before))
    return _page(request, row, form, NameForm(initial={"name": row.name}))


def _with_old_plan(holder: Organisation | Person, plan: SupportPlan) -> str:
    """Their name, and the plan that this one takes the place of."""
    if holder.plan is None or holder.plan == plan:
        return str(holder)
    return _("%(who)s (until now %(plan)s)") % {"who": holder, "plan": holder.plan}


@managers
@require_POST
def plan_rename(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The same plan under another name."""
    row = get_object_or_404(SupportPlan, pk=plan_id)
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            plans.rename_plan(row, form.cleaned_data["name"], by=staff_of(request))
        except Refused as refusal:
            if refusal.code == "plan_gone":
                return _gone(request, refusal)
            refuse(form, refusal)
        else:
            messages.success(request, _("The plan is called “%(name)s” from now on.") % form.cleaned_data)
            return redirect("desk:plan", row.pk)
    return _page(request, row, GiveForm(), form)


@managers
@require_POST
def plan_take(request: HttpRequest, plan_id: int) -> HttpResponse:
    """An organisation or a person has it no more."""
    row = get_object_or_404(SupportPlan, pk=plan_id)
    holder, before = back.holder_of(request.POST.get("holder", "")), ""
    if holder is not None and holder.plan_id == row.pk:
        try:
            plans.give_plan(holder, None, by=staff_of(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            said = {"who": holder, "plan": row}
            messages.success(request, _("%(who)s no longer has %(plan)s. Open tickets keep their times.") % said)
            before = back.address([(holder, row.pk)])
    return _to(row, before)


@managers
@require_POST
def plan_back(request: HttpRequest, plan_id: int) -> HttpResponse:
    """An organisation or a person has it again, as before the act that is taken back."""
    row = get_object_or_404(SupportPlan, pk=plan_id)
    holder = back.holder_of(request.POST.get("holder", ""))
    if holder is not None:
        try:
            plans.give_plan(holder, row, by=staff_of(request))
        except Refused as refusal:
            return _gone(request, refusal)
        messages.success(request, _("%(who)s has %(plan)s again.") % {"who": holder, "plan": row})
    return redirect("desk:plan", row.pk)


@managers
@require_POST
def plan_remove(request: HttpRequest, plan_id: int) -> HttpResponse:
    """A plan that nothing refers to is gone."""
    row = get_object_or_404(SupportPlan, pk=plan_id)
    try:
        plans.remove_plan(row, by=staff_of(request))
    except Refused as refusal:
        if refusal.code == "plan_gone":
            return _gone(request, refusal)
        messages.error(request, str(refusal))
        return redirect("desk:plan", row.pk)
    messages.success(request, _("The plan “%(name)s” is gone.") % {"name": row})
    return redirect("desk:service_levels")


def _to(row: SupportPlan, query: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:plan", args=[row.pk]) + query)


def _gone(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Somebody else removed the plan while this page was open: there is no page of it to go back to."""
    messages.error(request, str(refusal))
    return redirect("desk:service_levels")


def _page(request: HttpRequest, row: SupportPlan, form: GiveForm, name_form: NameForm) -> HttpResponse:
    organisations = row.organisations.order_by(Lower("name"))
    people = Person.objects.present().filter(plan=row).select_related("organisation", "department")
    held = [one.pk for one in catalogue().in_force(timezone.now()) if one.plan_id == row.pk and one.is_active]
    asking = listing.with_names(PolicyVersion.objects.filter(pk__in=held))
    context = {
        "plan": row, "form": form, "name_form": name_form,
        "organisations": organisations[:SHOWN], "people": people.order_by(Lower("name"))[:SHOWN],
        "organisation_count": organisations.count(), "person_count": people.count(), "shown": SHOWN,
        "given": back.offered(request.GET, row), "taken": back.offered(request.GET, None),
        "policies": [(one.policy, words.sentence(one)) for one in asking],
    }  # fmt: skip
    failed = form.errors or name_form.errors
    return render(request, f"{PAGES}/plan.html", context, status=422 if failed else 200)
