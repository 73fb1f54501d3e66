"""Too much at once, and too large: answered in words, and what was typed stays."""

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from redis.exceptions import ConnectionError as Gone

from events import values
from portal.tests.test_submit import FIELDS
from tickets.models import Ticket
from tickets.values import ATTACHMENT_BYTES


@pytest.fixture
def few(settings):
    settings.PORTAL_LIMITS = {"submit": (1, 600), "reply": (1, 600), "supervisor": (1, 600)}


def test_a_request_too_many_waits_and_keeps_its_words(client, db, few):
    client.post(reverse("portal:submit"), FIELDS)
    answer = client.post(reverse("portal:submit"), FIELDS | {"subject": "Another", "idempotency_key": "abc"})

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    page = answer.content.decode()
    assert "Nothing is lost" in page
    assert 'value="Another"' in page
    assert 'value="abc"' in page  # pressed again it is the same message
    assert Ticket.objects.count() == 1


def test_a_message_too_many_waits_and_keeps_its_words(signed_in, carol, taken_ticket, few):
    browser, url = signed_in(carol), reverse("portal:reply", args=[taken_ticket.number])
    browser.post(url, {"text": "One"})
    answer = browser.post(url, {"text": "Two words"})

    assert (answer.status_code, "Two words" in answer.content.decode()) == (429, True)
    assert not taken_ticket.entries.filter(text="Two words").exists()


def test_asking_for_somebody_senior_is_limited_too__E9(signed_in, carol, taken_ticket, few):
    browser, url = signed_in(carol), reverse("portal:supervisor", args=[taken_ticket.number])
    browser.post(url)
    answer = browser.post(url)

    assert answer.status_code == 429
    assert answer.headers["Retry-After"]


def test_without_redis_nothing_is_limited(client, db, few, monkeypatch):
    def gone(*_args, **_kwargs):
        raise Gone

    monkeypatch.setattr(cache._cache, "incr", gone, raising=False)
    monkeypatch.setattr(cache._cache, "add", gone, raising=False)
    for subject in ("One", "Two", "Three"):
        assert client.post(reverse("portal:submit"), FIELDS | {"subject": subject}).status_code == 302


def test_sixty_files_are_refused_in_words(client, db):
    files = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(60)]
    answer = client.post(reverse("portal:submit"), FIELDS | {"files": files})

    assert answer.status_code == 422
    assert "these are 60" in answer.content.decode()
    assert "Since Monday." in answer.content.decode()
    assert not Ticket.objects.exists()


def test_more_files_than_a_form_can_hold_have_a_page(client, db, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 5
    files = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(6)]
    answer = client.post(reverse("portal:submit"), FIELDS | {"files": files})

    assert answer.status_code == 400
    assert b"too many files at once" in answer.content


def test_a_file_too_large_is_named(client, adam):
    values.put(ATTACHMENT_BYTES, 1024, by=adam)
    answer = client.post(reverse("portal:submit"), FIELDS | {"files": [SimpleUploadedFile("big.txt", b"x" * 1025)]})

    assert answer.status_code == 422
    assert "big.txt is larger than" in answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"name": "สมชาย ใจดี"}, None),
        ({"name": "דנה Cohen", "subject": "התנור E7 shows an error"}, None),
        ({"subject": "x" * 2000}, "keep it under 250 characters (now 2000)"),
    ],
)
def test_names_of_every_script_and_a_headline_too_long(client, db, fields, shown):
    answer = client.post(reverse("portal:submit"), FIELDS | fields)

    if shown:
        assert answer.status_code == 422
        assert shown in answer.content.decode()
        assert "x" * 2000 in answer.content.decode()  # nothing is cut off behind their back
    else:
        assert answer.status_code == 302
        assert Ticket.objects.get().requester.name == fields["name"]
