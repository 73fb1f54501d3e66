"""What a machine's message does not set off."""

import pytest

from events import dispatch
from events.models import Delivery
from notifications.models import Notice, OutgoingMail
from tickets import lifecycle
from tickets.models import Channel

pytestmark = pytest.mark.django_db


def _react():
    for pk in Delivery.objects.filter(done_at=None).order_by("pk").values_list("pk", flat=True):
        dispatch.run(pk)


def test_a_machine_is_not_answered_by_a_machine__S1(carol):
    lifecycle.open_ticket(
        requester=carol, subject="Out of office", text="I am away.", channel=Channel.EMAIL, by=carol, is_automatic=True
    )
    _react()
    assert not OutgoingMail.objects.exists()


def test_a_machines_message_tells_nobody__T3(carol, taken_ticket):
    lifecycle.receive(taken_ticket, person=carol, text="I am away.", is_automatic=True)
    _react()
    assert not Notice.objects.filter(kind="ticket.message_received").exists()
