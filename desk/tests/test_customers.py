"""The pages about customers (C1-C4, T13)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers import flags, operations
from customers.models import Flag, Organisation, Person, PersonMerge, Purchase
from events.models import Event
from feedback.models import Answer, Invitation, Survey
from tickets.models import Hold, HoldReason, Participant, Promise, Transfer

DAY = timedelta(days=1)
HOSTILE = "<script>alert('x')</script>{{ 7|add:7 }}\u202e"


@pytest.fixture
def desk(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def history(carol, alice, sara, billing, printer_ticket, now):
    """One of everything, as often as asked."""

    def make(times: int) -> None:
        reason = HoldReason.objects.first()
        survey = Survey.objects.first()
        for n in range(times):
            at = now - timedelta(hours=n + 2)
            about = {"ticket": printer_ticket}
            Hold.objects.create(
                **about, placed_by=alice, placed_at=at, reason=reason, consent="given", until=at + DAY, ended_at=at,
                outcome="kept",
            )  # fmt: skip
            Promise.objects.create(
                **about, made_by=alice, owner=alice, made_at=at, due_at=at + 9 * DAY, break_at=at + 10 * DAY,
                text=f"Call about {n}",
            )  # fmt: skip
            Transfer.objects.create(
                **about, sender=alice, to_team=billing, reason="expertise", consent="given", understood="x", tried="y",
                sent_at=at, accept_by=at + DAY, status="refused", ended_at=at,
            )  # fmt: skip
            operations.add_address(carol, f"c{times}-{n}@more.example", by=alice)
            event = Event.objects.latest("pk")
            asked = Invitation.objects.create(
                survey=survey, ticket=printer_ticket, person=carol, closed_by=event, send_at=at
            )
            Answer.objects.create(invitation=asked, ticket=printer_ticket, person=carol, score=2, comment=f"Meh {n}")
            Purchase.objects.create(person=carol, product=f"Kettle {n}")

    return make


def test_one_page_shows_everything_known__C3(desk, carol, alice, history, call, now):
    history(1)
    flags.set_flag(carol, by=alice, kind="vip", reason="Board member", review_at=now + DAY, expires_at=now + 2 * DAY)

    page = desk.get(reverse("desk:customer", args=[carol.pk]))

    text = page.content.decode()
    for known in (
        "Carol Cole", "carol@acme.example", "+4930901820", "Acme", "The printer is on fire", "Please help, it smokes",
        "Board member", "Call about 0", "On hold: kept", "Passed on to Billing", "Meh 0", "Kettle 0", "Phone",
    ):  # fmt: skip
        assert known in text, known


def test_the_page_costs_the_same_whatever_it_shows__C3(desk, carol, history, printer_ticket, make_ticket):
    url = reverse("desk:customer", args=[carol.pk])
    history(1)
    desk.get(url)
    with CaptureQueriesContext(connection) as few:
        desk.get(url)

    history(12)
    for n in range(12):
        make_ticket(carol, f"Another {n}", team=printer_ticket.team)
    with CaptureQueriesContext(connection) as many:
        assert desk.get(url).status_code == 200

    assert len(many) == len(few)
    assert len(many) <= 26


def test_the_story_narrows_to_one_kind_and_goes_on__C3(desk, carol, history, call, printer_ticket, now):
    history(12)
    history(25)  # more than one list holds
    url = reverse("desk:customer", args=[carol.pk])

    story = desk.get(url, {"show": "answers"}).context["known"].story
    assert {moment.kind for moment in story} == {"answers"}
    assert {moment.kind for moment in desk.get(url, {"show": "calls"}).context["known"].story} == {"calls"}
    assert desk.get(url, {"show": "x", "before": "y"}).context["show"] == ""

    told, address, address_of_each = [], url, []
    while address and len(address_of_each) < 30:
        context = desk.get(address).context
        told += context["known"].story
        address_of_each.append(address)
        address = context["older_url"] and url + context["older_url"]
    assert len(address_of_each) > 3
    for kind, times in (("Surv", 37), ("On hold", 37), ("Promised", 37), ("Passed on", 37)):
        assert sum(moment.title.startswith(kind) for moment in told) == times, kind
    assert [moment.at for moment in told] == sorted((moment.at for moment in told), reverse=True)


def test_the_head_says_what_their_clock_shows(desk, carol):
    carol.time_zone, carol.language = "Asia/Bangkok", "th"
    carol.save(update_fields=["time_zone", "language"])
    url = reverse("desk:customer", args=[carol.pk])

    assert "there now" in desk.get(url).content.decode()

    carol.time_zone = "Nowhere/Else"
    carol.save(update_fields=["time_zone"])
    assert "there now" not in desk.get(url).content.decode()


def test_a_call_to_them_is_one_press_away__T1(desk, carol):
    link = f"{reverse('desk:log_contact')}?person={carol.pk}&direction=out"
    assert link.replace("&", "&amp;") in desk.get(reverse("desk:customer", args=[carol.pk])).content.decode()

    form = desk.get(link).context["form"]
    assert (form["direction"].value(), int(form["person"].value())) == ("out", carol.pk)


def test_the_list_costs_the_same_for_any_size(desk, carol, make_person):
    url = reverse("desk:customers")
    desk.get(url)
    with CaptureQueriesContext(connection) as one:
        desk.get(url)
    for n in range(20):
        make_person(f"Person {n}", email=f"p{n}@x.example")

    with CaptureQueriesContext(connection) as many:
        desk.get(url)

    assert len(one) == len(many)


def test_search_as_one_types_shows_flags_and_open_tickets__C3_C4(desk, carol, alice, printer_ticket, now):
    flags.set_flag(carol, by=alice, kind="abusive", reason="X", review_at=now + DAY, expires_at=now + DAY)

    text = desk.get(reverse("desk:customer_search"), {"q": "caro"}).content.decode()

    assert f'data-value="{carol.pk}"' in text
    assert "Abusive" in text
    assert "1 open" in text
    assert desk.get(reverse("desk:customer_search"), {"q": "\x00%_'" + "x" * 5000}).status_code == 200
    others = desk.get(reverse("desk:customer_search"), {"q": "caro", "without": carol.pk}).content.decode()
    assert f'data-value="{carol.pk}"' not in others


def test_a_flag_is_seen_first_and_never_by_the_customer__C4(client, desk, ivan, make_user, alice, tier1, now):
    colleague = make_user("ida", team=tier1)
    ivan.user = colleague
    ivan.notes = "Keeps old passwords"
    ivan.save(update_fields=["user", "notes"])
    flags.set_flag(ivan, by=alice, kind="vulnerable", reason="Was ill", review_at=now + DAY, expires_at=now + DAY)
    url = reverse("desk:customer", args=[ivan.pk])

    seen = desk.get(url).content.decode()
    assert seen.index("Was ill") < seen.index("Open tickets")

    client.force_login(colleague)  # the same human, as a colleague
    for page in (url, reverse("desk:customers"), f"{reverse('desk:customer_search')}?q=ivan"):
        text = client.get(page).content.decode()
        assert "Was ill" not in text
        assert "Vulnerable" not in text
        assert "old passwords" not in text


def test_third_party_staff_know_only_their_teams_customers__T13(
    client, theo, carol, ivan, billing, make_ticket, printer_ticket
):
    client.force_login(theo)
    make_ticket(ivan, "A bill", team=billing)

    assert client.get(reverse("desk:customer", args=[carol.pk])).status_code == 404
    assert client.get(reverse("desk:customer", args=[ivan.pk])).status_code == 200
    listed = client.get(reverse("desk:customers")).content.decode()
    assert "Ivan" in listed
    assert "Carol" not in listed
    assert "Carol" not in client.get(reverse("desk:customer_search"), {"q": "carol"}).content.decode()
    assert client.post(reverse("desk:customer_reach", args=[carol.pk]), {"reach": "x@y.example"}).status_code == 404
    assert client.get(reverse("desk:organisation", args=[carol.organisation.pk])).status_code == 404


def test_what_stands_on_hidden_tickets_is_not_shown__T13(desk, carol, billing, make_ticket):
    billing.is_restricted = True
    billing.save(update_fields=["is_restricted"])
    secret = make_ticket(carol, "A secret bill", team=billing, text="Do not tell")
    Promise.objects.create(
        ticket=secret, owner_id=desk.session["_auth_user_id"], made_at=timezone.now(), due_at=timezone.now() + DAY,
        break_at=timezone.now() + 2 * DAY, text="Hush",
    )  # fmt: skip

    text = desk.get(reverse("desk:customer", args=[carol.pk])).content.decode()

    assert "secret" not in text
    assert "Do not tell" not in text
    assert "Hush" not in text


def form_of(**changes) -> dict[str, str]:
    fields = {"name": "Nina Neu", "kind": "external", "email": "nina@neu.example", "phone": "+49 30 777"}
    return {**fields, "idempotency_key": "k1", **changes}


def test_adding_a_customer_twice_adds_one(desk):
    url = reverse("desk:customer_add")

    first = desk.post(url, form_of(organisation="Neu GmbH"))
    second = desk.post(url, form_of(organisation="Neu GmbH"))

    person = Person.objects.get(name="Nina Neu")
    assert first.headers["Location"] == second.headers["Location"] == reverse("desk:customer", args=[person.pk])
    assert person.organisation == Organisation.objects.get(name="Neu GmbH")


def test_somebody_who_has_the_address_is_shown_before_a_second_is_added(desk, carol):
    answer = desk.post(reverse("desk:customer_add"), form_of(email="carol@acme.example"))

    assert answer.status_code == 422
    assert reverse("desk:customer", args=[carol.pk]) in answer.content.decode()
    assert not Person.objects.filter(name="Nina Neu").exists()

    desk.post(reverse("desk:customer_add"), form_of(email="carol@acme.example", anyway="on"))
    assert Person.objects.filter(name="Nina Neu").exists()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"email": "no"}, "no e-mail address"),
        ({"phone": "call me"}, "has digits"),
        ({"name": "x" * 151}, "150"),
        ({"kind": "friend"}, "friend"),
        ({"kind": "internal", "organisation": "Acme Nova"}, "external customers"),
    ],
)
def test_an_error_stands_at_its_field_and_nothing_is_lost(desk, changes, word):
    answer = desk.post(reverse("desk:customer_add"), form_of(**changes))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert word in text
    assert "+49 30 777" in text or "call me" in text  # what was typed is still there
    assert not Person.objects.exists()


def test_hostile_texts_are_only_texts(desk, carol, alice, now):
    operations.change_person(carol, by=alice, name=HOSTILE, called=HOSTILE[:40], notes=HOSTILE)
    flags.set_flag(carol, by=alice, kind="vip", reason=HOSTILE, review_at=now + DAY, expires_at=now + DAY)

    for url in (
        reverse("desk:customer", args=[carol.pk]), reverse("desk:customers"),
        f"{reverse('desk:customer_search')}?q=script",
        reverse("desk:customer_edit", args=[carol.pk]), reverse("desk:customer_merge", args=[carol.pk]),
        reverse("desk:customer_flag", args=[carol.pk]),
    ):  # fmt: skip
        text = desk.get(url).content.decode()
        assert "<script>alert" not in text, url
        assert "alert(" in text, url


def test_addresses_and_numbers_are_added_chosen_and_removed__C2(desk, carol):
    def post(name, *args, **data):
        assert desk.post(reverse(name, args=[carol.pk, *args]), data).status_code == 302

    post("desk:customer_reach", reach="cc@home.example")
    post("desk:customer_reach", reach="+49 30 555 000")
    added = carol.addresses.get(address="cc@home.example")
    post("desk:address_main", added.pk)
    post("desk:address_remove", carol.addresses.get(address="carol@acme.example").pk)
    post("desk:phone_main", carol.phones.get(normalised="+4930555000").pk)

    assert carol.addresses.get() == added
    assert carol.phones.get(is_primary=True).normalised == "+4930555000"
    answer = desk.post(reverse("desk:customer_reach", args=[carol.pk]), {"reach": "no@"}, follow=True)
    assert "no e-mail address" in answer.content.decode()


def test_merging_shows_what_moves_and_then_moves_it__C2(desk, carol, oscar, printer_ticket, make_ticket):
    make_ticket(oscar, "Another")
    url = reverse("desk:customer_merge", args=[carol.pk])

    seen = desk.get(url, {"other": oscar.pk}).content.decode()
    assert "Tickets" in seen
    assert not PersonMerge.objects.exists()

    assert desk.post(url, {"other": oscar.pk}).status_code == 302
    assert carol.tickets.count() == 2
    old = desk.get(reverse("desk:customer", args=[oscar.pk]))
    assert old.headers["Location"] == reverse("desk:customer", args=[carol.pk])
    assert desk.post(url, {"other": carol.pk}).status_code == 409
    assert desk.post(url, {"other": ""}).status_code == 422
    assert desk.post(url, {"other": "99999999999999999"}).status_code == 404


def test_a_flag_is_set_reviewed_and_lifted__C4(desk, carol, bob, client):
    today = timezone.localdate()
    fields = {"kind": "abusive", "reason": "Shouted", "review_on": today + DAY, "expires_on": today + 2 * DAY}
    url = reverse("desk:customer_flag", args=[carol.pk])

    assert desk.post(url, fields | {"expires_on": today}).status_code == 422
    assert desk.post(url, fields | {"expires_on": "9999-12-31"}).status_code in (302, 422)
    Flag.objects.all().delete()
    assert desk.post(url, fields).status_code == 302
    flag = Flag.objects.get()
    again = desk.post(url, fields)
    assert again.status_code == 422
    assert "set already" in again.content.decode()

    review = reverse("desk:flag_review", args=[carol.pk, flag.pk])
    assert desk.post(review, {"review_on": today + 5 * DAY, "expires_on": today + 9 * DAY}).status_code == 302
    client.force_login(bob)
    assert "lifts it, or a supervisor" in client.get(review).content.decode()
    assert desk.post(reverse("desk:flag_lift", args=[carol.pk, flag.pk])).status_code == 302
    flag.refresh_from_db()
    assert flag.lifted_at is None  # bob may not


def test_a_group_shows_its_people_and_tickets__C2(desk, acme, warehouse, ivan, carol, printer_ticket):
    assert "The printer is on fire" in desk.get(reverse("desk:organisation", args=[acme.pk])).content.decode()
    assert "Ivan Ivanov" in desk.get(reverse("desk:department", args=[warehouse.pk])).content.decode()
    url = reverse("desk:organisation_edit", args=[acme.pk])
    assert desk.post(url, {"name": "", "domain": ""}).status_code == 422
    assert desk.post(url, {"name": "Acme Two", "domain": "acme.example", "shares_tickets": "on"}).status_code == 302
    acme.refresh_from_db()
    assert (acme.name, acme.shares_tickets) == ("Acme Two", True)


def test_who_takes_part_sees_it_on_their_page(desk, oscar, printer_ticket):
    Participant.objects.create(ticket=printer_ticket, person=oscar)

    assert "printer is on fire" in desk.get(reverse("desk:customer", args=[oscar.pk])).content.decode()
