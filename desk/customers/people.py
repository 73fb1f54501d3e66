"""Whom a member of staff may know of, and loading what is known about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect

from accounts.models import User
from customers.merging import present
from customers.models import Flag, Person
from desk.access import View, staff_of, staff_required
from staff.access import viewer
from tickets.models import Contact, Participant, Ticket

OPTIONS = 8


def visible_people(user: User) -> QuerySet[Person]:
    """Everybody for in-house staff; for others those of their teams' tickets and those they met themselves (T13)."""
    if not viewer(user).is_third_party:
        return Person.objects.all()
    tickets = Ticket.objects.visible_to(user)
    return Person.objects.filter(
        Q(pk__in=tickets.values("requester"))
        | Q(pk__in=Participant.objects.filter(ticket__in=tickets).values("person"))
        | Q(pk__in=Contact.objects.filter(handled_by=user).values("person"))
    )


def is_oneself(user: User, person: Person) -> bool:
    """A colleague who looks at their own page is the customer there: no flags, no notes (C4, T13)."""
    return viewer(user).person_id == person.pk


def about_person(*methods: str) -> Callable[[Callable[..., HttpResponse]], View]:
    """A view about one person: ``view(request, person, …)``. Unknown or out of sight: 404; merged: on to who stayed."""

    def decorate(view: Callable[..., HttpResponse]) -> View:
        @staff_required
        @wraps(view)
        def guard(request: HttpRequest, person_id: int, **kwargs: Any) -> HttpResponse:
            rows = visible_people(staff_of(request)).select_related("organisation", "department", "user", "merged_into")
            person = get_object_or_404(rows, pk=person_id) if person_id < 2**63 else None
            if person is None:
                raise Http404
            if request.method not in (*methods, "HEAD"):
                return HttpResponseNotAllowed(methods)
            if person.merged_into_id:
                return redirect("desk:customer", present(person).pk)
            return view(request, person, **kwargs)

        return guard

    return decorate


def open_tickets(people: Iterable[Person], user: User) -> dict[int, int]:
    """How many open tickets each has that the reader may see: one query."""
    rows = Ticket.objects.visible_to(user).active().filter(requester__in=[person.pk for person in people])
    return dict(rows.order_by().values_list("requester").annotate(Count("pk")))


def with_counts(people: list[Person], user: User, now: Any) -> list[Person]:
    """Each person with ``open_count`` and ``shown_flags`` (those in force), from what is loaded and one query more."""
    counts = open_tickets(people, user) if people else {}
    for person in people:
        flags = [] if is_oneself(user, person) else flags_in_force(person, now)
        vars(person).update(open_count=counts.get(person.pk, 0), shown_flags=flags)
    return people


def flags_in_force(person: Person, now: Any) -> list[Any]:
    """From the flags that are loaded."""
    return [flag for flag in person.flags.all() if flag.lifted_at is None and flag.expires_at > now]


def flagged(rows: QuerySet[Person], now: Any) -> QuerySet[Person]:
    """Those with a flag in force."""
    return rows.filter(Exists(Flag.objects.in_force(now).filter(person=OuterRef("pk"))))
