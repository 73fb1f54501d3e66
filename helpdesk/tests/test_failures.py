"""What went wrong is said in words, in the frame of who stands there; a program gets plain text."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from helpdesk.asgi import Guard
from helpdesk.failures import server_error
from helpdesk.testing import alone


def answer_of(*headers):
    """What the guard answers to a body that is too long, sent in two pieces."""
    sent, pieces = [], [{"type": "http.request", "body": b"x", "more_body": True}, {"type": "http.request"}]

    async def inner(_scope, _receive, _send):
        raise AssertionError("The view must not see it.")

    async def receive():
        return pieces.pop(0)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "headers": [(b"content-length", b"1000"), *headers]}
    alone(Guard(inner, longest=10)(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"])[b"content-type"], sent[1]["body"].decode(), pieces


def test_a_browser_that_sends_too_much_gets_a_page_in_its_language_once_it_has_sent_all():
    status, kind, body, unread = answer_of((b"accept", b"text/html,*/*"), (b"accept-language", b"xx, de;q=0.9"))

    assert (status, kind, unread) == (413, b"text/html; charset=utf-8", [])
    assert '<html lang="de"' in body
    assert "mehr, als wir auf einmal annehmen" in body


def test_a_program_that_sends_too_much_gets_plain_words_at_once():
    status, kind, body, unread = answer_of((b"accept", b"application/json"))

    assert (status, kind, body) == (413, b"text/plain; charset=utf-8", "The request is too large.")
    assert len(unread) == 2


def test_a_crash_asks_nothing_of_the_database():
    answer = server_error(RequestFactory().get("/"))

    assert answer.status_code == 500
    assert b"Something broke on our side" in answer.content


@pytest.mark.parametrize(("who", "words"), [("nobody", "We cannot find this page"), ("alice", "not yours to see")])
def test_what_is_not_there_is_said_in_the_frame_of_who_stands_there(client, db, request, who, words):
    if who != "nobody":
        client.force_login(request.getfixturevalue(who))
    page = client.get("/nothing/is/here/").content.decode()

    assert words in page
    assert ('class="rail"' in page) == (who == "alice")
    assert f'href="{reverse("portal:submit")}"' in page or 'href="/"' in page
