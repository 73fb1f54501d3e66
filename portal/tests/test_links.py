"""Links in mails: looking changes nothing, pressing does, and it can be taken back (T4, F2, F3)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from events import dispatch
from events.models import Event
from feedback import operations
from feedback.links import survey_path
from feedback.models import Answer, Invitation
from tickets import lifecycle
from tickets.links import closure_token
from tickets.models import Closure, Status

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def closure(taken_ticket, alice):
    return lifecycle.resolve(taken_ticket, by=alice)


@pytest.fixture
def link(closure):
    return reverse("portal:confirm", args=[closure_token(closure)])


@pytest.mark.parametrize("look", ["get", "head"])
def test_opening_the_link_changes_nothing__T4(client, link, closure, look):
    before = Event.objects.count()

    for _time in range(2):
        assert getattr(client, look)(link).status_code == 200
        assert getattr(client, look)(f"{link}?solved=yes").status_code == 200

    closure.refresh_from_db()
    assert closure.answer == Closure.Answer.WAITING
    assert Event.objects.count() == before


@pytest.mark.parametrize(("solved", "status"), [("yes", Status.CLOSED), ("no", Status.OPEN)])
def test_the_button_answers_and_can_be_taken_back__T4(client, link, closure, taken_ticket, solved, status):
    assert client.post(link, {"solved": solved, "why": ""}).url == link
    taken_ticket.refresh_from_db()
    assert taken_ticket.status == status
    assert b"take it back" in client.get(link).content

    client.post(f"{link}undo/")

    taken_ticket.refresh_from_db()
    closure.refresh_from_db()
    assert (taken_ticket.status, closure.answer) == (Status.RESOLVED, Closure.Answer.WAITING)


def test_after_an_hour_it_stands__T4(client, link, closure, taken_ticket):
    client.post(link, {"solved": "yes"})

    with time_machine.travel(closure.asked_at + 2 * HOUR, tick=False):
        assert b"take it back" not in client.get(link).content
        assert client.post(f"{link}undo/").status_code == 409
    taken_ticket.refresh_from_db()
    assert taken_ticket.status == Status.CLOSED


def test_pressed_twice_is_pressed_once__T4(client, link, closure):
    client.post(link, {"solved": "yes"})
    client.post(link, {"solved": "yes"})

    assert Event.objects.filter(kind="ticket.confirmed").count() == 1


def test_what_is_still_wrong_reaches_the_agent__T4(client, link, taken_ticket):
    client.post(link, {"solved": "no", "why": "Still <b>smokes</b>.\x07"})

    assert taken_ticket.entries.filter(text__startswith="Still <b>smokes</b>.").exists()


@pytest.mark.parametrize("fields", [{}, {"solved": "maybe"}, {"solved": "yes", "why": "a" * 6000}])
def test_no_answer_is_no_answer__T4(client, link, closure, fields):
    assert client.post(link, fields).status_code in (200, 422)

    closure.refresh_from_db()
    assert closure.answer == Closure.Answer.WAITING


@pytest.mark.parametrize("token", ["x", "a:b:c", "ü" * 50, "x" * 3000])
@pytest.mark.parametrize("name", ["confirm", "survey"])
def test_a_forged_link_tells_nothing(client, db, name, token):
    answer = client.get(reverse(f"portal:{name}", args=[token]))

    assert answer.status_code == 410
    assert b"Request #" not in answer.content
    assert client.post(reverse(f"portal:{name}", args=[token]), {"solved": "yes", "score": "1"}).status_code == 410


def test_an_old_link_has_expired__T4(client, link, closure):
    with time_machine.travel(closure.asked_at + 91 * DAY, tick=False):
        assert client.post(link, {"solved": "yes"}).status_code == 410

    closure.refresh_from_db()
    assert closure.answer == Closure.Answer.WAITING


@pytest.fixture
def invitation(closure, taken_ticket, carol):
    lifecycle.confirm(taken_ticket, by=carol, solved=True, via=Closure.Via.LINK)
    dispatch.sweep()
    waiting = Invitation.objects.get()
    operations.send(waiting.pk, at=waiting.send_at)
    return Invitation.objects.select_related("ticket", "person", "survey").get()


@pytest.mark.parametrize("look", ["get", "head"])
def test_a_click_in_the_mail_preselects_and_saves_nothing__F2(client, invitation, look):
    answer = getattr(client, look)(survey_path(invitation, 4))

    assert answer.status_code == 200
    assert not Answer.objects.exists()
    if look == "get":
        assert 'value="4" checked' in answer.content.decode()


def test_sending_saves_and_sending_again_amends__F2(client, invitation):
    answer = client.post(survey_path(invitation), {"score": "4", "comment": "Quick <b>"})
    assert b"Your answer is saved" in client.get(answer.url).content

    client.post(survey_path(invitation), {"score": "2", "comment": ""})

    given = Answer.objects.get()
    assert (given.score, given.comment) == (2, "")
    assert given.amended_at


@pytest.mark.parametrize("score", ["", "0", "6", "five", "4.5", "9" * 400, "4\x00"])
def test_no_such_score__F2(client, invitation, score):
    assert client.post(survey_path(invitation), {"score": score}).status_code == 422
    assert client.get(survey_path(invitation), {"score": score}).status_code == 200
    assert not Answer.objects.exists()


def test_after_its_time_it_is_over__F2(client, invitation):
    with time_machine.travel(invitation.expires_at, tick=False):
        assert client.post(survey_path(invitation), {"score": "5"}).status_code == 410

    assert not Answer.objects.exists()


def test_never_again_and_back__F3(client, invitation, carol):
    never = f"{survey_path(invitation)}never/"
    assert client.get(never).status_code == 405

    client.post(never)
    carol.refresh_from_db()
    assert carol.never_survey_since

    client.post(never, {"undo": "1"})
    carol.refresh_from_db()
    assert carol.never_survey_since is None


def test_times_stand_on_the_customers_clock__T4(client, link, closure, carol):
    carol.time_zone = "Asia/Tokyo"
    carol.save(update_fields=["time_zone"])
    with time_machine.travel("2026-11-20T09:00:00+00:00", tick=False):
        Closure.objects.filter(pk=closure.pk).update(undo_until="2026-11-20T10:00:00+00:00", answer="not_solved")
        page = client.get(link).content.decode()
    assert ">19:00<" in page
