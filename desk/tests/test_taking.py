"""Taking the next ticket: the most urgent of one's teams, never somebody else's (P6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from common.errors import Refused
from tickets import lifecycle
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(client, alice):
    client.force_login(alice)
    return client


def test_takes_the_most_urgent_of_my_teams__P6(desk, alice, carol, tier1, billing, make_ticket, now):
    make_ticket(carol, "Can wait", at=now - HOUR, team=tier1)
    urgent = make_ticket(carol, "Is due", at=now - 20 * HOUR, team=tier1)
    make_ticket(carol, "Not my team", at=now - 30 * HOUR, team=billing)

    response = desk.post(reverse("desk:take_next"))

    assert response["Location"] == reverse("desk:ticket", args=[urgent.number])
    urgent.refresh_from_db()
    assert urgent.assignee == alice
    assert Ticket.objects.filter(assignee=None).count() == 2


def test_somebody_faster_moves_me_on_to_the_one_after__P6(
    desk, alice, bob, carol, tier1, make_ticket, now, monkeypatch
):
    first = make_ticket(carol, "Is due", at=now - 20 * HOUR, team=tier1)
    second = make_ticket(carol, "Can wait", at=now - HOUR, team=tier1)
    real = lifecycle.take

    def overtaken(ticket, *, by, at=None):
        if ticket.pk == first.pk:
            real(ticket, by=bob)  # between our look and our hand
        return real(ticket, by=by, at=at)

    monkeypatch.setattr(lifecycle, "take", overtaken)
    response = desk.post(reverse("desk:take_next"))

    assert response["Location"] == reverse("desk:ticket", args=[second.number])
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.assignee, second.assignee) == (bob, alice)


def test_taking_what_somebody_has_is_refused(alice, bob, taken_ticket):
    with pytest.raises(Refused):
        lifecycle.take(taken_ticket, by=bob)


def test_with_nothing_to_take_it_says_so(desk):
    response = desk.post(reverse("desk:take_next"), follow=True)

    assert "Nothing waits in your teams." in response.content.decode()


def test_looking_takes_nothing(desk, printer_ticket):
    assert desk.get(reverse("desk:take_next")).status_code == 405

    printer_ticket.refresh_from_db()
    assert printer_ticket.assignee is None
