"""Log a contact: a call that runs, a visit, a letter, a message left (T1, T7)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from common.errors import Refused
from customers import operations as customers
from customers import search
from customers.models import Person
from desk.access import staff_of, staff_required
from desk.contacts.forms import ContactForm, kind_of
from desk.contacts.saving import known_person, live_contacts, meant_number, save
from desk.customers.people import OPTIONS, is_oneself, visible_people, with_counts
from desk.once import answered_once
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
    person = _person_meant(user, request.POST.get("person") or picked)
    form = ContactForm(
        request.POST or None, zone=user.time_zone, their_zone=person.time_zone if person else "",
        initial={"person": picked, **_direction(request)},
    )  # fmt: skip
    if request.method == "POST":
        try:
            if form.is_valid():
                return save(request, user, form)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "desk/contacts/log.html", _context(user, form, about, person), status=status)


def _direction(request: HttpRequest) -> dict[str, str]:
    """A link beside a number means that we call them."""
    asked = request.GET.get("direction", "")
    return {"direction": asked} if asked in Contact.Direction.values else {}


def _ticket_meant(request: HttpRequest, user: User) -> Ticket | None:
    """The ticket whose page one came from."""
    return Ticket.objects.visible_to(user).filter(number=meant_number(request.GET.get("ticket", ""))).first()


def _person_meant(user: User, pk: object) -> Person | None:
    """Who was picked, among those whom the reader may know of; nobody where it says nothing of ours."""
    return visible_people(user).filter(pk=meant_number(str(pk or ""))).first()


def _context(user: User, form: ContactForm, about: Ticket | None, person: Person | None) -> dict[str, Any]:
    running = live_contacts(user).select_related("person").first()
    known = _known(user, person)
    if about and about not in known["tickets"]:
        known["tickets"].append(about)
    chosen = form["belongs_to"].value() if form.is_bound else about.number if about else None
    return {"form": form, "running": running, "now": timezone.now(), "belongs_to": str(chosen or ""), **known}


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
    person = known_person(user, request.GET.get("person", ""))
    return render(request, "desk/contacts/_about.html", {**_known(user, person), "oob": True})


@staff_required
@require_GET
def who(request: HttpRequest) -> HttpResponse:
    """People as one types, and what was typed as a new customer."""
    user, q = staff_of(request), request.GET.get("q", "").replace("\x00", "").strip()[:150]
    people = with_counts(search.people(q, OPTIONS, within=visible_people(user)), user, timezone.now())
    return render(request, "desk/contacts/_who.html", {"people": people, "q": q, "kind": kind_of(q)})


@staff_required
@require_GET
def same(request: HttpRequest) -> HttpResponse:
    """Who has this number or address already: said before a second record of them is made."""
    user = staff_of(request)
    people: list[Person] = []
    try:
        people = customers.find_by_address(request.GET.get("email", "")[:254].replace("\x00", ""))
        people += customers.find_by_phone(request.GET.get("phone", "")[:60], time_zone=user.time_zone)
    except Refused:
        pass  # not written to its end yet
    known = visible_people(user).filter(pk__in={person.pk for person in people}).select_related("organisation")
    return render(request, "desk/contacts/_same.html", {"people": list(known.order_by("pk")[:3])})


@staff_required
@require_POST
def begin_call(request: HttpRequest) -> HttpResponse:
    """Start the timer: from now on the customer can be asked live (H1)."""
    user = staff_of(request)
    person = known_person(user, request.POST.get("person", ""))
    ticket = None
    if request.POST.get("ticket"):
        ticket = get_object_or_404(Ticket.objects.visible_to(user), number=meant_number(request.POST["ticket"]))
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
