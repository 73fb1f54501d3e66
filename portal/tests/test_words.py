"""How it stands, in plain words: hold, consent, promise, transfer, escalation, clocks (H1, X1, T8, E5, S1)."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.utils import timezone, translation

from portal.facts import Facts, facts_of, with_facts
from portal.when import when, zone_words
from portal.words import handing_over, promised, standing_of, waiting
from tickets import lifecycle
from tickets.models import Channel, Clock, Closure, Consent, Promise, Status, Ticket

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday
THURSDAY = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)
SUPPLIER = "we are waiting for our supplier"


def plain(marked):
    """The words without their marks."""
    return " ".join("".join(part.split(">", 1)[-1] for part in str(marked).split("<")).split())


def hold(say=SUPPLIER, consent=Consent.GIVEN, channel=Channel.PHONE, until=THURSDAY):
    contact = SimpleNamespace(channel=channel) if channel else None
    return SimpleNamespace(reason=SimpleNamespace(say=say), consent=consent, contact=contact, until=until)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(NOW, tick=False), translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (hold(), "We wait for an answer from our supplier until Thursday at 14:00; you agreed on the phone."),
        (hold(consent=Consent.TOLD), "We wait for an answer from our supplier until Thursday at 14:00."),
        (hold("we need to look into it", Consent.WRITTEN), "We are looking into it and come back to you by Thursday at "
         "14:00; you agreed in your message."),
        (hold("you asked us to wait", channel=Channel.IN_PERSON), "You asked us to wait until Thursday at 14:00; you "
         "agreed when you were with us."),
        (hold("the part is <b>on its way</b>.", channel=None), "You hear from us by Thursday at 14:00: the part is "
         "&lt;b&gt;on its way&lt;/b&gt;; you agreed."),
        (hold(until=NOW - timedelta(days=1)), "We said you would hear from us yesterday at 09:00. We are late, and we "
         "are sorry."),
    ],
)  # fmt: skip
def test_why_and_until_when_we_make_them_wait__H1(given, sentence):
    assert plain(waiting(given, at=NOW)) == sentence


@pytest.mark.parametrize(
    ("kind", "due", "sentence"),
    [
        ("call_back", THURSDAY, "Ann calls you back by Thursday at 14:00 at the latest."),
        ("other", NOW + timedelta(hours=3), "Ann gets back to you by today at 12:00 at the latest."),
        ("visit", NOW - timedelta(hours=3), "Ann was to visit you today at 06:00. We are late, and we are sorry."),
    ],
)
def test_what_was_promised__T8(kind, due, sentence):
    promise = Promise(kind=kind, due_at=due)
    promise._state.fields_cache["owner"] = SimpleNamespace(short_name="Ann")

    assert plain(promised(promise, at=NOW)) == sentence


def test_where_it_goes_and_who_stays_with_it__X1_X3():
    team, contact = SimpleNamespace(name="Metering"), SimpleNamespace(channel=Channel.PHONE)
    transfer = SimpleNamespace(to_team=team, consent=Consent.GIVEN, contact=contact)
    ticket = SimpleNamespace(assignee=SimpleNamespace(short_name="Ann"))

    assert plain(handing_over(ticket, transfer)) == (
        "We are passing your request to the team Metering. Until they have it, Ann stays with it; you agreed on the "
        "phone."
    )


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW + timedelta(hours=1), "today at 10:00"),
        (NOW + timedelta(days=1), "tomorrow at 09:00"),
        (NOW + timedelta(days=6), "Monday at 09:00"),
        (NOW + timedelta(days=7), "Tuesday 1 December at 09:00"),
        (NOW - timedelta(days=3), "Saturday 21 November at 09:00"),
        (NOW + timedelta(days=60), "Saturday 23 January 2027 at 09:00"),
    ],
)
def test_near_days_have_names_and_far_ones_dates(moment, words):
    assert when(moment) == words


def test_times_stand_on_the_readers_clock_and_say_so():
    with timezone.override("Asia/Kathmandu"):
        assert when(NOW) == "today at 14:45"
        assert zone_words() == "Kathmandu (UTC+5:45)"


def standing(ticket):
    loaded = with_facts(Ticket.objects.all()).get(pk=ticket.pk)
    return standing_of(loaded, facts_of(loaded), at=timezone.now())


def test_the_latest_answer_and_that_we_are_late__S1(printer_ticket):
    assert "A person answers you by" in plain(standing(printer_ticket).sentence)

    with time_machine.travel(NOW + timedelta(days=400), tick=False):
        late = standing(printer_ticket)
    assert (late.label, late.tone) == ("We are late", "bad")
    assert "We are sorry" in plain(late.sentence)


def test_who_steps_in__E5(taken_ticket, alice, sara):
    escalation = lifecycle.escalate(taken_ticket, by=alice, reason="senior")
    told = standing(taken_ticket)
    assert "Somebody senior was asked to step in and gets back to you by" in plain(told.sentence)
    assert [plain(line).split(" by ")[0] for line in told.also] == ["A person answers you"]

    lifecycle.take_escalation(escalation, by=sara)

    assert f"{sara.name} has taken this over" in plain(standing(taken_ticket).sentence)


def test_the_first_sentence_names_the_time_of_the_last_mail__E5_H1(taken_ticket, alice, hold_reasons):
    lifecycle.reply(taken_ticket, by=alice, text="We look into it.")
    until = NOW + timedelta(hours=5)
    lifecycle.hold(taken_ticket, by=alice, contact=None, reason=hold_reasons["research"], consent="told", until=until)
    assert plain(standing(taken_ticket).sentence).endswith("by today at 14:00.")

    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        escalation = lifecycle.escalate(taken_ticket, by=alice, reason="senior")

    told = standing(taken_ticket)
    assert plain(when(escalation.promise.due_at)) in plain(told.sentence)
    assert "today at 14:00" not in plain(told.sentence)


def test_who_asks_for_somebody_senior_is_not_promised_later_than_before__E9(printer_ticket, carol, sara):
    escalation = lifecycle.escalate(printer_ticket, by=carol, reason="senior")
    Promise.objects.filter(pk=escalation.promise_id).update(due_at=NOW + timedelta(hours=9))
    Clock.objects.filter(ticket=printer_ticket).update(due_at=NOW + timedelta(hours=5))

    told = standing(printer_ticket)

    assert plain(told.sentence) == "A person answers you by today at 14:00 at the latest."
    assert "somebody senior" in plain(told.also[0]).lower()
    Clock.objects.filter(ticket=printer_ticket).update(due_at=NOW + timedelta(hours=10))
    assert "Somebody senior" in plain(standing(printer_ticket).sentence)


def test_a_promise_is_the_first_thing_said_where_nothing_else_waits__T8(taken_ticket, alice):
    lifecycle.reply(taken_ticket, by=alice, text="We look into it.")
    assert plain(standing(taken_ticket).sentence) == "We are working on it."

    lifecycle.promise(taken_ticket, by=alice, kind="call_back", due_at=THURSDAY)

    told = standing(taken_ticket)
    assert plain(told.sentence).endswith("calls you back by Thursday at 14:00 at the latest.")
    assert not any("calls you back" in line for line in told.also)


def test_a_reason_that_is_ours_alone_is_not_told__E5(taken_ticket):
    lifecycle.escalate(taken_ticket, by=None, reason="sla_risk")

    assert "senior" not in " ".join(plain(line) for line in standing(taken_ticket).also)


def test_how_it_was_closed__T4(taken_ticket, alice, carol):
    lifecycle.resolve(taken_ticket, by=alice)
    assert "Only you can say whether it is." in plain(standing(taken_ticket).sentence)

    lifecycle.confirm(taken_ticket, by=carol, solved=True, via=Closure.Via.PORTAL)

    assert "that it is solved. Thank you." in plain(standing(taken_ticket).sentence)


@pytest.mark.parametrize("status", Status.values)
def test_every_state_has_a_sentence__T3(status):
    told = standing_of(Ticket(status=status), Facts(), at=NOW)

    assert told.label
    assert plain(told.sentence).endswith(".")
