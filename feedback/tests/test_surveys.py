"""Asked once a closure stands, not too often, never again if they say so; one answer that can be amended (F1-F3)."""

from datetime import timedelta

import pytest

from common.errors import Malformed, Refused
from events import dispatch
from events.models import Event
from feedback import links, operations
from feedback.models import Answer, Invitation, Survey
from notifications.models import OutgoingMail
from tickets import lifecycle
from tickets.models import Closure, Ticket

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def solves(alice, tier1, make_ticket):
    """``solves(carol, at=now)``: a request of hers that she confirmed to be solved at that time."""

    def solve(person, *, at):
        ticket = make_ticket(person, at=at - 2 * HOUR, team=tier1)
        lifecycle.resolve(ticket, by=alice, at=at - HOUR)
        lifecycle.confirm(ticket, by=person, solved=True, via=Closure.Via.LINK, at=at)
        dispatch.sweep()
        return ticket

    return solve


@pytest.fixture
def asked(solves, carol, monday):
    """The invitation of a survey that was sent."""
    solves(carol, at=monday)
    operations.send_due(at=monday + 2 * HOUR)
    return Invitation.objects.select_related("ticket", "person", "survey").get()


def test_is_sent_once_the_closure_stands__F1(solves, carol, monday):
    solves(carol, at=monday)

    assert operations.send_due(at=monday + 59 * MINUTE) == 0
    assert operations.send_due(at=monday + 60 * MINUTE) == 1
    assert operations.send_due(at=monday + 61 * MINUTE) == 0
    dispatch.sweep()
    (mail,) = OutgoingMail.objects.filter(template="survey")
    assert mail.recipient == "carol@acme.example"
    for score in operations.SCORES:
        assert f"?score={score}" in mail.text


def test_an_answer_taken_back_is_not_asked_about__F1(solves, carol, monday):
    ticket = solves(carol, at=monday)
    lifecycle.undo_confirmation(ticket.closures.get(), by=carol, at=monday + 10 * MINUTE)

    assert operations.send_due(at=monday + 2 * HOUR) == 0
    assert Invitation.objects.get().skipped == Invitation.Skipped.REOPENED


def test_confirmed_again_after_it_was_taken_back_is_asked_about_once__F1(solves, carol, monday):
    ticket = solves(carol, at=monday)
    lifecycle.undo_confirmation(ticket.closures.get(), by=carol, at=monday + 10 * MINUTE)
    lifecycle.confirm(ticket, by=carol, solved=True, via=Closure.Via.LINK, at=monday + 20 * MINUTE)
    dispatch.sweep()

    assert operations.send_due(at=monday + 2 * HOUR) == 1


def test_silence_is_asked_about_too__F1(make_ticket, carol, alice, tier1, monday):
    ticket = make_ticket(carol, at=monday, team=tier1)
    closure = lifecycle.resolve(ticket, by=alice, at=monday + HOUR)
    lifecycle.close_silent(closure.pk, closure.silence_at)
    dispatch.sweep()

    assert operations.send_due(at=closure.silence_at) == 1


@pytest.mark.parametrize("cause", ["merged", "spam", "imported"])
def test_merged_spam_and_imported_are_not_asked_about__F1(solves, carol, monday, cause):
    ticket = solves(carol, at=monday)
    event = Event.objects.get(kind="ticket.confirmed")
    Invitation.objects.all().delete()
    Ticket.objects.filter(pk=ticket.pk).update(closure_cause=cause)

    assert operations.invite(Ticket.objects.get(pk=ticket.pk), closed_by=event) is None
    assert not Invitation.objects.exists()


def test_nobody_is_asked_when_surveys_are_off__F1(solves, carol, monday):
    Survey.objects.update(is_active=False)
    solves(carol, at=monday)

    assert not Invitation.objects.exists()


def test_not_again_within_the_set_time__F3(asked, solves, carol, monday):
    again = solves(carol, at=monday + DAY)
    later = solves(carol, at=monday + 31 * DAY)

    operations.send_due(at=monday + 2 * DAY)
    operations.send_due(at=monday + 32 * DAY)

    assert Invitation.objects.get(ticket=again).skipped == Invitation.Skipped.RECENT
    assert Invitation.objects.get(ticket=later).status == Invitation.Status.SENT


def test_two_that_fall_due_at_once_ask_once__F3(solves, carol, monday):
    solves(carol, at=monday)
    solves(carol, at=monday)

    assert operations.send_due(at=monday + 2 * HOUR) == 1


def test_never_again_and_taken_back__F3(asked, solves, carol, monday):
    operations.never_again(asked)
    operations.never_again(asked)
    solves(carol, at=monday + 40 * DAY)
    assert operations.send_due(at=monday + 41 * DAY) == 0
    assert Event.objects.filter(kind="person.never_survey").count() == 1

    operations.ask_again_after_all(asked)
    solves(carol, at=monday + 42 * DAY)
    assert operations.send_due(at=monday + 43 * DAY) == 1


def test_without_an_address_it_says_why_it_was_not_sent__F1(solves, make_person, monday):
    solves(make_person("Nobody"), at=monday)
    operations.send_due(at=monday + 2 * HOUR)

    assert Invitation.objects.get().skipped == Invitation.Skipped.NO_ADDRESS


def test_one_answer_that_is_amended_until_it_expires__F2(asked, carol, monday):
    operations.answer(asked, by=carol, score=2, comment="Slow.", at=monday + DAY)
    operations.answer(asked, by=carol, score=4, at=monday + 2 * DAY)

    given = Answer.objects.get()
    assert (given.score, given.answered_at, given.amended_at) == (4, monday + DAY, monday + 2 * DAY)
    kinds = Event.objects.filter(kind__startswith="survey.").order_by("subject_seq").values_list("kind", flat=True)
    assert list(kinds) == ["survey.sent", "survey.answered", "survey.amended"]
    with pytest.raises(Refused) as refusal:
        operations.answer(asked, by=carol, score=1, at=asked.expires_at)
    assert refusal.value.code == "survey_over"
    assert Answer.objects.get().score == 4


@pytest.mark.parametrize("score", [0, 6, -1, 99])
def test_only_one_to_five__F2(asked, carol, score, monday):
    with pytest.raises(Malformed):
        operations.answer(asked, by=carol, score=score, at=monday + DAY)

    assert not Answer.objects.exists()


@pytest.mark.parametrize("via", [Answer.Via.PHONE, Answer.Via.IN_PERSON])
def test_asked_on_the_phone_or_at_the_desk_staff_type_it__F1(solves, carol, alice, via, monday):
    ticket = solves(carol, at=monday)

    given = operations.ask_in_person(ticket, by=alice, score=5, via=via, at=monday + MINUTE)

    assert (given.person, given.taken_by, given.via) == (carol, alice, via)
    assert operations.send_due(at=monday + 2 * HOUR) == 0  # they were asked
    event = Event.objects.get(kind="survey.answered")
    assert (event.actor, event.data["score"]) == (alice, 5)


def test_nobody_is_asked_about_what_is_not_closed__F1(taken_ticket, alice):
    with pytest.raises(Refused, match="once the ticket is closed"):
        operations.ask_in_person(taken_ticket, by=alice, score=5)


def test_who_said_never_again_is_not_asked_on_the_phone_either__F3(asked, alice, monday):
    operations.never_again(asked)

    with pytest.raises(Refused) as refusal:
        operations.ask_in_person(asked.ticket, by=alice, score=5, at=monday + DAY)
    assert refusal.value.code == "never_asked"


def test_a_way_that_is_none_is_refused__F1(asked, carol, monday):
    with pytest.raises(Malformed):
        operations.answer(asked, by=carol, score=5, via="telepathy", at=monday + DAY)


def test_a_link_is_for_one_invitation_and_cannot_be_made_up__F2(asked):
    token = links.token_of(asked)
    assert links.invitation_of(token) == asked

    other = asked.ticket.public_id.hex
    for forged in (
        "",
        "x",
        token[:-1],
        token[1:],
        f"{other}:{token.partition(':')[2]}",
        token.upper(),
        "\x00",
        "ü" * 9,
    ):
        with pytest.raises(Refused) as refusal:
            links.invitation_of(forged)
        assert refusal.value.code == "link_unknown"
