"""Many notices at one moment are the same as each by itself, and cost no query more (S4, N1)."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from events import dispatch
from events.models import Delivery
from notifications.models import Notice, OutgoingMail
from staff.models import Brand, StaffProfile
from tickets import enforcement, lifecycle
from tickets.models import Participant, Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def at_once(make_ticket, carol, alice, bob, sara, tier1, billing, choose, make_person, monday):
    """Tickets of several teams and owners whose warnings and breaches fall due on Monday at nine."""
    choose(alice, "all", quiet=("08:00", "11:00"))
    choose(sara, "urgent")
    StaffProfile.objects.filter(user=bob).update(availability="away")
    brand = Brand.objects.create(name="Other", sender_address="other@desk.example")
    type(billing).objects.filter(pk=billing.pk).update(brand=brand)
    found = []
    for place in range(8):
        since, team = DAY if place % 2 else 18 * HOUR, (tier1, billing, None)[place % 3]
        ticket = make_ticket(carol, at=monday - since, team=team)
        owner, priority = (alice, bob, None)[place % 3], 4 if place == 5 else 2
        Ticket.objects.filter(pk=ticket.pk).update(assignee=owner, status="open", priority=priority)
        found.append(ticket)
    Participant.objects.create(ticket=found[1], person=make_person("Dora", email="dora@x.example"), role="cc")
    with time_machine.travel(monday, tick=False), dispatch.silenced():
        Delivery.objects.all().delete()
        lifecycle.escalate(found[0], by=alice, reason="legal_threat")
        enforcement.enforce()
    return found


def rows():
    """What stands in the tables, but for keys and what is drawn by lot."""
    notices = Notice.objects.order_by("event", "user").values()
    mails = OutgoingMail.objects.order_by("event", "recipient").values()
    lots = ("id", "public_id", "message_id")
    return [{name: value for name, value in row.items() if name not in lots} for row in [*notices, *mails]]


def test_together_as_one_by_one__S4_N1(at_once, monday):
    owed = list(Delivery.objects.filter(done_at=None).order_by("pk").values_list("pk", flat=True))
    with time_machine.travel(monday, tick=False):
        with transaction.atomic():
            assert sum(dispatch.run(pk) for pk in owed) == len(owed)
            alone = rows()
            transaction.set_rollback(True)

        assert dispatch.run_many(owed) == len(owed)

    assert rows() == alone
    kinds = {row.get("kind") or row["template"] for row in alone}
    assert {"ticket.sla_warned", "ticket.sla_breached", "ticket.escalated", "reply"} <= kinds
    assert {row.get("because") for row in alone} >= {"", "quiet"}
    assert "dora@x.example" in {row.get("recipient") for row in alone}


def test_more_of_them_cost_no_query_more(at_once, monday):
    costs = {}
    for kind in ("ticket.sla_breached", "ticket.sla_warned", "ticket.escalated"):
        rows_of_kind = Delivery.objects.filter(done_at=None, event__kind=kind, event__actor=None).order_by("pk")
        owed = list(rows_of_kind.values_list("pk", "reaction"))
        label = owed[-1][1]
        pks = [pk for pk, reaction in owed if reaction == label]
        assert len(pks) >= 4
        with time_machine.travel(monday, tick=False):
            for some in (pks[:2], pks[2:]):
                with CaptureQueriesContext(connection) as asked:
                    assert dispatch.run_many(some) == len(some)
                costs.setdefault(kind, []).append(len(asked))

    assert all(more <= few for few, more in costs.values()), costs
