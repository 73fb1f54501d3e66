"""Writing in: nobody is turned away, nothing comes twice, nothing hostile gets through (T7)."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from customers.models import EmailAddress, Person, SupportPlan
from tickets.models import Channel, Ticket

FIELDS = {
    "subject": "No heat",
    "text": "Since Monday.",
    "type": "incident",
    "name": "Vera",
    "email": "vera@else.example",
}


@pytest.fixture
def send(client, db):
    """``send(subject=…)``: the form as a browser without JavaScript sends it."""

    def post(**fields):
        page = client.get(reverse("portal:submit")).content.decode()
        key = re.search(r'name="idempotency_key" value="(\w+)"', page)[1]
        return client.post(reverse("portal:submit"), {**FIELDS, "idempotency_key": key, **fields})

    return post


def test_a_stranger_is_heard_and_told_the_number_and_the_latest_answer__T7_S1(send, client):
    answer = send()

    ticket = Ticket.objects.get()
    assert answer.url == reverse("portal:sent")
    page = client.get(answer.url).content.decode()
    assert f"#{ticket.number}" in page
    assert "at the latest" in page
    assert (ticket.channel, ticket.type, ticket.requester.name) == (Channel.WEB, "incident", "Vera")
    assert not EmailAddress.objects.get().verified_at


def test_sent_twice_it_is_one_request__T7(send):
    first, second = send(idempotency_key="k"), send(idempotency_key="k")

    assert first.url == second.url
    assert Ticket.objects.count() == 1


def test_other_words_sent_from_a_page_gone_back_to_are_another_request__T7(send):
    send(idempotency_key="k")
    send(idempotency_key="k", text="And the water is cold.")

    assert Ticket.objects.count() == 2


def test_every_page_of_the_form_has_its_own_key(send):
    send()
    send()

    assert Ticket.objects.count() == 2


def test_a_known_address_is_that_person(send, carol):
    send(email="CAROL@acme.example", name="Somebody")

    assert Ticket.objects.get().requester == carol
    carol.refresh_from_db()
    assert carol.name == "Carol Cole"


def test_a_shared_address_names_nobody(send, make_person):
    make_person("One", email="team@else.example")
    make_person("Two", email="team@else.example", is_verified=False)
    send(email="team@else.example")

    assert Ticket.objects.get().requester.name == "Vera"
    assert Person.objects.count() == 3


def test_who_is_signed_in_is_not_asked_who_they_are(signed_in, carol):
    browser = signed_in(carol)
    assert b'name="email"' not in browser.get(reverse("portal:submit")).content

    browser.post(reverse("portal:submit"), {"subject": "No heat", "text": "Cold.", "type": "question"})

    assert Ticket.objects.get().requester == carol


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": "🔥" * 250},
        {"subject": "<script>alert(1)</script>", "text": "<img src=x onerror=alert(1)>", "name": "<b>Vera</b>"},
        {"text": "a" * 300_000},
        {"text": "\u202eright to left\u0007"},
    ],
)
def test_hostile_words_are_kept_as_words__T7(send, client, fields):
    answer = send(**fields)

    assert answer.status_code == 302
    ticket = Ticket.objects.get()
    page = client.get(answer.url).content.decode()
    assert "<script>alert" not in page
    assert ticket.entries.get().text


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": "NUL\x00"},
        {"subject": ""},
        {"text": ""},
        {"email": "no address"},
        {"email": "a@b.example\nBcc: x@y.example"},
        {"type": "bomb"},
        {"idempotency_key": "k" * 5000},
    ],
)
def test_broken_input_is_answered_and_what_was_typed_stays(send, fields):
    answer = send(**fields)

    assert answer.status_code == 422
    if "text" not in fields:
        assert "Since Monday." in answer.content.decode()
    assert not Ticket.objects.exists()


def test_twenty_megabytes_in_a_field_are_refused(send):
    answer = send(text="a" * 20_000_000)

    assert answer.status_code in (400, 413)
    assert not Ticket.objects.exists()


def test_files_come_with_it_under_harmless_names__T7(send):
    send(files=[SimpleUploadedFile("../../x.txt", b"hello"), SimpleUploadedFile("photo.png", b"\x89PNG\r\n\x1a\n")])

    names = sorted(Ticket.objects.get().entries.get().attachments.values_list("name", flat=True))
    assert len(names) == 2
    assert not any("/" in name or ".." in name for name in names)


def test_nobody_sees_a_number_they_were_not_given(client, printer_ticket):
    assert client.get(reverse("portal:sent")).url == reverse("portal:submit")


def test_the_form_promises_what_the_customers_policy_promises__S6(client, signed_in, carol, make_policy):
    gold = SupportPlan.objects.create(name="Gold")
    make_policy("Gold customers", plan=gold, first_response=4 * 3600)
    form = reverse("portal:submit")
    assert "within 24 hours" in client.get(form).content.decode()

    carol.plan = gold
    carol.save(update_fields=["plan"])

    assert "within 4 hours" in signed_in(carol).get(form).content.decode()
