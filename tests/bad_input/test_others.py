"""Links that are forged or old, ids of somebody else's things, two at once, times that have passed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from customers.models import Organisation
from desk.tickets.urls import PARTS
from events.models import Event
from feedback.models import Answer, Invitation
from tests.route_examples import examples
from tickets import attachments, lifecycle
from tickets.models import Closure, Entry, Hold, Status, Ticket

pytestmark = pytest.mark.django_db

FORGED = ("x", "a:b:c", "\U0001f525", "W10:1abc:zzz", "x" * 3000, "00000000-0000-0000-0000-000000000000")


# --- Links ------------------------------------------------------------------


@pytest.mark.parametrize("route", ["confirm", "undo_confirmation", "survey", "never_again"])
def test_a_forged_link_changes_nothing_and_tells_nothing(route, house, client, written):
    before = written()
    true = house.survey_token if route in ("survey", "never_again") else house.closure_token
    other = house.closure_token if route in ("survey", "never_again") else house.survey_token
    for token in (*FORGED, true[:-1], true[1:], true.swapcase(), other):
        for ask in (client.get, client.post):
            response = ask(reverse(f"portal:{route}", args=[token]), {"solved": "yes", "score": "1"})

            assert response.status_code in (404, 405, 409, 410), token
            assert house.ticket.subject not in response.content.decode()
            assert house.closed.subject not in response.content.decode() or response.status_code == 405
    assert written() == before
    assert not Answer.objects.exists()


def test_an_expired_question_takes_no_answer__T4(house, client, time_machine, written):
    before = written()
    time_machine.move_to(house.now + timedelta(days=400), tick=False)

    response = client.post(reverse("portal:confirm", args=[house.closure_token]), {"solved": "yes"})

    assert response.status_code == 410
    assert Closure.objects.get(pk=house.closure.pk).answer == "waiting"
    assert written() == before


def test_an_expired_survey_takes_no_answer__F2(house, client):
    Invitation.objects.update(expires_at=house.now - timedelta(seconds=1))

    response = client.post(reverse("portal:survey", args=[house.survey_token]), {"score": "5"})

    assert response.status_code == 410
    assert not Answer.objects.exists()


@pytest.mark.parametrize("score", ["0", "6", "-1", "5.5", "", "\u00b2", "\x00", "9" * 50])
def test_a_score_that_is_none_is_refused(score, house, client):
    address = reverse("portal:survey", args=[house.survey_token])

    assert client.post(address, {"score": score}).status_code == 422
    assert client.get(address, {"score": score}).status_code == 200
    assert not Answer.objects.exists()


def test_following_a_link_changes_nothing__T4(house, client, written):
    before = written()

    for route, token in (("confirm", house.closure_token), ("survey", house.survey_token)):
        for ask in (client.get, client.head):
            assert ask(reverse(f"portal:{route}", args=[token]), {"solved": "yes", "score": "5"}).status_code == 200

    assert written() == before
    assert Closure.objects.get(pk=house.closure.pk).answer == "waiting"
    assert not Answer.objects.exists()


# --- Somebody else's --------------------------------------------------------


@pytest.mark.parametrize("name", PARTS)
def test_a_part_of_another_ticket_is_not_there__T13(name, request, house, client):
    word = PARTS[name][0].split("<int:")[1].split(">")[0]
    found = examples(request)
    own, part = found(f"desk:{name}", "number"), found(f"desk:{name}", word)
    assert own == house.ticket.number
    client.force_login(request.getfixturevalue("adam"))
    assert client.get(reverse(f"desk:{name}", kwargs={"number": own, word: part})).status_code in (200, 302, 409)
    before = Event.objects.count()

    at = reverse(f"desk:{name}", kwargs={"number": house.asked.number, word: part})

    assert client.get(at).status_code == 404
    assert client.post(at, {"why": "x", "until": "", "due": house.tomorrow.isoformat()}).status_code in (404, 405)
    assert Event.objects.count() == before


def test_a_ticket_of_others_is_not_there_for_a_customer__T13(house, make_ticket, make_person, client, written):
    stranger = make_person("Stan Stranger", email="stan@else.example")
    theirs = make_ticket(stranger, "A secret matter", text="Nobody may read this.")
    file = attachments.keep(theirs.entries.get(), [ContentFile(b"secret", name="secret.txt")])[0]
    client.force_login(house.customer)
    before = written()

    for route in ("request", "reply", "answer", "supervisor"):
        for ask in (client.get, client.post):
            response = ask(reverse(f"portal:{route}", args=[theirs.number]), {"text": "Hello", "solved": "yes"})
            assert response.status_code in (404, 405), route
            assert "secret" not in response.content.decode().lower()
    for number in (theirs.number, house.ticket.number):
        address = reverse("portal:attachment", args=[number, file.public_id])
        assert client.get(address).status_code == 404
    for route in ("ticket", "reply", "resolve"):
        assert client.get(reverse(f"desk:{route}", args=[theirs.number])).status_code in (302, 403, 404)
    assert client.get(reverse("desk:attachment", args=[file.public_id])).status_code in (302, 403, 404)
    assert written() == before


def test_an_internal_note_and_its_file_are_not_the_customers__T13(house, client):
    note = lifecycle.add_note(house.ticket, by=house.alice, text="They always complain.")
    file = attachments.keep(note, [ContentFile(b"internal", name="internal.txt")])[0]
    client.force_login(house.customer)

    html = client.get(reverse("portal:request", args=[house.ticket.number])).content.decode()

    assert "always complain" not in html
    assert "internal.txt" not in html
    address = reverse("portal:attachment", args=[house.ticket.number, file.public_id])
    assert client.get(address).status_code == 404


def test_another_firms_ticket_stays_hidden_where_ones_own_firm_shares__T13(house, make_ticket, make_person, client):
    other = Organisation.objects.create(name="Other", shares_tickets=True)
    theirs = make_ticket(make_person("Olga", organisation=other), "Their matter")
    Organisation.objects.filter(pk=house.carol.organisation_id).update(shares_tickets=True)
    client.force_login(house.customer)

    assert client.get(reverse("portal:request", args=[theirs.number])).status_code == 404
    assert "Their matter" not in client.get(reverse("portal:home")).content.decode()


def test_third_party_staff_reach_no_part_of_others_tickets__T13(house, theo, client, request):
    found, number = examples(request), house.ticket.number
    file = attachments.keep(house.ticket.entries.first(), [ContentFile(b"smoke", name="smoke2.txt")])[0]
    client.force_login(theo)

    for name, (path, _view) in PARTS.items():
        word = path.split("<int:")[1].split(">")[0]
        if name == "unmerge":
            continue  # the example's transfer waits, and who is asked to accept may read
        at = reverse(f"desk:{name}", kwargs={"number": number, word: found(f"desk:{name}", word)})
        ask = client.get if name in ("clock", "entry") else client.post
        assert ask(at).status_code == 404, name
    assert client.get(reverse("desk:attachment", args=[file.public_id])).status_code == 404
    assert client.get(reverse("desk:customer", args=[house.carol.pk])).status_code in (403, 404)


def test_the_queue_shows_nobody_their_own_case__T13(house, make_user, make_person, make_ticket, client):
    ines = make_user("ines", "agent", team=house.billing)
    person = make_person("Ines", kind="internal", user=ines)
    ticket = make_ticket(person, "My own laptop", team=house.tier1)
    lifecycle.add_note(ticket, by=house.alice, text="She breaks everything.")
    lifecycle.escalate(ticket, by=ines, reason="limit")
    client.force_login(ines)

    html = client.get(reverse("desk:escalations")).content.decode()

    assert "Nothing waits" in html  # they are its customer: it is on their portal, without notes and reasons
    assert "My own laptop" not in html
    assert "breaks everything" not in html


# --- Two at once, and too late ----------------------------------------------


def test_nobody_replies_over_what_they_have_not_seen__T10(house, bob, client):
    alice, at = client, reverse("desk:reply", args=[house.ticket.number])
    alice.force_login(house.alice)
    seen = alice.get(reverse("desk:ticket", args=[house.ticket.number])).context["page"].seen
    other = Client()
    other.force_login(bob)

    first = other.post(at, {"text": "Bob was here.", "seen": seen})
    second = alice.post(at, {"text": "My careful draft.", "seen": seen})

    assert first.status_code == 302
    assert second.status_code == 409
    html = second.content.decode()
    assert "Bob was here." in html
    assert "My careful draft." in html
    assert not Entry.objects.filter(text="My careful draft.").exists()
    again = alice.post(at, {"text": "My careful draft.", "seen": second.context["form"]["seen"].value()})
    assert again.status_code == 302
    assert Entry.objects.filter(text="My careful draft.").count() == 1


def test_a_customers_message_in_between_is_shown_too__T10(house, client):
    client.force_login(house.alice)
    seen = client.get(reverse("desk:ticket", args=[house.ticket.number])).context["page"].seen
    lifecycle.receive(house.ticket, person=house.carol, text="It is out, thank you!")

    for route in ("reply", "resolve"):
        response = client.post(
            reverse(f"desk:{route}", args=[house.ticket.number]), {"text": "My draft.", "seen": seen}
        )

        assert response.status_code == 409, route
        assert "My draft." in response.content.decode(), route
        assert Ticket.objects.get(pk=house.ticket.pk).status == Status.OPEN


@pytest.mark.parametrize("ago", [timedelta(seconds=1), timedelta(days=1), timedelta(days=36_500)])
def test_a_hold_into_the_past_is_refused__H2(ago, house, client):
    client.force_login(house.alice)
    at = reverse("desk:hold", args=[house.ticket.number])
    terms = {"reason": house.reason.pk, "consent": "told", "text": "Please wait."}

    for until in ({"until": (house.now - ago).isoformat()},
                  {"until": "other", "until_other": f"{house.now - ago:%Y-%m-%dT%H:%M}"}):  # fmt: skip
        response = client.post(at, {**terms, **until})

        assert response.status_code in (409, 422)
        assert "Please wait." in response.content.decode()
    assert not Hold.objects.exists()
    assert Ticket.objects.get(pk=house.ticket.pk).status == Status.OPEN


@pytest.mark.parametrize(
    "until", ["", "other", "tomorrow", "2026-02-30T10:00", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00", "\x00"]
)
def test_a_time_that_is_none_is_refused__H2(until, house, client):
    client.force_login(house.alice)
    terms = {"reason": house.reason.pk, "consent": "told"}

    held = client.post(reverse("desk:hold", args=[house.ticket.number]), {**terms, "until": until})
    promised = client.post(
        reverse("desk:promise", args=[house.ticket.number]), {"kind": "call_back", "due": "other", "due_other": until}
    )

    assert held.status_code in (409, 422)
    assert promised.status_code in (302, 409, 422)
    assert not Hold.objects.exists()


@pytest.mark.parametrize("field", ["reason", "consent", "consent_entry", "named_supervisor"])
def test_a_forged_choice_is_refused__H1(field, house, client):
    client.force_login(house.alice)
    until = (house.now + timedelta(hours=1)).isoformat()
    for value in ("x", "-1", "99999999999999999999999", "\x00"):
        terms = {"reason": house.reason.pk, "consent": "written", "until": until, field: value}

        assert client.post(reverse("desk:hold", args=[house.ticket.number]), terms).status_code in (409, 422)
    assert not Hold.objects.exists()


def test_consent_cannot_be_taken_from_another_ticket__H6(house, client):
    client.force_login(house.alice)
    until = (house.now + timedelta(hours=1)).isoformat()
    elsewhere = house.asked.entries.get(author_person=house.carol)
    terms = {"reason": house.reason.pk, "consent": "written", "consent_entry": elsewhere.pk, "until": until}

    assert client.post(reverse("desk:hold", args=[house.ticket.number]), terms).status_code in (409, 422)
    assert not Hold.objects.exists()


def test_who_is_signed_out_meanwhile_loses_no_rights_to_others(house, client):
    client.force_login(house.alice)
    User.objects.filter(pk=house.alice.pk).update(is_active=False)

    response = client.post(reverse("desk:reply", args=[house.ticket.number]), {"text": "Still here?"})

    assert response.status_code in (302, 403)
    assert not Entry.objects.filter(text="Still here?").exists()
