"""What saving the form of a contact does, all in one transaction: write down, promise, resolve (T1, T7, T8)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Refused
from customers import operations as customers
from customers.models import CustomerType, Person
from desk.contacts.forms import ALONE, LIVE, NEW, ContactForm
from desk.customers.people import visible_people
from staff.models import Team
from tickets import lifecycle
from tickets.models import Closure, Contact, Promise, Ticket

RESOLVES = ("resolve", "solved")


def save(request: HttpRequest, user: User, form: ContactForm) -> HttpResponse:
    """Write the contact down, then go where it is worked on."""
    then = request.POST.get("then", "")
    with transaction.atomic():
        contact, tickets = _log(user, form, goes_on=then not in RESOLVES)
        made = _promise(user, form, contact, tickets)
    if not tickets:
        messages.success(request, _("The contact is written down."))
        return redirect("desk:home")
    if then in RESOLVES and not _resolve(request, user, contact, tickets[-1], made, solved=then == "solved"):
        return redirect("desk:resolve", tickets[-1].number)
    return redirect("desk:ticket", tickets[-1].number)


def _log(user: User, form: ContactForm, *, goes_on: bool) -> tuple[Contact, list[Ticket]]:
    data, fields = form.cleaned_data, form.contact_fields()
    running = _running(user, data)
    person = _person(user, data, running)
    joined = []
    if data["belongs_to"] not in ("", NEW, ALONE):
        joined = [get_object_or_404(Ticket.objects.visible_to(user), number=meant_number(data["belongs_to"]))]
    # who works on it has the customer on the line still: only then they can be asked live (H1)
    if running is None and goes_on and form.is_still_on:
        person = person or customers.unknown_caller(by=user, phone=data["phone"])
        running = lifecycle.begin_contact(
            by=user, person=person, channel=fields["channel"], direction=fields["direction"],
            at=fields["happened_at"] or timezone.now(),
        )  # fmt: skip
    if fields["ticket_fields"] is not None:
        fields["ticket_fields"]["team"] = _team(user)
    keep_live = running is not None and goes_on and data["minutes"] is None
    return lifecycle.log_contact(by=user, person=person, tickets=joined, contact=running, keep_live=keep_live, **fields)


def _promise(user: User, form: ContactForm, contact: Contact, tickets: list[Ticket]) -> Promise | None:
    """The call back that was promised while one spoke (T8)."""
    due_at = form.cleaned_data["call_back_at"]
    if due_at is None or not tickets:
        return None
    try:
        return lifecycle.promise(
            tickets[-1], by=user, kind=Promise.Kind.CALL_BACK, due_at=due_at, contact=contact,
            text=form.cleaned_data["agreed"].strip()[:300].split("\n")[0],
        )  # fmt: skip
    except Refused as refusal:
        refusal.field = "call_back"
        raise


def _resolve(
    request: HttpRequest, user: User, contact: Contact, ticket: Ticket, made: Promise | None, *, solved: bool
) -> bool:
    """Resolve at once, and note that they say it is solved (T4); False where its own form must ask more (T12)."""
    try:
        with transaction.atomic():
            lifecycle.resolve(ticket, by=user, promises={made.pk: "outlive"} if made else {})
            if solved and contact.is_conversation:
                via = Closure.Via.PHONE if contact.channel == "phone" else Closure.Via.IN_PERSON
                lifecycle.confirm(ticket, by=user, solved=True, via=via, contact=contact)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return False
    words = _("Solved, as the customer says.") if solved else _("Resolved. The customer is asked whether it is solved.")
    messages.success(request, words)
    return True


def meant_number(text: str) -> int:
    """What a link or a hidden field says; 0, which is nothing of ours, where it says no number."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def known_person(user: User, text: str) -> Person | None:
    """Who is meant, among those whom this member of staff may know of (T13); who is not among them does not exist."""
    rows = visible_people(user).filter(merged_into=None, erased_at=None)
    return get_object_or_404(rows, pk=meant_number(text)) if text else None


def live_contacts(user: User) -> Any:
    """A call or visit of mine that runs."""
    mine = Contact.objects.filter(handled_by=user, ended_at=None, outcome=Contact.Outcome.TALKED)
    return mine.order_by("-happened_at")


def _running(user: User, data: dict[str, Any]) -> Contact | None:
    return live_contacts(user).filter(channel=data["way"]).first() if data["way"] in LIVE else None


def _person(user: User, data: dict[str, Any], running: Contact | None) -> Person | None:
    """Who was picked, or a new person of that name, or whom one speaks with, or nobody we know yet (T7)."""
    if data["person"]:
        return known_person(user, str(data["person"]))
    phones, emails = ([data[name]] if data[name].strip() else [] for name in ("phone", "email"))
    if data["person_name"].strip() or emails:
        try:
            return customers.add_person(
                by=user, name=data["person_name"], kind=CustomerType.EXTERNAL, phones=phones, emails=emails
            )
        except Refused as refusal:
            refusal.field = {"phones": "phone", "emails": "email", "name": "person_name"}.get(refusal.field or "")
            raise
    if running is None:
        return None
    if phones:
        customers.add_phone(running.person, phones[0], by=user)
    return running.person


def _team(user: User) -> Team | None:
    """The team of who picked up; who serves in several decides on the ticket's page."""
    teams = list(Team.objects.filter(memberships__user=user, is_active=True).distinct()[:2])
    return teams[0] if len(teams) == 1 else None
