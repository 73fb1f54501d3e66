"""Taking a ticket, and giving it to a colleague of the same team."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed
from staff.access import viewer
from staff.models import Team
from tickets import clocks
from tickets.lifecycle._ground import change, copy_back, locked, moment, tell
from tickets.models import DueChange, Status, Ticket
from tickets.policy.assigning import may_assign_to, may_take


@transaction.atomic
def take(ticket: Ticket, *, by: User, at: datetime | None = None) -> Ticket:
    """It is mine now, and ``new`` becomes ``open`` (T3). Of two who take at once, one is told who has it."""
    given, ticket, now = ticket, locked(ticket), moment(at)
    may_take(by, ticket).demand()

    fields = _owned(ticket, by)
    if ticket.team_id is None and len(mine := viewer(by).team_ids) == 1:
        fields["team_id"] = next(iter(mine))
    _write(ticket, fields, at=now)
    tell(ticket, "taken", by=by, at=now, to=by.pk, team=ticket.team_id)
    copy_back(ticket, given)
    return given


@transaction.atomic
def assign(
    ticket: Ticket, *, by: User, to: User | None = None, team: Team | None = None, at: datetime | None = None
) -> Ticket:
    """Give it to a colleague of its team, back to the team (``to`` None), or to a first team; across teams: X1."""
    given, ticket, now = ticket, locked(ticket), moment(at)
    may_assign_to(by, ticket, to=to, team=team).demand()
    if to is None and team is None and ticket.team_id is None:
        raise Malformed(_("Say to whom, or to which team."), code="nobody_named", field="to")

    before: dict[str, Any] = {"from": ticket.assignee_id, "from_team": ticket.team_id}
    fields: dict[str, Any] = _owned(ticket, to) if to is not None else {"assignee_id": None}
    if team is not None:
        fields["team_id"] = team.pk
    _write(ticket, fields, at=now)
    tell(ticket, "assigned", by=by, at=now, **before, to=ticket.assignee_id, team=ticket.team_id)
    copy_back(ticket, given)
    return given


def _owned(ticket: Ticket, user: User) -> dict[str, Any]:
    """What changes when somebody becomes the one who answers for a ticket."""
    return {
        "assignee_id": user.pk,
        "first_agent_id": ticket.first_agent_id or user.pk,
        "status": Status.OPEN if ticket.status == Status.NEW else ticket.status,
    }


def _write(ticket: Ticket, fields: dict[str, Any], *, at: datetime) -> None:
    """Another team may come under another policy; the clocks run on (S2, X7)."""
    change(ticket, **fields)
    if "team_id" in fields:
        clocks.reprioritise(ticket, at=at, cause=DueChange.Cause.POLICY)
    else:
        clocks.refresh_queue(ticket)
