"""Contacts and escalations: what a hostile or curious request gets."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import Flag
from tickets import lifecycle
from tickets.models import EscalationReason, TicketLink

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("given", ["²", "9" * 5000, "abc", "-1"])
def test_numbers_that_are_none_break_nothing(client, alice, given):
    client.force_login(alice)
    assert client.get("/contacts/log/", {"person": given, "ticket": given}).status_code == 200
    assert client.get("/contacts/about/", {"person": given}).status_code == 404
    assert client.post("/contacts/begin/", {"person": given, "ticket": given}).status_code == 404


def test_a_contact_that_joins_no_ticket_of_ours_is_not_found(client, alice, carol):
    client.force_login(alice)
    sent = {"way": "phone", "direction": "in", "person": carol.pk, "belongs_to": "abc"}
    assert client.post("/contacts/log/", sent).status_code == 404


def test_beginning_a_call_leads_nowhere_else(client, alice, carol):
    client.force_login(alice)
    answer = client.post("/contacts/begin/", {"person": carol.pk, "next": "https://evil.example/"})
    assert answer.headers["Location"] == f"/contacts/log/?person={carol.pk}"


def test_third_party_staff_look_nobody_up_by_number__T13(client, theo, carol, alice):
    Flag.objects.create(
        person=carol, kind=Flag.Kind.ABUSIVE, reason="Shouted.", set_by=alice,
        review_at=timezone.now() + timedelta(days=1), expires_at=timezone.now() + timedelta(days=2),
    )  # fmt: skip
    client.force_login(theo)
    assert client.get("/contacts/about/", {"person": carol.pk}).status_code == 404
    assert "Shouted." not in client.get("/contacts/log/", {"person": carol.pk}).content.decode()
    assert client.post("/contacts/begin/", {"person": carol.pk}).status_code == 404


def test_the_queue_shows_no_restricted_note_of_another__T13(client, alice, bob, taken_ticket):
    lifecycle.add_note(taken_ticket, by=bob, text="Between us and the supervisor.", restricted=True)
    lifecycle.escalate(taken_ticket, by=alice, reason=EscalationReason.Reason.EXPERTISE, note="Help.")
    client.force_login(alice)
    page = client.get("/escalations/").content.decode()
    assert taken_ticket.subject in page
    assert "Between us and the supervisor." not in page


def test_the_queue_hides_ones_own_case__T13(client, sara, carol, bob, taken_ticket):
    lifecycle.add_note(taken_ticket, by=bob, text="The customer is difficult.")
    lifecycle.escalate(taken_ticket, by=bob, reason=EscalationReason.Reason.EXPERTISE)
    carol.user = sara
    carol.save(update_fields=["user"])
    client.force_login(sara)
    assert "difficult" not in client.get("/escalations/").content.decode()


def test_nobody_sees_their_own_flags_on_a_ticket__C4(client, bob, carol, alice, taken_ticket):
    Flag.objects.create(
        person=carol, kind=Flag.Kind.ABUSIVE, reason="Shouted.", set_by=alice,
        review_at=timezone.now() + timedelta(days=1), expires_at=timezone.now() + timedelta(days=2),
    )  # fmt: skip
    pages = (f"/tickets/{taken_ticket.number}/", "/tickets/?view=open", "/search/?q=printer")
    shown = str(Flag.Kind.ABUSIVE.label)
    client.force_login(bob)
    assert all(shown in client.get(page).content.decode() for page in pages[:2])
    carol.user = bob
    carol.save(update_fields=["user"])
    for page in pages:
        words = client.get(page).content.decode()
        assert shown not in words
        assert "Shouted." not in words


def test_a_link_tells_nothing_of_a_ticket_out_of_sight__T13(client, theo, bella, carol, billing, tier1, make_ticket):
    ours = make_ticket(carol, "The invoice", team=billing)
    theirs = make_ticket(carol, "The layoffs of May", team=tier1)
    TicketLink.objects.create(source=ours, target=theirs, kind=TicketLink.Kind.FOLLOW_UP)
    page = f"/tickets/{ours.number}/"
    client.force_login(bella)
    assert theirs.subject in client.get(page).content.decode()
    client.force_login(theo)
    assert theirs.subject not in client.get(page).content.decode()
