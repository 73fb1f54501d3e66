"""Log a contact: a call that runs, a visit, a letter, a message left (T1, T7)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from common.errors import Refused
from customers import operations as customers
from customers.models import CustomerType, Person
from desk.access import staff_of, staff_required
from desk.contacts.forms import ALONE, NEW, ContactForm
from desk.customers.people import is_oneself, visible_people
from desk.once import answered_once
from staff.models import Team
from tickets import lifecycle
from tickets.models import Channel, Contact, Ticket


@staff_required
@require_http_methods(["GET", "POST"])
@answered_once
def log_contact(request: HttpRequest) -> HttpResponse:
    """The form, and what it does: write down, and open or join a ticket, then work on it."""
    user = staff_of(request)
    about = _ticket_meant(request, user)
    picked = about.requester_id if about else request.GET.get("person")
    form = ContactForm(request.POST or None, zone=user.time_zone, initial={"person": picked})
    if request.method == "POST":
        try:
            if form.is_valid():
                return _save(request, user, form)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "desk/contacts/log.html", _context(user, form, about), status=status)


def _ticket_meant(request: HttpRequest, user: User) -> Ticket | None:
    """The ticket whose page one came from."""
    return Ticket.objects.visible_to(user).filter(number=_number(request.GET.get("ticket", ""))).first()


def _save(request: HttpRequest, user: User, form: ContactForm) -> HttpResponse:
    data = form.cleaned_data
    belongs_to = data["belongs_to"]
    with transaction.atomic():
        running = _running(user, data)
        person = _person(user, data, running)
        joined = []
        if belongs_to not in ("", NEW, ALONE):
            joined = [get_object_or_404(Ticket.objects.visible_to(user), number=_number(belongs_to))]
        # who works on it has the customer on the line still: only then they can be asked live (H1)
        goes_on = running is not None and data["minutes"] is None and request.POST.get("then") != "resolve"
        fields = form.contact_fields()
        if fields["ticket_fields"] is not None:
            fields["ticket_fields"]["team"] = _team(user)
        _contact, tickets = lifecycle.log_contact(
            by=user, person=person, tickets=joined, contact=running, keep_live=goes_on, **fields
        )
    if not tickets:
        messages.success(request, _("The contact is written down."))
        return redirect("desk:home")
    if request.POST.get("then") == "resolve":
        return redirect("desk:resolve", tickets[-1].number)
    return redirect("desk:ticket", tickets[-1].number)


def _number(text: str) -> int:
    """What a link or a hidden field says; 0, which is nothing of ours, where it says no number."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _known_person(user: User, text: str) -> Person | None:
    """Who is meant, among those whom this member of staff may know of (T13); who is not among them does not exist."""
    return (
        get_object_or_404(visible_people(user).filter(merged_into=None, erased_at=None), pk=_number(text))
        if text
        else None
    )


def _person(user: User, data: dict[str, Any], running: Contact | None) -> Person | None:
    """Who was picked, or a new person of that name, or whom one speaks with, or nobody we know yet (T7)."""
    if data["person"]:
        return _known_person(user, str(data["person"]))
    if data["person_name"].strip():
        phones = [data["phone"]] if data["phone"] else []
        return customers.add_person(by=user, name=data["person_name"], kind=CustomerType.EXTERNAL, phones=phones)
    if running is None:
        return None
    if data["phone"]:
        customers.add_phone(running.person, data["phone"], by=user)
    return running.person


def _team(user: User) -> Team | None:
    """The team of who picked up; who serves in several decides on the ticket's page."""
    teams = list(Team.objects.filter(memberships__user=user, is_active=True).distinct()[:2])
    return teams[0] if len(teams) == 1 else None


def _running(user: User, data: dict[str, Any]) -> Contact | None:
    return _live(user).filter(channel=data["way"]).first() if data["way"] in ("phone", "in_person") else None


def _live(user: User) -> Any:
    """A call or visit of mine that runs."""
    return Contact.objects.filter(handled_by=user, ended_at=None, outcome=Contact.Outcome.TALKED).order_by(
        "-happened_at"
    )


def _context(user: User, form: ContactForm, about: Ticket | None) -> dict[str, Any]:
    person = visible_people(user).filter(pk=_number(str(form["person"].value() or ""))).first()
    running = _live(user).select_related("person").first()
    known = _known(user, person)
    if about and about not in known["tickets"]:
        known["tickets"].append(about)
    chosen = about.number if about else None
    return {"form": form, "running": running, "now": timezone.now(), "belongs_to": chosen, **known}


def _known(user: User, person: Person | None) -> dict[str, Any]:
    """What to know before one goes on: flags first, then what is open (C3, C4)."""
    if person is None:
        return {"person": None, "flags": [], "tickets": []}
    tickets = Ticket.objects.visible_to(user).filter(requester=person).order_by("-updated_at", "-pk")[:6]
    flags = [] if is_oneself(user, person) else list(person.flags.in_force(timezone.now()))
    return {"person": person, "flags": flags, "tickets": list(tickets)}


@staff_required
@require_GET
def about(request: HttpRequest) -> HttpResponse:
    """The card of who was picked, and the tickets this may belong to."""
    user = staff_of(request)
    person = _known_person(user, request.GET.get("person", ""))
    return render(request, "desk/contacts/_about.html", {**_known(user, person), "choose": True})


@staff_required
@require_POST
def begin_call(request: HttpRequest) -> HttpResponse:
    """Start the timer: from now on the customer can be asked live (H1)."""
    user = staff_of(request)
    person = _known_person(user, request.POST.get("person", ""))
    ticket = None
    if request.POST.get("ticket"):
        ticket = get_object_or_404(Ticket.objects.visible_to(user), number=_number(request.POST["ticket"]))
        person = person or ticket.requester
    channel = request.POST.get("channel", Channel.PHONE)
    direction = request.POST.get("direction", Contact.Direction.INBOUND)
    try:
        with transaction.atomic():
            lifecycle.begin_contact(
                by=user,
                person=person or customers.unknown_caller(by=user),
                channel=channel,
                direction=direction,
                tickets=[ticket] if ticket else [],
            )
    except Refused as refusal:
        messages.warning(request, str(refusal))
    if ticket:
        return redirect("desk:ticket", ticket.number)
    return redirect(reverse("desk:log_contact") + (f"?person={person.pk}" if person else ""))


@staff_required
@require_POST
def end_call(request: HttpRequest, pk: int) -> HttpResponse:
    """The conversation is over."""
    user = staff_of(request)
    contact = get_object_or_404(Contact.objects.filter(handled_by=user), pk=pk)
    lifecycle.end_contact(contact, by=user)
    ticket = contact.tickets.filter(pk__in=Ticket.objects.visible_to(user)).order_by("-pk").first()
    return redirect("desk:ticket", ticket.number) if ticket else redirect("desk:log_contact")
