"""Changing what is known about a customer: who they are, how to reach them, flags, merging."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import Refused
from customers import merging, operations, policy
from customers.models import CustomerType, Organisation, Person
from customers.plans import give_plan
from desk.access import staff_of, staff_required
from desk.customers.forms import FlagForm, NewPersonForm, OrganisationForm, PersonForm, ReviewForm
from desk.customers.people import about_person, is_oneself, visible_people
from desk.customers.views import known_organisations
from desk.forms import refuse, wanted_next
from desk.once import answered_once
from staff.access import viewer

FORM = "desk/customers/form.html"


@staff_required
@answered_once
def customer_add(request: HttpRequest) -> HttpResponse:
    """A new person. Whoever has the address or number already is shown first."""
    form = NewPersonForm(
        request.POST or None, by=staff_of(request), initial={"name": request.GET.get("name", "")[:150]}
    )
    similar: list[Person] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if not data["anyway"]:
                similar = _similar(request, data["email"], data["phone"])
            if not similar:
                person = _added(request, data)
                messages.success(request, _("%(name)s is added.") % {"name": person})
                return redirect("desk:customer", person.pk)
        except Refused as refusal:
            refuse(form, _at(refusal, emails="email", phones="phone"))
    failed = bool(similar or form.errors)
    return render(request, FORM, {"form": form, "similar": similar}, status=422 if failed else 200)


@about_person("GET", "POST")
@answered_once
def customer_edit(request: HttpRequest, person: Person) -> HttpResponse:
    """Name, belonging, language, zone, notes."""
    if is_oneself(staff_of(request), person):
        return redirect("desk:account")
    form = PersonForm(request.POST or None, person=person, by=staff_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_person(person, by=staff_of(request), **_known(request, form.cleaned_data))
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect("desk:customer", person.pk)
    return render(request, FORM, {"form": form, "person": person}, status=422 if form.errors else 200)


@about_person("POST")
@answered_once
def customer_reach(request: HttpRequest, person: Person) -> HttpResponse:
    """One more address or number; ``next`` says where one was."""
    user, raw = staff_of(request), request.POST.get("reach", "").strip()
    try:
        if "@" in raw:
            operations.add_address(person, raw, by=user)
        else:
            operations.add_phone(person, raw, by=user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(wanted_next(request) or reverse("desk:customer", args=[person.pk]))


@about_person("POST")
def address_main(request: HttpRequest, person: Person, address_id: int) -> HttpResponse:
    """Write to this one from now on."""
    operations.make_main_address(get_object_or_404(person.addresses, pk=address_id), by=staff_of(request))
    return redirect("desk:customer", person.pk)


@about_person("POST")
def address_remove(request: HttpRequest, person: Person, address_id: int) -> HttpResponse:
    """Forget an address."""
    try:
        operations.remove_address(get_object_or_404(person.addresses, pk=address_id), by=staff_of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:customer", person.pk)


@about_person("POST")
def phone_main(request: HttpRequest, person: Person, phone_id: int) -> HttpResponse:
    """Call this one from now on."""
    operations.make_main_phone(get_object_or_404(person.phones, pk=phone_id), by=staff_of(request))
    return redirect("desk:customer", person.pk)


@about_person("POST")
def phone_remove(request: HttpRequest, person: Person, phone_id: int) -> HttpResponse:
    """Forget a number."""
    operations.remove_phone(get_object_or_404(person.phones, pk=phone_id), by=staff_of(request))
    return redirect("desk:customer", person.pk)


@about_person("GET", "POST")
@answered_once
def customer_merge(request: HttpRequest, person: Person) -> HttpResponse:
    """Choose the other record, see what would move, confirm. The page's person is the one who stays."""
    user = staff_of(request)
    chosen = (request.POST if request.method == "POST" else request.GET).get("other", "")
    context: dict[str, Any] = {"person": person}
    status = 200
    if chosen.isdecimal() and len(chosen) < 19:
        rows = visible_people(user).select_related("organisation", "department", "user", "merged_into")
        other = get_object_or_404(rows, pk=int(chosen))
        context["other"] = other
        try:
            policy.may_merge(other, person).demand()
            if request.method == "POST":
                operations.merge_people(other, into=person, by=user)
                messages.success(request, _("The two records are one now."))
                return redirect("desk:customer", person.pk)
            context["moves"] = _in_words(merging.preview(other, into=person, by=user))
        except Refused as refusal:
            context["refusal"], status = refusal, 409
    elif request.method == "POST":
        context["refusal"], status = _("Choose the other record first."), 422
    return render(request, "desk/customers/merge.html", context, status=status)


@about_person("GET", "POST")
@answered_once
def customer_flag(request: HttpRequest, person: Person) -> HttpResponse:
    """Set a flag (C4)."""
    form = FlagForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            operations.set_flag(person, by=staff_of(request), kind=data["kind"], reason=data["reason"], **_ends(data))
        except Refused as refusal:
            refuse(form, _at(refusal, review_at="review_on", expires_at="expires_on"))
        else:
            return redirect("desk:customer", person.pk)
    context = {"form": form, "person": person}
    return render(request, "desk/customers/flag.html", context, status=422 if form.errors else 200)


@about_person("GET", "POST")
@answered_once
def flag_review(request: HttpRequest, person: Person, flag_id: int) -> HttpResponse:
    """Looked at: it stands until when, or it is lifted."""
    flag = get_object_or_404(person.flags.select_related("set_by"), pk=flag_id)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.review_flag(flag, by=staff_of(request), **_ends(form.cleaned_data))
        except Refused as refusal:
            refuse(form, _at(refusal, review_at="review_on", expires_at="expires_on"))
        else:
            return redirect("desk:customer", person.pk)
    may_lift = policy.may_lift_flag(staff_of(request), flag, leads_a_team=viewer(staff_of(request)).is_supervisor)
    context = {"form": form, "person": person, "flag": flag, "may_lift": may_lift}
    return render(request, "desk/customers/flag.html", context, status=422 if form.errors else 200)


@about_person("POST")
def flag_lift(request: HttpRequest, person: Person, flag_id: int) -> HttpResponse:
    """A fresh start (C6)."""
    flag = get_object_or_404(person.flags, pk=flag_id)
    try:
        operations.lift_flag(flag, by=staff_of(request), leads_a_team=viewer(staff_of(request)).is_supervisor)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:customer", person.pk)


@staff_required
def organisation_edit(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """Name, domain, whether its people see each other's tickets."""
    row = get_object_or_404(known_organisations(request), pk=organisation_id)
    form = OrganisationForm(request.POST or None, instance=row, by=staff_of(request))
    if request.method == "POST" and form.is_valid():
        known = {name: value for name, value in form.cleaned_data.items() if name != "plan"}
        try:
            with transaction.atomic():
                operations.change_organisation(Organisation(pk=row.pk), by=staff_of(request), **known)
                if "plan" in form.fields:
                    give_plan(Organisation(pk=row.pk), form.cleaned_data["plan"], by=staff_of(request))
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect("desk:organisation", row.pk)
    context = {"form": form, "organisation": Organisation.objects.get(pk=row.pk)}
    return render(request, FORM, context, status=422 if form.errors else 200)


@transaction.atomic
def _added(request: HttpRequest, data: dict[str, Any]) -> Person:
    known = _known(request, data)
    plan = known.pop("plan", None)
    person = operations.add_person(by=staff_of(request), emails=[data["email"]], phones=[data["phone"]], **known)
    if plan is not None:
        give_plan(person, plan, by=staff_of(request))
    return person


def _known(request: HttpRequest, data: dict[str, Any]) -> dict[str, Any]:
    """The form's fields as the operation wants them; an organisation is found by its name, or made."""
    names = ("name", "called", "kind", "department", "plan", "language", "time_zone", "notes")
    known = {name: data[name] for name in names if name in data}
    name = " ".join(data["organisation"].split())
    row = Organisation.objects.filter(name__iexact=name).first() if name else None
    if name and row is None and data["kind"] == CustomerType.EXTERNAL:
        row = operations.add_organisation(by=staff_of(request), name=name)
    if name and row is None:
        raise Refused(
            _("An organisation is for external customers. Choose a department, or make this person external."),
            code="organisation_of_internal", rule="C2", field="organisation",
        )  # fmt: skip
    return known | {"organisation": row}


def _similar(request: HttpRequest, email: str, phone: str) -> list[Person]:
    """Who has this address or number already, as far as the reader may know."""
    found = {person.pk for person in operations.find_by_address(email)}
    found |= {person.pk for person in operations.find_by_phone(phone, time_zone=staff_of(request).time_zone)}
    rows = visible_people(staff_of(request)).filter(pk__in=found).select_related("organisation", "department")
    return list(rows.order_by("pk"))


def _at(refusal: Refused, **fields: str) -> Refused:
    """The same refusal at the form's own field."""
    refusal.field = fields.get(refusal.field or "", refusal.field)
    return refusal


def _ends(data: dict[str, Any]) -> dict[str, datetime]:
    return {"review_at": _end_of(data["review_on"]), "expires_at": _end_of(data["expires_on"])}


def _end_of(day: date) -> datetime:
    """The last moment of a day in the reader's zone."""
    try:
        return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
    except OverflowError as error:
        raise Refused(_("Choose a nearer day."), code="too_far", rule="C4", field="expires_at") from error


WORDS = {
    "tickets.Ticket.requester": gettext_lazy("Tickets"),
    "tickets.Contact.person": gettext_lazy("Contacts"),
    "tickets.Entry.author_person": gettext_lazy("Messages"),
    "tickets.Participant.person": gettext_lazy("Other people's tickets they take part in"),
    "feedback.Answer.person": gettext_lazy("Survey answers"),
    "customers.EmailAddress.person": gettext_lazy("E-mail addresses"),
    "customers.PhoneNumber.person": gettext_lazy("Telephone numbers"),
    "customers.Purchase.person": gettext_lazy("Products"),
    "customers.Flag.person": gettext_lazy("Flags"),
    "notifications.OutgoingMail.person": gettext_lazy("Mails to them"),
}


def _in_words(counts: dict[str, int]) -> list[tuple[Any, int]]:
    """What a preview shows: the rest (consents, confirmations, invitations) moves too and is summed up."""
    named = [(label, counts[key]) for key, label in WORDS.items() if counts.get(key)]
    rest = sum(count for key, count in counts.items() if key not in WORDS)
    return [*named, *([(_("Other records"), rest)] if rest else [])]
