"""Who else takes part in a ticket."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from customers.models import Person
from tickets.lifecycle._ground import change, copy_back, locked, moment, tell
from tickets.lifecycle._parts import present
from tickets.models import Participant, Ticket
from tickets.policy import talking as policy


@transaction.atomic
def add_participant(
    ticket: Ticket, *, by: User | None, person: Person, role: str = Participant.Role.CC, at: datetime | None = None
) -> Participant:
    """Somebody takes part: in copy, following, or the one it is done for. Again with another role changes the role.

    ``by`` None is the desk itself: a mail named them in copy.
    """
    if role not in Participant.Role.values:
        raise Malformed(_("There is no such part to take."), code="bad_choice", field="role")
    at, person, mine = moment(at), present(person), locked(ticket)
    if by is not None:
        policy.may_change_participants(by, mine).demand()
    if person.pk == mine.requester_id:
        raise Refused(_("They asked for this ticket already."), code="is_requester", rule="T13", field="person")
    row, made = Participant.objects.get_or_create(ticket=mine, person=person, defaults={"role": role, "since": at})
    if not made and row.role == role:
        return row
    if not made:
        row.role = role
        row.save(update_fields=["role"])
    change(mine)
    tell(mine, "participant_added", by=by, at=at, on_behalf_of=person, role=role)
    copy_back(mine, ticket)
    return row


@transaction.atomic
def remove_participant(
    ticket: Ticket, *, by: User, person: Person, role: str = "", at: datetime | None = None
) -> Ticket:
    """They take part no longer, and see the ticket no longer; what they wrote stays. ``role``: only if in that role."""
    at, mine = moment(at), locked(ticket)
    policy.may_change_participants(by, mine).demand()
    row = Participant.objects.filter(ticket=mine, person=person).first()
    if row is None or (role and row.role != role):
        raise Refused(_("They take no part in this ticket."), code="no_participant", rule="T13", field="person")
    was = row.role
    row.delete()
    change(mine)
    tell(mine, "participant_removed", by=by, at=at, on_behalf_of=person, role=was)
    copy_back(mine, ticket)
    return mine
