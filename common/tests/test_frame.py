"""The frame, the account pages and the pages of errors render whole, in both directions."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

pytestmark = pytest.mark.django_db  # the name of the desk

ERRORS = ["403.html", "403_csrf.html", "404.html", "409.html", "422.html", "500.html"]
RAIL = [{"url": "/tickets/", "icon": "inbox", "label": "Tickets <b>", "count": 128, "hot": True, "current": True}]


@pytest.fixture
def request_of_nobody(rf):
    request = rf.get("/")
    request.user = AnonymousUser()
    request.session = {}
    request._messages = CookieStorage(request)
    return request


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_says_what_to_do(name, request_of_nobody):
    html = render_to_string(name, request=request_of_nobody)

    assert html.count("<h1>") == 1
    assert 'href="/"' in html


def test_the_page_of_a_crash_needs_no_request():
    assert "Something broke" in render_to_string("500.html")


def test_the_rail_shows_what_it_is_given(request_of_nobody):
    html = render_to_string("desk/base.html", {"rail": RAIL}, request=request_of_nobody)

    assert 'href="/tickets/" aria-current="page"' in html
    assert "Tickets &lt;b&gt;" in html
    assert '<span class="count hot">128</span>' in html


def test_the_page_runs_the_way_its_language_does(request_of_nobody):
    with translation.override("he"):
        html = render_to_string("portal/base.html", request=request_of_nobody)

    assert '<html lang="he" dir="rtl"' in html


def test_htmx_evaluates_nothing_and_shows_refusals(request_of_nobody):
    config = re.search(
        r"name=\"htmx-config\" content='([^']+)'", render_to_string("desk/base.html", request=request_of_nobody)
    )[1]

    assert '"allowEval": false' in config
    assert '"code": "409", "swap": true' in config
    assert '"code": "422", "swap": true' in config


@pytest.mark.django_db
@pytest.mark.parametrize(
    "route",
    [
        "account_login",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_request_login_code",
        "account_inactive",
        "account_signup",
    ],
)
def test_pages_of_signing_in_wear_the_plain_card(client, route):
    html = client.get(reverse(route)).content.decode()

    assert 'class="auth"' in html
    assert html.count("<h1>") == 1


@pytest.mark.django_db
def test_a_forged_reset_link_offers_a_new_one(client):
    html = client.get(reverse("account_reset_password_from_key", args=["1", "not-a-key"])).content.decode()

    assert "This link no longer works" in html
    assert reverse("account_reset_password") in html


@pytest.mark.django_db
def test_a_code_can_be_asked_for_and_entered(client):
    answer = client.post(reverse("account_request_login_code"), {"email": "nobody@example.org"}, follow=True)
    html = answer.content.decode()

    assert "Enter your code" in html
    assert "nobody@example.org" in html
    assert 'name="code"' in html


@pytest.mark.django_db
def test_a_wrong_password_is_said_and_the_address_is_kept(client):
    html = client.post(reverse("account_login"), {"login": "a@example.org", "password": "wrong"}).content.decode()

    assert 'class="form-errors"' in html
    assert 'value="a@example.org"' in html
