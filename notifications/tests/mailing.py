"""Notices made at chosen times, and their mails sent, for tests."""

from datetime import timedelta

import time_machine

from events.models import Event
from notifications import sending
from notifications.models import Notice

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def send(mail, moment, server=None):
    with time_machine.travel(moment, tick=False):
        return sending.send(mail.pk, connection=server)


def many_notices(user, tickets, kind="ticket.sla_breached", **fields):
    events = Event.objects.bulk_create(
        Event(
            kind=kind, subject_kind="ticket", subject_id=ticket.pk, subject_seq=900 + place, actor_kind="system",
            happened_at=fields["created_at"],
        )
        for place, ticket in enumerate(tickets)
    )  # fmt: skip
    return Notice.objects.bulk_create(
        Notice(user=user, event=event, kind=kind, ticket=ticket, **fields)
        for ticket, event in zip(tickets, events, strict=True)
    )
