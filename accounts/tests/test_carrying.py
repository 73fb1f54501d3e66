"""What was typed survives an ended session and an old page, and no other site can make use of it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tickets.models import Draft

HERE = {"sec-fetch-site": "same-origin"}
TYPED = {"text": "Dear <b>Carol</b>,\nthe pump runs.", "idempotency_key": "k1", "csrfmiddlewaretoken": "x"}


@pytest.fixture
def strict():
    """A browser whose forms need their token."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def page(taken_ticket):
    return reverse("desk:reply", args=[taken_ticket.number])


def token_in(html):
    return html.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]


def test_after_the_session_ended_the_words_come_back_and_one_press_sends_them(client, alice, page, taken_ticket):
    answer = client.post(page, TYPED)

    assert answer.status_code == 403
    html = answer.content.decode()
    assert "Your session has ended" in html
    assert "&lt;b&gt;Carol&lt;/b&gt;" in html
    go_on = html.split("login/?next=")[1].split('"')[0]
    assert client.get(go_on).status_code == 302  # to the sign-in, which leads back

    client.force_login(alice)
    again = client.get(go_on).content.decode()

    assert "Nothing was sent yet" in again
    assert f'action="{page}"' in again
    assert 'name="idempotency_key" value="k1"' in again
    assert not taken_ticket.entries.filter(text__contains="the pump runs").exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"to": "7"}, "What you filled in is kept."), ({"to": "7", "name": "Gold"}, "Here is what you typed.")],
)
def test_where_nothing_can_be_read_again_it_does_not_say_so(client, alice, taken_ticket, typed, said):
    form = reverse("desk:assign", args=[taken_ticket.number])
    html = client.post(form, typed, headers=HERE).content.decode()
    client.force_login(alice)

    again = client.get(html.split("login/?next=")[1].split('"')[0]).content.decode()

    assert said in again
    assert ("Gold</textarea>" in again) is ("name" in typed)


def test_an_old_token_asks_again_and_sends_on_a_press(strict, alice, page, taken_ticket):
    strict.force_login(alice)
    answer = strict.post(page, TYPED, headers=HERE)
    html = answer.content.decode()

    assert answer.status_code == 403
    assert "Please send it once more" in html
    assert "&lt;b&gt;Carol&lt;/b&gt;" in html

    done = strict.post(page, TYPED | {"csrfmiddlewaretoken": token_in(html), "seq": "0"}, headers=HERE)

    assert done.status_code != 403


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {}])
def test_words_from_another_site_are_not_offered__csrf(strict, alice, page, headers):
    strict.force_login(alice)
    html = strict.post(page, TYPED, headers=headers).content.decode()

    assert "Carol" not in html.split("<main")[1].split("</main>")[0]
    assert "Send it now" not in html
    assert "carried" not in strict.session


def test_a_customers_request_without_a_token_comes_back_ready_to_send(strict, db):
    url = reverse("portal:submit")
    typed = {"subject": "No heat", "text": "Since\nMonday.", "name": "Vera", "email": "vera@else.example",
             "type": "question"}  # fmt: skip
    html = strict.post(url, typed, headers=HERE).content.decode()
    assert "Since\nMonday." in html

    answer = strict.post(url, typed | {"csrfmiddlewaretoken": token_in(html)}, headers=HERE)

    assert answer.url == reverse("portal:sent")


def test_files_do_not_come_along_and_that_is_said(client, page):
    html = client.post(page, {"text": "See it.", "files": SimpleUploadedFile("pump.txt", b"x")}).content.decode()

    assert "Files do not come along" in html
    assert "pump.txt" in html


def test_passwords_are_never_shown_or_kept(strict, db):
    html = strict.post(reverse("account_login"), {"login": "a@b.example", "password": "s3cret"}, headers=HERE)

    assert b"s3cret" not in html.content
    assert "carried" not in strict.session


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_script_is_told_in_a_header_and_gets_a_fresh_token(strict, alice, page, signed_in):
    if signed_in:
        strict.force_login(alice)
    answer = strict.post(page, TYPED, headers={**HERE, "hx-request": "true"})

    assert answer.status_code == 403
    assert answer.headers["X-Session-Ended"] == "token"
    assert answer.headers["X-CSRFToken"]
    assert b"<dialog" in answer.content


def test_a_script_is_not_sent_to_the_sign_in_page(client, page):
    answer = client.post(page, TYPED, headers={"hx-request": "true"})

    assert (answer.status_code, answer.headers["X-Session-Ended"]) == (403, "ended")


def test_a_very_long_text_stands_on_the_page_alone(client, page):
    html = client.post(page, {"text": "a" * 300_000}).content.decode()

    assert "a" * 300_000 in html
    assert "carried" not in client.session


def test_what_is_kept_belongs_to_one_browser(client, alice, page):
    html = client.post(page, TYPED).content.decode()
    other = Client()
    other.force_login(alice)

    assert other.get(html.split("login/?next=")[1].split('"')[0]).status_code == 404


def test_too_many_attempts_to_sign_in_are_a_429(client, db):
    User.objects.create_user("a@b.example", "a long pass phrase", name="A")
    fields = {"login": "a@b.example", "password": "wrong"}
    answers = [client.post(reverse("account_login"), fields) for _try in range(7)]

    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert answers[-1].headers["Retry-After"]
    assert b'value="a@b.example"' in answers[-1].content


def test_signing_in_leads_to_where_one_was_going(client, db):
    User.objects.create_user("a@b.example", "a long pass phrase", name="A")
    page = client.get(reverse("account_login"), {"next": "/portal/new/"}).content.decode()
    assert 'name="next" value="/portal/new/"' in page
    assert "next=%2Fportal%2Fnew%2F" in page.replace("%252F", "%2F")  # the way by a code too

    fields = {"login": "a@b.example", "password": "a long pass phrase", "next": "/portal/new/"}

    assert client.post(reverse("account_login"), fields).url == "/portal/new/"


def test_every_page_says_whose_it_is(client, alice, page):
    client.force_login(alice)
    html = client.get(reverse("desk:tickets")).content.decode()

    assert f'data-for="{alice.pk}"' in html
    assert f'"x-drawn-for": "{alice.pk}"' in html
    assert "drawn-for" not in Client().get(reverse("account_login")).content.decode()


@pytest.mark.parametrize("csrf", [True, False])
def test_a_page_of_somebody_else_writes_nothing_in_my_name(alice, bob, page, taken_ticket, csrf):
    """Alice's page is open; Bob signs in in another tab of her browser, and what she typed is sent."""
    browser = Client(enforce_csrf_checks=csrf)
    browser.force_login(bob)
    draft = reverse("desk:draft", args=[taken_ticket.number, "reply"])
    by_script = {**HERE, "hx-request": "true", "x-drawn-for": str(alice.pk)}

    answers = [
        browser.post(page, TYPED, headers=by_script),
        browser.post(draft, {"text": "Dear Carol", "version": "0"}, headers=by_script),
        browser.post(draft, {"text": "Dear Carol", "drawn_for": str(alice.pk)}, headers={**HERE, "hx-request": "true"}),
    ]
    form = browser.post(page, {**TYPED, "drawn_for": str(alice.pk)}, headers=HERE)

    for answer in answers:
        assert (answer.status_code, answer.headers["X-Session-Ended"]) == (403, "other")
        assert "You are signed in as Bob now" in answer.content.decode()
        assert "X-CSRFToken" not in answer.headers
    html = form.content.decode()
    assert form.status_code == 403
    assert "You are signed in as Bob now" in html
    assert "&lt;b&gt;Carol&lt;/b&gt;" in html
    assert "Send it now" not in html
    assert not Draft.objects.exists()
    assert taken_ticket.entries.filter(author=bob).count() == 0


def test_a_page_of_ones_own_is_let_through_and_so_is_signing_out(client, alice, bob, page, taken_ticket):
    client.force_login(alice)
    sent = client.post(page, TYPED, headers={"hx-request": "true", "x-drawn-for": str(alice.pk)})
    assert sent.status_code == 204
    assert taken_ticket.entries.filter(author=alice, text__contains="the pump runs").count() == 1

    client.post(reverse("account_logout"), {"drawn_for": str(bob.pk)})
    assert "_auth_user_id" not in client.session
