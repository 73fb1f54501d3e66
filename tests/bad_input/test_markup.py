"""Markup and scripts in every text that is shown: on no page, in no mail, do they become more than letters."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from common.routes import OK
from customers import flags
from events import dispatch
from feedback import operations as feedback
from notifications.models import OutgoingMail
from staff.models import Brand
from tests.route_examples import NO_TEST_OBJECT, examples
from tests.test_routes import RULED
from tickets import attachments, lifecycle
from tickets.models import Category, HoldReason, Tag

pytestmark = pytest.mark.django_db

EVIL = """"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7|add:7 }}"""
RAW = ("<script>alert", "<img src=x", "onerror=alert(1)>{{ 7", "<b>evil")
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"
HTML = f"<p>Look</p>{EVIL}<a href='javascript:alert(1)'>here</a><svg onload=alert(1)><style>*{{display:none}}</style>"


@pytest.fixture
def evil(house, make_ticket, alice, bella, sara, adam, mia, oscar, acme, warehouse, hold_reasons):
    """Everything that has a name is called so, and everybody writes so."""
    for user in (alice, bella, sara, adam, mia):
        user.name = f"{user.name} {EVIL}"
        user.save(update_fields=["name"])
    for person in (house.carol, oscar):
        person.name, person.called = f"Carol {EVIL}", EVIL[:80]
        person.notes = EVIL
        person.save(update_fields=["name", "called", "notes"])
    for thing in (house.tier1, house.billing, acme, warehouse, Brand.objects.first(), *HoldReason.objects.all()):
        thing.name = f"{thing.pk} {EVIL}"[:110]
        thing.save(update_fields=["name"])
    for category in Category.objects.all():
        category.name = f"{category.pk} {EVIL}"[:80]
        category.save(update_fields=["name"])
    soon = house.now + timedelta(days=1)
    flags.set_flag(house.carol, by=alice, kind="vip", reason=EVIL, review_at=soon, expires_at=soon)
    lifecycle.add_participant(house.ticket, by=alice, person=oscar)
    lifecycle.merge(make_ticket(house.carol, EVIL, team=house.tier1), into=house.ticket, by=alice)
    _write_on(house.ticket, house, alice)
    feedback.answer(house.invitation, by=oscar, score=1, comment=EVIL)
    dispatch.sweep()
    return house


def _write_on(ticket, house, alice) -> None:
    lifecycle.set_subject(ticket, by=alice, subject=f"Fire {EVIL}")
    lifecycle.set_tags(ticket, by=alice, tags=[EVIL[:50]])
    entry = lifecycle.receive(ticket, person=house.carol, text=EVIL, html=HTML)
    attachments.keep(entry, [ContentFile(EVIL.encode(), name=f"{EVIL}.html"), ContentFile(b"x", name=f"{EVIL}.exe")])
    lifecycle.add_note(ticket, by=alice, text=EVIL, html=HTML)
    lifecycle.reply(ticket, by=alice, text=EVIL, html=HTML)
    lifecycle.log_contact(
        by=alice, person=house.carol, channel="phone", direction="in", text=EVIL, agreed=EVIL, tickets=[ticket]
    )
    lifecycle.promise(ticket, by=alice, kind="call_back", due_at=house.now + timedelta(hours=4), text=EVIL)
    lifecycle.ask_approval(ticket, by=alice, rule="H4", act="hold", reason=EVIL)
    lifecycle.escalate(ticket, by=alice, reason="limit", note=EVIL)
    lifecycle.transfer(
        ticket, by=alice, to_team=house.billing, reason="expertise", consent="told", understood=EVIL, tried=EVIL,
        promised=EVIL, text=EVIL,
    )  # fmt: skip


def addresses(house) -> list[str]:
    """The pages on which people's words stand most."""
    number = house.ticket.number
    acts = ("ticket", "reply", "hold", "transfer", "accept_transfer", "escalate", "resolve", "properties", "assign")
    rooms = ("tickets", "home", "escalations", "customers", "log_contact", "settings")
    return [
        *(reverse(f"desk:{name}", args=[number]) for name in acts),
        *(reverse(f"desk:{name}") for name in rooms),
        reverse("desk:customer", args=[house.carol.pk]),
        reverse("desk:customer", args=[house.closed.requester_id]),
        f"{reverse('desk:log_contact')}?person={house.carol.pk}",
        f"{reverse('desk:customer_search')}?q=carol",
        f"{reverse('desk:sla_report')}?by=team",
        f"{reverse('desk:sla_report')}?by=agent",
        f"{reverse('desk:tickets')}?view=all",
    ]


def test_is_shown_as_letters_on_every_page_of_the_staff(evil, adam, sara):
    shown = 0
    for user in (adam, sara):
        client = Client()
        client.force_login(user)
        for address in addresses(evil):
            response = client.get(address)
            if user is adam:
                assert response.status_code == 200, address
            assert _harmless(response), address
            shown += ESCAPED in response.content.decode()
    assert shown > 20


@pytest.mark.parametrize("role", ["adam", "customer"])
def test_is_shown_as_letters_behind_every_route(evil, role, request):
    client, found = Client(), examples(request)
    client.force_login(request.getfixturevalue(role))
    for route in RULED:
        if route.name in NO_TEST_OBJECT or route.rule.admin != OK:
            continue
        response = client.get(reverse(route.name, kwargs={word: found(route.name, word) for word in route.words}))
        assert _harmless(response), route.name


def test_is_shown_as_letters_to_the_customer(evil, customer):
    client = Client()
    client.force_login(customer)
    addresses = {
        "home": reverse("portal:home"),
        "request": reverse("portal:request", args=[evil.ticket.number]),
        "confirm": reverse("portal:confirm", args=[evil.closure_token]),
        "survey": reverse("portal:survey", args=[evil.survey_token]),
    }
    for name, address in addresses.items():
        response = client.get(address)
        assert response.status_code == 200, name
        assert _harmless(response), name
    assert ESCAPED in client.get(addresses["request"]).content.decode()
    assert "Board" not in client.get(addresses["request"]).content.decode()


def test_is_sent_as_letters_in_every_mail(evil, alice):
    lifecycle.resolve(evil.asked, by=alice, text=EVIL) if evil.asked.status != "resolved" else None
    dispatch.sweep()

    mails = list(OutgoingMail.objects.all())

    assert {"acknowledgement", "reply", "confirm"} & {mail.template for mail in mails}
    for mail in mails:
        assert not any(raw in mail.html for raw in RAW), mail.template
        assert "\n" not in mail.subject, mail.template
    assert any(ESCAPED in mail.html for mail in mails)


def test_what_a_template_would_compute_stays_as_it_is(evil, adam, client):
    client.force_login(adam)

    html = client.get(reverse("desk:ticket", args=[evil.ticket.number])).content.decode()

    assert "{{ 7|add:7 }}" in html
    assert Tag.objects.filter(name__contains="script").exists()


def _harmless(response) -> bool:
    if response.streaming:
        for close in response._resource_closers:
            close()
        return True
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return True
    html = response.content.decode()
    return not any(raw in html for raw in RAW) and "javascript:alert" not in html and "onload=alert" not in html
