"""What of a customer's history stands in tickets: it follows them when two records become one (C2)."""

from __future__ import annotations

from django.db.models import F
from django.utils import timezone

from customers.merging import Moved, mover, repoint
from customers.models import Person
from tickets.models import Closure, Contact, Entry, Hold, Participant, Ticket


@mover
def move_tickets(source: Person, target: Person) -> Moved:
    """Tickets, contacts, what they wrote, consented to and confirmed. Events stay as they were written (T6)."""
    tickets = Ticket.objects.filter(requester=source)
    own = [ticket.pk for ticket in tickets.select_for_update(of=("self",)).order_by("pk")]
    Ticket.objects.filter(pk__in=own).update(requester=target, version=F("version") + 1, updated_at=timezone.now())
    moved: Moved = {"tickets.Ticket.requester": own}
    moved |= repoint(Contact.objects.filter(person=source), "person", target)
    moved |= repoint(Entry.objects.filter(author_person=source), "author_person", target)
    moved |= repoint(Hold.objects.filter(consent_person=source), "consent_person", target)
    moved |= repoint(Closure.objects.filter(answered_by=source), "answered_by", target)
    return moved | _move_participations(source, target)


def _move_participations(source: Person, target: Person) -> Moved:
    """Who takes part twice, as two records, takes part once; whose ticket it is, is no participant of it."""
    there = set(Participant.objects.filter(person=target).values_list("ticket", flat=True))
    there.update(Ticket.objects.filter(requester=target).values_list("pk", flat=True))
    Participant.objects.filter(person=source, ticket__in=there).delete()
    Participant.objects.filter(person=target, ticket__requester=target).delete()
    return repoint(Participant.objects.filter(person=source), "person", target)
