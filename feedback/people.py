"""Surveys follow their customer when two records become one (C2)."""

from customers.merging import Moved, mover, repoint
from customers.models import Person
from feedback.models import Answer, Invitation


@mover
def move_surveys(source: Person, target: Person) -> Moved:
    """What they were asked and what they answered."""
    moved = repoint(Invitation.objects.filter(person=source), "person", target)
    return moved | repoint(Answer.objects.filter(person=source), "person", target)
