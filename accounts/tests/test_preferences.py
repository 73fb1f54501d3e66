"""Each user's own language and time zone; signing in joins a user to the person they are."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from customers import operations


def test_pages_speak_the_users_language_and_leave_nothing_behind(client, alice, settings):
    settings.DESK_LANGUAGES = ["en", "he"]
    User.objects.filter(pk=alice.pk).update(language="he", time_zone="Asia/Jerusalem")
    client.force_login(alice)

    answer = client.get(reverse("desk:account"), headers={"accept-language": "de"})

    text = answer.content.decode()
    assert '<html lang="he" dir="rtl"' in text
    assert answer.headers["Content-Language"] == "he"
    assert translation.get_language() == "de"  # what the browser asked for, before the user was known
    assert timezone.get_current_timezone_name() == "UTC"


def test_staff_read_the_desk_in_a_language_it_speaks_and_customers_pages_in_their_own(client, alice):
    User.objects.filter(pk=alice.pk).update(language="he")
    client.force_login(alice)

    desk, nowhere = client.get(reverse("desk:account")), client.get("/no/such/page/")
    portal, password = client.get(reverse("portal:submit")), client.get(reverse("account_change_password"))

    for answer in (desk, nowhere):
        assert '<html lang="en" dir="ltr"' in answer.content.decode()
        assert answer.headers["Content-Language"] == "en"
    for answer in (portal, password):
        assert '<html lang="he" dir="rtl"' in answer.content.decode()
        assert answer.headers["Content-Language"] == "he"
    offered = desk.context["form"].fields["language"].choices
    assert [code for code, _name in offered] == ["en", "he"]  # theirs stays until they choose another
    fields = {"name": "Alice", "called": "", "language": "he", "time_zone": "UTC"}
    assert client.post(reverse("desk:account"), fields).status_code == 302
    assert client.post(reverse("desk:account"), fields | {"language": "de"}).status_code == 422
    alice.refresh_from_db()
    assert alice.language == "he"


def test_a_customer_reads_every_page_in_their_own_language(client, carol):
    carol.user = User.objects.create_user("carol@acme.example", name="Carol", language="he")
    carol.save(update_fields=["user"])
    client.force_login(carol.user)

    for path in (reverse("portal:home"), "/no/such/page/", reverse("desk:tickets")):
        assert '<html lang="he" dir="rtl"' in client.get(path).content.decode(), path


def test_times_are_shown_in_the_users_zone(client, alice, carol, monday, make_ticket):
    make_ticket(carol, "Late", at=monday)  # 09:00 UTC
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
    client.force_login(alice)

    text = client.get(reverse("desk:customer", args=[carol.pk])).content.decode()

    assert re.search(r"18:00|6 p\.m\.", text)


@pytest.mark.parametrize(("language", "zone"), [("xx", "UTC"), ("en", "Mars/Base"), ("", "")])
def test_a_preference_that_means_nothing_is_passed_over(client, alice, language, zone):
    User.objects.filter(pk=alice.pk).update(language=language, time_zone=zone)
    client.force_login(alice)

    assert client.get(reverse("desk:account")).status_code == 200


def test_one_changes_ones_own_account(client, alice):
    client.force_login(alice)
    User.objects.filter(pk=alice.pk).update(language="sv")
    fields = {"name": "Alice Ågren", "called": "Ally", "language": "sv", "time_zone": "Europe/Stockholm"}

    assert client.post(reverse("desk:account"), fields | {"time_zone": "Mars/Base"}).status_code == 422
    assert client.post(reverse("desk:account"), fields).status_code == 302

    alice.refresh_from_db()
    assert (alice.name, alice.called, alice.language, alice.keys_enabled) == ("Alice Ågren", "Ally", "sv", True)


def test_availability_is_set_and_one_stays_where_one_was(client, alice):
    client.force_login(alice)
    url = reverse("desk:availability")

    assert client.post(url, {"availability": "away", "next": "/customers/"}).headers["Location"] == "/customers/"
    alice.staff_profile.refresh_from_db()
    assert alice.staff_profile.availability == "away"
    elsewhere = client.post(url, {"availability": "nonsense", "next": "https://evil.example/"})
    assert elsewhere.headers["Location"] == reverse("desk:landing")


@override_settings(ACCOUNT_RATE_LIMITS={})
def test_a_code_by_mail_signs_in_and_finds_the_customer(client, carol):
    user = User.objects.create_user("carol@acme.example", name="Carol")

    client.post(reverse("account_request_login_code"), {"email": "carol@acme.example"})
    code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", mail.outbox[0].body)
    assert code, mail.outbox[0].body
    client.post(reverse("account_confirm_login_code"), {"code": code.group()})

    carol.refresh_from_db()
    assert carol.user == user
    assert carol.addresses.get().verified_at


@override_settings(ACCOUNT_RATE_LIMITS={})
def test_a_shared_address_signs_in_as_nobody(client, carol, alice):
    operations.add_person(by=alice, name="Dan", emails=["carol@acme.example"])
    User.objects.create_user("carol@acme.example", name="Carol")

    client.post(reverse("account_request_login_code"), {"email": "carol@acme.example"})
    code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", mail.outbox[0].body)
    client.post(reverse("account_confirm_login_code"), {"code": code.group()})

    carol.refresh_from_db()
    assert carol.user is None


def test_a_password_signs_in_and_out(client, alice):
    answer = client.post(reverse("account_login"), {"login": "alice@desk.example", "password": "a long pass phrase"})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(alice.pk)
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session
