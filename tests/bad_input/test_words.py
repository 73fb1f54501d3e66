"""Too much, too odd, and twice: every form takes it or says no, and nothing is lost or half written."""

from __future__ import annotations

import html
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.http import HttpResponse
from django.urls import reverse

from feedback.models import Answer
from tests.bad_input.conftest import DOORS, Door
from tickets.attachments import storage
from tickets.models import Attachment, Blob, Entry, Ticket

pytestmark = pytest.mark.django_db

TWENTY_MEGABYTES = 20 * 1024 * 1024
ODD = "\x00\U0001f525\U0001f469\u200d\U0001f692 E7\x00 \u202egnihtemos\u202c \ufeff\x1b[31m"


@pytest.fixture
def each_door(house: SimpleNamespace) -> Callable[[Callable[[str, Door], None]], None]:
    """Try every door in turn; what went through it is taken back before the next. All that is wrong is told at once."""

    def walk(check: Callable[[str, Door], None]) -> None:
        wrong = {}
        for name, door in DOORS.items():
            with transaction.atomic():
                try:
                    check(name, door)
                except (AssertionError, DatabaseError) as problem:
                    wrong[name] = str(problem).splitlines()[:3]
                transaction.set_rollback(True)
        assert wrong == {}

    return walk


def test_an_ordinary_word_goes_through(each_door, knock, written):
    before = written()

    def check(name: str, door: Door) -> None:
        assert knock(door, "Ordinary").status_code == 302, name
        assert written() != before, name

    each_door(check)


def test_twenty_megabytes_are_refused_and_nothing_is_written(each_door, knock, written):
    before, words = written(), "x" * TWENTY_MEGABYTES

    def check(name: str, door: Door) -> None:
        assert knock(door, words).status_code in (400, 413), name
        assert written() == before, name

    each_door(check)


def test_what_is_too_long_comes_back_or_is_kept_whole(each_door, knock, written):
    """A text of one megabyte: the form says so with the words in it, or the customer's whole words are kept."""
    before, words = written(), "ha " * 350_000 + "the end"

    def check(name: str, door: Door) -> None:
        response = knock(door, words)

        if response.status_code == 302:
            assert _kept_whole("the end"), name
        else:
            assert response.status_code in (409, 422), name
            assert "the end" in response.content.decode(), name
            assert written() == before, name

    each_door(check)


def test_emoji_and_nul_bytes_are_taken_or_refused(each_door, knock, written):
    before = written()

    def check(name: str, door: Door) -> None:
        response = knock(door, ODD)

        assert response.status_code in (302, 422), name
        if response.status_code == 422:
            assert written() == before, name
            assert "E7" in response.content.decode(), name
        assert not set("\x00\x1b") & set("".join(Entry.objects.values_list("text", flat=True))), name
        assert not set("\x00\x1b\u202e") & set("".join(Ticket.objects.values_list("subject", flat=True))), name

    each_door(check)


def test_sent_twice_with_one_key_is_done_once(each_door, knock, written):
    def check(name: str, door: Door) -> None:
        first = knock(door, "Once", idempotency_key="k" * 32)
        after_one = written()

        second = knock(door, "Once", idempotency_key="k" * 32)

        assert first.status_code == 302, name
        if name == "confirm: why":  # the question has its answer, and the page says so
            assert second.status_code == 200, name
        else:
            assert second.headers["Location"] == first.headers["Location"], name
        if name != "survey":  # amended as often as they like; it stays one answer
            assert written() == after_one, name
        assert Answer.objects.count() <= 1, name

    each_door(check)


def test_sent_twice_without_a_key_is_no_error(each_door, knock):
    def check(name: str, door: Door) -> None:
        assert knock(door, "Twice").status_code == 302, name
        assert knock(door, "Twice").status_code in (200, 302, 409, 422), name

    each_door(check)


def test_an_odd_key_is_no_error(each_door, knock):
    def check(name: str, door: Door) -> None:
        for key in ("\x00", "k" * 5000, "\U0001f525"):
            assert knock(door, "Word", idempotency_key=key).status_code in (200, 302, 409, 422), name

    each_door(check)


def test_emoji_reach_the_subject_as_they_are(house, knock, client):
    knock(DOORS["request: subject"], "\U0001f525\U0001f469\u200d\U0001f692 Feuer")

    ticket = Ticket.objects.get(subject="\U0001f525\U0001f469\u200d\U0001f692 Feuer")
    client.force_login(house.alice)
    assert ticket.subject in client.get(reverse("desk:ticket", args=[ticket.number])).content.decode()


ODD_VALUES = ("\x00", "-1", "99999999999999999999999", "\u00b2", "\u0663", "x", "", "[]", "%", "_" * 5000, "';--", ODD)


@pytest.mark.takes(20)
def test_odd_values_in_addresses_are_no_error(house, adam, client):
    """What a person may type into an address, for every word that a page reads from it."""
    client.force_login(adam)
    asked = {
        "log_contact": ("person", "ticket"), "contact_about": ("person",), "escalations": ("show", "list"),
        "tickets": ("view", "after", "team", "sort", "q", "assignee", "status"), "customers": ("q", "after"),
        "customer_search": ("q",), "outbox": ("after", "status"), "sla_report": ("from", "through", "by", "compare"),
        "sla_report_csv": ("from", "table"), "ticket_filters": ("view", "team"),
    }  # fmt: skip
    for route, names in asked.items():
        for name in names:
            for value in ODD_VALUES:
                response = client.get(reverse(f"desk:{route}"), {name: value})
                assert response.status_code in (200, 302, 400, 404, 422), (route, name, value)
    for value in ODD_VALUES:
        for name in ("after", "write"):
            at = reverse("desk:ticket", args=[house.ticket.number])
            assert client.get(at, {name: value}).status_code in (200, 400, 404, 422), (name, value)


def test_a_forged_contact_form_is_refused(house, knock, written):
    before = written()
    for name in ("person", "belongs_to", "minutes", "seconds", "happened_at", "way", "direction"):
        for value in ("\u00b2", "x", "-1", "99999999999999999999999", "\x00"):
            response = knock(DOORS["log a contact"], "They called", **{name: value})

            assert response.status_code in (404, 422), (name, value)
            assert written() == before, (name, value)


def test_a_forged_start_of_a_call_is_no_error(house, client):
    client.force_login(house.alice)
    for name in ("person", "ticket", "channel", "direction"):
        for value in ("\u00b2", "x", "-1", "99999999999999999999999", "\x00"):
            response = client.post(reverse("desk:begin_contact"), {name: value})

            assert response.status_code in (302, 404, 422), (name, value)


def test_a_call_leads_to_no_other_site(house, client):
    client.force_login(house.alice)

    response = client.post(reverse("desk:begin_contact"), {"next": "https://evil.example/"})

    assert response.headers["Location"].startswith("/")
    assert not response.headers["Location"].startswith("//")


@pytest.fixture
def files_kept(settings, tmp_path):
    """The folder of this test's files, two below ``tmp_path``."""
    folder = tmp_path / "in" / "files"
    settings.STORAGES = {
        **settings.STORAGES,
        "attachments": {"BACKEND": "tickets.storage.DurableFiles", "OPTIONS": {"location": folder}},
    }
    return folder


@pytest.fixture
def attach(house, client, files_kept):
    """``attach(name)`` sends a note with a file of that name, which a browser would never send and a program may."""

    def send(name: str) -> HttpResponse:
        client.force_login(house.alice)
        file = SimpleUploadedFile("x", b"climbing")
        file.name = file._name = name  # the test client takes it as it is
        return client.post(reverse("desk:note", args=[house.ticket.number]), {"text": "See the file", "files": file})

    return send


@pytest.mark.parametrize(
    "file_name", ["../../x", "..\\..\\x", "/etc/passwd", "a\x00b.txt", "x" * 300 + ".txt", "\u202etxt.pdf"]
)
def test_a_file_cannot_climb_out_of_its_folder(file_name, attach, house, files_kept, tmp_path):
    response = attach(file_name)

    assert response.status_code == 302
    kept = Attachment.objects.get(entry__ticket=house.ticket)
    assert not set(kept.name) & set("/\\\x00\u202e")
    assert len(kept.name) <= 255
    assert not kept.name.startswith(".")
    written_files = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert written_files
    assert [one for one in written_files if files_kept not in one.parents] == []


@pytest.mark.parametrize("file_name", ["\u202etxt.exe", "fdp.\u202eexe", "setup.EXE. ", "report.pdf.exe"])
def test_a_program_is_refused_in_words_whatever_its_name_pretends(file_name, attach, house, written, tmp_path):
    before = written()

    response = attach(file_name)

    assert response.status_code == 422
    told = html.unescape(response.content.decode())
    assert "could run" in told
    assert "See the file" in told, "what they wrote comes back"
    assert "\u202e" not in told, "a turned name would read as another kind"
    assert written() == before
    assert not Attachment.objects.exists()
    assert not Blob.objects.exists()
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_a_file_of_a_customer_is_served_as_nothing_that_runs(house, client):
    client.force_login(house.customer)
    page = SimpleUploadedFile("page.html", b"<script>alert(1)</script>", content_type="text/html")
    client.post(reverse("portal:reply", args=[house.ticket.number]), {"text": "See", "files": page})
    kept = Attachment.objects.get(entry__ticket=house.ticket)

    client.force_login(house.alice)
    response = client.get(reverse("desk:attachment", args=[kept.public_id]))

    assert "attachment" in response.headers["Content-Disposition"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    for close in response._resource_closers:
        close()


def _kept_whole(end: str) -> bool:
    """In a text, or in a file beside it; whatever was written ends as it did."""
    in_texts = Entry.objects.filter(text__endswith=end).exists()
    for kept in Attachment.objects.exclude(blob=None).select_related("blob"):
        with storage().open(kept.blob.storage_key) as file:
            if file.read().rstrip().endswith(end.encode()):
                return True
    return in_texts
