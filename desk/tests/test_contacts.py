"""Writing a contact down: anybody, quickly, by the way it came (T1, T7, T13)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from customers import flags
from customers.models import Person
from events.models import Event
from tickets import lifecycle
from tickets.models import Contact, Entry, Ticket

pytestmark = pytest.mark.django_db

LOG = "/contacts/log/"


@pytest.fixture
def desk(client, alice):
    client.force_login(alice)
    return client


def log(desk, **words):
    return desk.post(LOG, {"way": "phone", "direction": Contact.Direction.INBOUND, "belongs_to": "new", **words})


def local(at) -> str:
    return at.strftime("%Y-%m-%dT%H:%M")


# --- Anybody, at once ---------------------------------------------------------


def test_an_unknown_caller_is_served_with_nothing_but_the_channel__T7(desk, alice):
    response = log(desk)

    ticket = Ticket.objects.get()
    assert response["Location"] == reverse("desk:ticket", args=[ticket.number])
    assert ticket.requester.is_unknown
    contact = Contact.objects.get()
    assert (contact.channel, contact.outcome, contact.handled_by) == ("phone", "talked", alice)
    assert desk.get(response["Location"]).status_code == 200


def test_an_unknown_caller_leaves_a_number__T7(desk):
    log(desk, phone="+49 30 5550 100", text="My door is locked.\nPlease come.")

    ticket = Ticket.objects.get()
    assert ticket.subject == "My door is locked."
    assert [phone.normalised for phone in ticket.requester.phones.all()] == ["+49305550100"]


def test_a_new_person_is_made_from_a_name(desk):
    log(desk, person_name="Nora Nilsen", phone="+47 22 00 00 01", text="Hello")

    person = Ticket.objects.get().requester
    assert (person.name, person.is_unknown) == ("Nora Nilsen", False)


def test_a_contact_may_stand_alone(desk, carol):
    response = log(desk, person=carol.pk, belongs_to="none", text="Only asked the way.")

    assert response["Location"] == reverse("desk:home")
    assert not Ticket.objects.exists()
    assert Contact.objects.get().person == carol


def test_save_and_resolve_does_both_in_one_press__T4(desk, carol):
    log(desk, person=carol.pk, text="Solved on the line.", then="resolve")

    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.closures.get().answer) == ("resolved", "waiting")


def test_what_they_say_on_the_line_is_their_confirmation__T4(desk, carol):
    log(desk, person=carol.pk, text="Solved on the line.", then="solved", live="1", seconds=60)

    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.closures.get().via) == ("closed", "phone")
    assert Contact.objects.get(tickets=ticket, channel="phone").ended_at


def test_what_resolving_must_ask_is_asked_on_its_own_page__T12(desk, alice, carol, taken_ticket, tomorrow):
    lifecycle.promise(taken_ticket, by=alice, kind="call_back", due_at=tomorrow)

    response = log(desk, person=carol.pk, belongs_to=taken_ticket.number, text="It works.", then="resolve")

    assert response["Location"] == reverse("desk:resolve", args=[taken_ticket.number])
    assert Contact.objects.filter(tickets=taken_ticket, channel="phone").exists()


def test_a_call_back_is_promised_in_the_same_form__T8(desk, alice, carol, tomorrow):
    log(desk, person=carol.pk, text="Ring me.", agreed="We look at the invoice.", call_back=tomorrow.isoformat())

    promise = Ticket.objects.get().promises.get()
    assert (promise.kind, promise.due_at, promise.owner) == ("call_back", tomorrow, alice)
    assert promise.text == "We look at the invoice."


@pytest.mark.parametrize("words", [{"call_back": "x"}, {"call_back": "other"}, {"belongs_to": "none"}])
def test_a_promise_that_cannot_be_made_writes_nothing__T8(desk, carol, tomorrow, words):
    response = log(desk, **{"person": carol.pk, "text": "Ring me.", "call_back": tomorrow.isoformat(), **words})

    assert response.status_code == 422
    assert not Contact.objects.exists()


# --- The true channel and time (T1) -------------------------------------------


@pytest.mark.parametrize(
    ("way", "channel", "outcome"),
    [
        ("phone", "phone", "talked"),
        ("in_person", "in_person", "talked"),
        ("letter", "letter", "written"),
        ("voicemail", "phone", "voicemail"),
        ("missed", "phone", "missed"),
    ],
)
def test_keeps_the_way_it_came__T1(desk, carol, way, channel, outcome):
    log(desk, way=way, person=carol.pk, text="What they said")

    contact = Contact.objects.get()
    assert (contact.channel, contact.outcome) == (channel, outcome)
    assert Ticket.objects.get().channel == channel


def test_a_letters_time_runs_from_its_receipt__T1(desk, carol, now):
    received = (now - timedelta(hours=5)).replace(second=0, microsecond=0)

    log(desk, way="letter", person=carol.pk, text="Dear Sirs", happened_at=local(received))

    ticket = Ticket.objects.get()
    assert ticket.opened_at == received
    assert ticket.clocks.get(metric="first_response").started_at == received
    assert Event.objects.get(kind="ticket.opened").happened_at == received


def test_a_call_meets_the_first_response_and_a_voicemail_does_not__S3(desk, carol):
    log(desk, person=carol.pk, text="Talked")
    log(desk, way="voicemail", person=carol.pk, text="Left a message")

    talked, left = Ticket.objects.order_by("pk")
    assert not talked.clocks.filter(metric="first_response", stopped_at=None).exists()
    assert left.clocks.filter(metric="first_response", stopped_at=None).exists()


def test_how_long_and_what_was_agreed_are_kept__T1(desk, carol, now):
    began = (now - timedelta(minutes=30)).replace(second=0, microsecond=0)

    log(desk, person=carol.pk, text="Long talk", minutes=12, agreed="We call on Friday.", happened_at=local(began))

    contact = Contact.objects.get()
    assert (contact.happened_at, contact.duration_seconds) == (began, 720)
    assert contact.agreed == "We call on Friday."


def test_what_is_still_to_come_has_not_happened__T1(desk, carol, tomorrow):
    response = log(desk, person=carol.pk, text="Hello", happened_at=local(tomorrow))

    assert response.status_code == 422
    assert "It has happened already" in response.content.decode()
    assert not Contact.objects.exists()


# --- Joining a ticket -----------------------------------------------------------


def test_joins_a_ticket_that_is_there(desk, carol, printer_ticket):
    response = log(desk, person=carol.pk, belongs_to=printer_ticket.number, text="She called again.")

    assert response["Location"] == reverse("desk:ticket", args=[printer_ticket.number])
    assert Ticket.objects.get() == printer_ticket
    assert Entry.objects.filter(ticket=printer_ticket, text="She called again.").exists()


def test_the_form_comes_filled_from_a_tickets_page(desk, carol, printer_ticket):
    html = desk.get(f"{LOG}?ticket={printer_ticket.number}").content.decode()

    assert f'name="person" data-combo-value value="{carol.pk}"' in html
    assert f'value="{printer_ticket.number}" checked' in html


@pytest.mark.parametrize("number", ["99999999", "9" * 40, "x", "-1", "²"])
def test_a_ticket_that_is_not_there_is_404(desk, carol, number):
    assert log(desk, person=carol.pk, belongs_to=number).status_code == 404

    assert not Contact.objects.exists()


# --- Who may be picked (T13) ------------------------------------------------------


def test_a_hidden_person_cannot_be_picked__T13(client, theo, carol, printer_ticket):
    client.force_login(theo)

    assert log(client, person=carol.pk, text="Who is she?").status_code == 404
    assert client.get("/contacts/about/", {"person": carol.pk}).status_code == 404
    assert client.post("/contacts/begin/", {"person": carol.pk, "channel": "phone"}).status_code == 404
    assert "Carol" not in client.get(LOG, {"person": carol.pk}).content.decode()
    assert not Contact.objects.filter(handled_by=theo).exists()


def test_a_hidden_ticket_cannot_be_joined__T13(client, theo, printer_ticket):
    client.force_login(theo)

    assert log(client, belongs_to=printer_ticket.number, text="Let me in").status_code == 404
    assert client.post("/contacts/begin/", {"ticket": printer_ticket.number}).status_code == 404
    assert not Contact.objects.filter(handled_by=theo).exists()
    assert not Person.objects.exclude(pk=printer_ticket.requester_id).exists()


def test_the_card_shows_flags_before_anything_else__C4(desk, alice, carol, printer_ticket, now):
    soon = now + timedelta(days=1)
    flags.set_flag(carol, by=alice, kind="abusive", reason="Shouted twice", review_at=soon, expires_at=soon)

    html = desk.get("/contacts/about/", {"person": carol.pk}).content.decode()

    assert html.index("Shouted twice") < html.index("The printer is on fire")


def test_one_does_not_see_the_flags_on_oneself__C4(client, bob, alice, ivan, now):
    soon = now + timedelta(days=1)
    ivan.user = bob
    ivan.save(update_fields=["user"])
    flags.set_flag(ivan, by=alice, kind="abusive", reason="Shouted twice", review_at=soon, expires_at=soon)
    client.force_login(bob)

    assert "Shouted twice" not in client.get("/contacts/about/", {"person": ivan.pk}).content.decode()


# --- A call that runs ---------------------------------------------------------------


def test_a_call_begins_is_written_down_goes_on_and_ends__H1(desk, alice, carol):
    begun = desk.post("/contacts/begin/", {"person": carol.pk, "channel": "phone"})
    assert begun["Location"] == f"{LOG}?person={carol.pk}"
    assert Contact.objects.get().is_live
    assert "Running with" in desk.get(begun["Location"]).content.decode()

    log(desk, person=carol.pk, text="We talked")

    contact = Contact.objects.get()
    assert contact.is_live  # they are still on the line and can be asked
    assert list(contact.tickets.all()) == [Ticket.objects.get()]

    desk.post(reverse("desk:contact_end", args=[contact.pk]))
    assert not Contact.objects.get().is_live


def test_a_call_from_an_unknown_caller_makes_one_person_only__T7(desk):
    desk.post("/contacts/begin/", {"channel": "phone"})

    log(desk, text="We talked", phone="+49 30 5550 100")

    person = Person.objects.get()
    assert person.is_unknown
    assert person.phones.get().normalised == "+49305550100"
    assert Ticket.objects.get().requester == person


def test_a_call_begins_on_a_ticket_and_ends_there(desk, carol, printer_ticket):
    page = reverse("desk:ticket", args=[printer_ticket.number])
    assert desk.post("/contacts/begin/", {"ticket": printer_ticket.number, "channel": "phone"})["Location"] == page

    contact = Contact.objects.get(channel="phone")
    assert desk.post(f"/contacts/{contact.pk}/end/")["Location"] == page

    contact.refresh_from_db()
    assert contact.ended_at


def test_nobody_ends_a_colleagues_call(client, bob, call):
    client.force_login(bob)

    assert client.post(f"/contacts/{call.pk}/end/").status_code == 404

    call.refresh_from_db()
    assert call.ended_at is None


def test_a_letter_does_not_begin(desk, carol):
    desk.post("/contacts/begin/", {"person": carol.pk, "channel": "letter"})

    assert not Contact.objects.exists()


def test_beginning_leads_nowhere_outside(desk, carol):
    response = desk.post("/contacts/begin/", {"person": carol.pk, "next": "https://evil.example/"})

    assert response["Location"].startswith(LOG)


# --- A call that is logged while it runs ----------------------------------------------


def test_who_is_on_the_line_can_be_asked_after_saving__H1(desk, carol, now):
    log(desk, person=carol.pk, text="We talk", live="1", seconds=100, ago=160)

    contact = Contact.objects.get()
    assert contact.is_live
    assert timedelta(seconds=155) < timezone.now() - contact.happened_at < timedelta(seconds=220)
    assert list(contact.tickets.all()) == [Ticket.objects.get()]


@pytest.mark.parametrize("words", [{"way": "letter"}, {"minutes": 3}, {"live": ""}, {"way": "missed"}])
def test_what_is_over_is_over__T1(desk, carol, words):
    log(desk, **{"person": carol.pk, "text": "We talked", "live": "1", "seconds": 100, **words})

    assert not Contact.objects.filter(ended_at=None, outcome="talked").exists()


def test_a_call_began_when_its_timer_did__T1(desk, carol):
    log(desk, person=carol.pk, text="We talked", seconds=60, ago=600)

    contact = Contact.objects.get()
    assert contact.duration_seconds == 60
    assert timedelta(seconds=595) < timezone.now() - contact.happened_at < timedelta(seconds=660)


# --- Somebody new ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kind"), [("Nora Nilsen", "name"), ("nora@n.example", "email"), ("+47 22 00 00 01", "phone")]
)
def test_what_was_typed_can_become_a_new_customer__T7(desk, typed, kind):
    html = desk.get("/contacts/who/", {"q": typed}).content.decode()

    assert f'data-new="{kind}"' in html
    assert "data-new" not in desk.get("/contacts/who/", {"q": "\x00"}).content.decode()


def test_a_new_customer_with_an_address(desk):
    log(desk, person_name="Nora Nilsen", email="Nora@n.example", text="Hello")
    assert log(desk, person_name="Nora", email="no address", text="Hello").status_code == 422

    person = Person.objects.get()
    assert [row.address.lower() for row in person.addresses.all()] == ["nora@n.example"]


def test_who_has_the_number_already_is_shown__C2(client, alice, theo, carol):
    number = carol.phones.get().written
    for user, seen in ((alice, True), (theo, False)):
        client.force_login(user)
        by_phone = client.get("/contacts/same/", {"phone": number}).content.decode()
        by_mail = client.get("/contacts/same/", {"email": "CAROL@acme.example"}).content.decode()

        assert ("Carol Cole" in by_phone, "Carol Cole" in by_mail) == (seen, seen)
    assert client.get("/contacts/same/", {"phone": "x", "email": "\x00"}).status_code == 200


# --- Bad input ------------------------------------------------------------------------


def test_a_double_submit_logs_once(desk, carol):
    first = log(desk, person=carol.pk, text="Once", idempotency_key="one-press")
    second = log(desk, person=carol.pk, text="Once", idempotency_key="one-press")

    assert first["Location"] == second["Location"]
    assert Ticket.objects.count() == Contact.objects.count() == 1


def test_strange_texts_are_kept_or_refused_but_never_break(desk, carol):
    log(desk, person=carol.pk, text="<script>alert(1)</script>{{ 7|add:7 }}", subject="🔥" * 40)

    ticket = Ticket.objects.get()
    html = desk.get(reverse("desk:ticket", args=[ticket.number])).content.decode()
    assert "<script>alert(1)" not in html
    assert "{{ 7|add:7 }}" in html
    assert log(desk, person=carol.pk, text="a\x00b").status_code in (302, 422)
    assert log(desk, person="9" * 40).status_code == 404
    assert log(desk, person="nobody", way="pigeon").status_code == 422


# --- Who was typed and not picked ---------------------------------------------


@pytest.mark.parametrize(
    ("typed", "name", "phone"),
    [("Nora Nilsen", "Nora Nilsen", ""), ("+47 22 00 00 01", "", "+4722000001"), ("nora@", "nora@", "")],
)
def test_who_was_typed_and_not_picked_is_kept__T7(desk, typed, name, phone):
    log(desk, q=typed, text="My door is locked.")

    person = Ticket.objects.get().requester
    assert (person.name, "".join(found.normalised for found in person.phones.all())) == (name, phone)


def test_who_was_picked_is_not_made_again(desk, carol):
    log(desk, q="Carol, somebody else", person=carol.pk, text="Hello")

    assert Ticket.objects.get().requester == carol
