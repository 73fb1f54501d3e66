"""Mails follow their customer when two records become one (C2)."""

from customers.merging import Moved, mover, repoint
from customers.models import Person
from notifications.models import OutgoingMail


@mover
def move_mails(source: Person, target: Person) -> Moved:
    """What was written to them."""
    return repoint(OutgoingMail.objects.filter(person=source), "person", target)
