"""Letting a customer wait: consent, time, announcement, and the two clocks (H1, H2, H6, H7, T3)."""

from datetime import UTC, datetime, timedelta

import pytest

from common.errors import Malformed
from customers.models import Person
from events import values
from events.models import Event
from staff import calendars
from staff.models import Holiday
from tickets import lifecycle
from tickets.lifecycle._hold_terms import announcement
from tickets.lifecycle.holding import hold, refuse_consent
from tickets.models import Channel, Clock, ClockPause, Consent, ConsentRefusal, Entry, Hold, Status, Transfer
from tickets.policy import holding as policy
from tickets.values import HOLD_LONGEST_PHONE

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def resolution(ticket):
    return Clock.objects.filter(ticket=ticket, metric=Clock.Metric.RESOLUTION)


def test_waits_on_the_phone_with_the_customers_consent__H1(ticket, phone, alice, carol, monday, hold_reasons, told):
    placed = hold(
        ticket, by=alice, contact=phone, reason=hold_reasons["research"], consent=Consent.GIVEN,
        until=monday + 4 * MINUTE, at=monday,
    )  # fmt: skip

    ticket.refresh_from_db()
    assert ticket.status == Status.ON_HOLD
    assert (placed.consent_person, placed.consent_at, placed.contact) == (carol, monday, phone)
    assert placed.announcement is None
    assert told() == ["ticket.held"]
    event = Event.objects.get(kind="ticket.held")
    assert (event.actor, event.contact_id, event.happened_at) == (alice, phone.pk, monday)
    assert (event.data["hold"], event.data["reason"], event.data["consent"]) == (placed.pk, "research", "given")


@pytest.mark.parametrize("consent", [Consent.TOLD, Consent.WRITTEN, Consent.OVERRIDDEN])
def test_a_call_is_not_held_without_consent__H1(ticket, phone, alice, monday, refused, consent):
    with refused("consent_missing", "H1"):
        hold(ticket, by=alice, contact=phone, reason="research", consent=consent, until=monday + MINUTE, at=monday)


def test_a_refused_consent_holds_nothing_and_offers_what_is_left__H5(ticket, phone, alice, monday, refused):
    with refused("consent_refused", "H5"):
        hold(ticket, by=alice, contact=phone, reason="research", consent="refused", until=monday + MINUTE, at=monday)

    verdict = policy.consent_suffices(ticket, contact=phone, consent="refused", entry=None)
    assert verdict.refusal.offers == ("resolve", "promise", "escalate")


def test_a_refused_consent_is_recorded__H5(ticket, phone, alice, monday, told):
    refusal = refuse_consent(ticket, by=alice, act="hold", contact=phone, at=monday)

    assert ConsentRefusal.objects.get() == refusal
    assert (refusal.asked_by, refusal.asked_at, refusal.contact) == (alice, monday, phone)
    assert told() == ["ticket.consent_refused"]
    assert Event.objects.get().data["offers"] == ["resolve", "promise", "escalate"]


def test_an_unknown_act_is_not_refused__H5(ticket, alice, refused):
    with refused("act_unknown", "H5"):
        refuse_consent(ticket, by=alice, act="dance")


def test_in_writing_the_customer_is_told_reason_and_time__H1_H7(ticket, alice, carol, monday):
    placed = hold(ticket, by=alice, reason="supplier", consent=Consent.TOLD, until=monday + DAY, at=monday)

    told = placed.announcement
    assert (told.visibility, told.kind, told.author) == (Entry.Visibility.PUBLIC, Entry.Kind.REPLY, alice)
    assert "we are waiting for our supplier" in told.text
    assert "3 Mar 2026, 09:00 UTC" in told.text
    assert told.event == Event.objects.get(kind="ticket.held")
    assert placed.contact == told.contact


def test_typed_words_replace_the_prefilled_ones__H7(ticket, alice, monday):
    placed = hold(
        ticket, by=alice, reason="supplier", consent="told", until=monday + DAY, text="Back tomorrow.", at=monday
    )
    assert placed.announcement.text == "Back tomorrow."


def test_the_time_is_said_on_the_customers_clock__H7(ticket, carol, monday, hold_reasons):
    Person.objects.filter(pk=carol.pk).update(time_zone="Asia/Tokyo")
    ticket.requester.refresh_from_db()
    assert "2 Mar 2026, 18:00 JST" in announcement(ticket, hold_reasons["research"], monday)


def test_words_typed_in_a_call_stay_inside_the_house__H7_T13(ticket, phone, alice, monday):
    hold(
        ticket, by=alice, contact=phone, reason="research", consent="given", until=monday + MINUTE, at=monday,
        text="Asking Bob.",
    )  # fmt: skip
    note = Entry.objects.get(text="Asking Bob.")
    assert (note.kind, note.visibility) == (Entry.Kind.NOTE, Entry.Visibility.INTERNAL)


def test_a_call_that_ended_is_no_live_contact__H1(ticket, phone, alice, monday, refused):
    phone.ended_at = monday + MINUTE
    phone.save(update_fields=["ended_at"])

    with refused("consent_not_live", "H1"):
        hold(
            ticket, by=alice, contact=phone, reason="research", consent="given", until=monday + DAY,
            at=monday + 2 * MINUTE,
        )  # fmt: skip


def test_the_written_rule_holds_on_a_phone_ticket_without_a_live_call__H1(ticket, alice, monday):
    ticket.channel = Channel.PHONE
    ticket.save(update_fields=["channel"])

    placed = hold(ticket, by=alice, reason="research", consent="told", until=monday + DAY, at=monday)

    assert placed.announcement is not None


def test_a_contact_with_somebody_else_says_nothing__H1(ticket, alice, ivan, monday, make_contact, refused):
    other = make_contact(ivan, channel=Channel.PHONE, handled_by=alice, at=monday)
    with refused("contact_of_another", "H1"):
        hold(ticket, by=alice, contact=other, reason="research", consent="given", until=monday + MINUTE, at=monday)


# --- How long (H2) ---------------------------------------------------------------


@pytest.mark.parametrize(("channel", "minutes"), [("phone", 5), ("in_person", 30), ("chat", 30)])
def test_the_longest_hold_depends_on_the_channel__H2(
    ticket, alice, carol, monday, make_contact, refused, channel, minutes
):
    live = make_contact(carol, channel=channel, handled_by=alice, at=monday, tickets=[ticket])
    with refused("hold_too_long", "H2"):
        hold(
            ticket, by=alice, contact=live, reason="research", consent="given", at=monday,
            until=monday + minutes * MINUTE + timedelta(seconds=1),
        )  # fmt: skip

    placed = hold(
        ticket, by=alice, contact=live, reason="research", consent="given", at=monday, until=monday + minutes * MINUTE
    )
    assert placed.until == monday + minutes * MINUTE


def test_the_longest_hold_is_a_setting__H2(ticket, phone, alice, monday):
    values.put(HOLD_LONGEST_PHONE, 600, by=None)
    assert policy.longest_hold(ticket, phone, monday) == monday + 10 * MINUTE


def test_in_writing_three_working_days__H2(ticket, alice, refused):
    thursday = datetime(2026, 3, 5, 9, tzinfo=UTC)
    tuesday = datetime(2026, 3, 10, 9, tzinfo=UTC)
    with refused("hold_too_long", "H2"):
        hold(ticket, by=alice, reason="research", consent="told", until=tuesday + MINUTE, at=thursday)

    assert hold(ticket, by=alice, reason="research", consent="told", until=tuesday, at=thursday).until == tuesday


def test_a_holiday_is_no_working_day__H2(ticket, office_hours):
    Holiday.objects.create(calendar=office_hours, date=datetime(2026, 3, 6, tzinfo=UTC).date())
    calendars.publish(office_hours, valid_from=datetime(2026, 1, 1, tzinfo=UTC))
    longest = policy.longest_hold(ticket, None, datetime(2026, 3, 5, 9, tzinfo=UTC))
    assert longest == datetime(2026, 3, 11, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("thursday", "tuesday"),
    [
        # Berlin goes to summer time on Sunday 29 March 2026 and back on Sunday 25 October 2026
        (datetime(2026, 3, 26, 9, tzinfo=UTC), datetime(2026, 3, 31, 8, tzinfo=UTC)),
        (datetime(2026, 10, 22, 8, tzinfo=UTC), datetime(2026, 10, 27, 9, tzinfo=UTC)),
    ],
)
def test_a_change_of_the_clocks_keeps_the_wall_time_of_three_working_days__H2(
    ticket, alice, office_hours, refused, thursday, tuesday
):
    office_hours.time_zone = "Europe/Berlin"
    office_hours.save(update_fields=["time_zone"])
    calendars.publish(office_hours, valid_from=datetime(2026, 1, 1, tzinfo=UTC))

    assert policy.longest_hold(ticket, None, thursday) == tuesday
    with refused("hold_too_long", "H2"):
        hold(ticket, by=alice, reason="research", consent="told", until=tuesday + MINUTE, at=thursday)
    assert hold(ticket, by=alice, reason="research", consent="told", until=tuesday, at=thursday)


@pytest.mark.parametrize("back", [timedelta(0), timedelta(microseconds=1), HOUR, 400 * DAY])
def test_a_hold_ends_in_the_future__H2(ticket, phone, alice, monday, refused, back):
    with refused("hold_in_the_past", "H2"):
        hold(ticket, by=alice, contact=phone, reason="research", consent="given", until=monday - back, at=monday)


def test_a_time_without_a_zone_is_malformed__H2(ticket, alice, monday, refused):
    with refused("bad_time", "H2"):
        hold(ticket, by=alice, reason="research", consent="told", until=datetime(2026, 3, 3, 9), at=monday)  # noqa: DTZ001


@pytest.mark.parametrize("reason", ["", "because", "retired"])
def test_a_hold_has_a_reason_from_the_list__H2_H7(ticket, alice, monday, hold_reasons, refused, reason):
    retired = hold_reasons["department"]
    retired.code, retired.is_active = "retired", False
    retired.save(update_fields=["code", "is_active"])
    with refused("reason_unknown", "H2"):
        hold(ticket, by=alice, reason=reason, consent="told", until=monday + HOUR, at=monday)


def test_a_consent_is_one_of_the_known_ones__H1(ticket, alice, monday):
    with pytest.raises(Malformed):
        hold(ticket, by=alice, reason="research", consent="sure", until=monday + HOUR, at=monday)


# --- Clocks (H6, S3) ---------------------------------------------------------------


def test_the_resolution_clock_pauses_with_consent_and_their_reason__H6(ticket, phone, alice, monday):
    placed = hold(
        ticket, by=alice, contact=phone, reason="customer_asked", consent="given", until=monday + MINUTE, at=monday
    )

    pause = ClockPause.objects.get(ended_at=None)
    assert placed.pauses_resolution
    assert (pause.clock.metric, pause.hold, pause.started_at) == (Clock.Metric.RESOLUTION, placed, monday)


@pytest.mark.parametrize("reason", ["research", "department", "supplier"])
def test_a_reason_on_our_side_never_stops_it__H6(ticket, phone, alice, monday, reason):
    hold(ticket, by=alice, contact=phone, reason=reason, consent="given", until=monday + MINUTE, at=monday)
    assert not ClockPause.objects.exists()


def test_a_notice_alone_never_pauses__H6(ticket, alice, monday):
    hold(ticket, by=alice, reason="customer_owes", consent="told", until=monday + DAY, at=monday)
    assert not ClockPause.objects.exists()


def test_in_writing_their_message_is_the_consent__H6(ticket, alice, carol, monday, says):
    asked = says("I am away, please wait until tomorrow.", at=monday - 5 * MINUTE)

    placed = hold(
        ticket, by=alice, reason="customer_asked", consent="written", consent_entry=asked, until=monday + DAY, at=monday
    )

    assert (placed.consent_person, placed.consent_at) == (carol, asked.happened_at)
    assert placed.pauses_resolution
    assert ClockPause.objects.get().hold == placed


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        {"is_automatic": True},
        {"author_person": None},
        {"visibility": Entry.Visibility.INTERNAL},
        {"undone_at": datetime(2026, 3, 2, tzinfo=UTC)},
    ],
)
def test_what_the_customer_did_not_say_is_no_consent__H6(ticket, alice, monday, says, refused, wrong):
    entry = says("Out of office.", at=monday, **wrong) if wrong else None
    with refused("consent_entry_missing", "H6"):
        hold(
            ticket, by=alice, reason="customer_asked", consent="written", consent_entry=entry, until=monday + DAY,
            at=monday,
        )  # fmt: skip


def test_a_message_on_another_ticket_is_no_consent__H6(ticket, alice, carol, monday, make_ticket, refused):
    other = make_ticket(carol, "Another", at=monday).entries.get()
    with refused("consent_entry_missing", "H6"):
        hold(
            ticket, by=alice, reason="customer_asked", consent="written", consent_entry=other, until=monday + DAY,
            at=monday,
        )  # fmt: skip


def test_response_clocks_never_pause_on_a_hold__H6(ticket, phone, alice, monday):
    hold(ticket, by=alice, contact=phone, reason="customer_asked", consent="given", until=monday + MINUTE, at=monday)

    waiting = Clock.objects.get(ticket=ticket, metric=Clock.Metric.FIRST_RESPONSE)
    assert waiting.is_running
    assert waiting.paused_at is None
    assert not waiting.pauses.exists()


@pytest.mark.parametrize("blanks", [None, "", "  \n"])
def test_the_usual_words_alone_answer_nothing__S3(ticket, alice, monday, hold_reasons, blanks):
    words = "" if blanks is None else blanks + announcement(ticket, hold_reasons["research"], monday + DAY) + blanks
    placed = hold(ticket, by=alice, reason="research", consent="told", until=monday + DAY, text=words, at=monday)

    first = Clock.objects.get(ticket=ticket, metric=Clock.Metric.FIRST_RESPONSE)
    ticket.refresh_from_db()
    assert (first.stopped_at, first.is_running) == (None, True)
    assert (ticket.unanswered_since, ticket.last_staff_at) == (first.started_at, None)
    assert placed.announcement.event.data["answers"] is False


def test_the_usual_words_take_no_answers_place_that_bounced__S3(ticket, alice, monday):
    answer = lifecycle.reply(ticket, by=alice, text="Here it is.", at=monday)
    hold(ticket, by=alice, reason="research", consent="told", until=monday + DAY, at=monday + MINUTE)
    lifecycle.withdraw_reply(answer, by=None, cause="bounced", at=monday + 2 * MINUTE)

    first = Clock.objects.get(ticket=ticket, metric=Clock.Metric.FIRST_RESPONSE)
    assert first.is_running


@pytest.mark.parametrize("asks_more", [False, True])
def test_agreeing_to_the_wait_they_asked_for_answers_that_alone__S3_H6(ticket, carol, alice, monday, asks_more):
    lifecycle.reply(ticket, by=alice, text="Shall we come?", at=monday)
    asked = lifecycle.receive(ticket, person=carol, text="Wait until tomorrow.", at=monday + HOUR)
    if asks_more:
        lifecycle.receive(ticket, person=carol, text="And what does it cost?", at=monday + 2 * HOUR)
    hold(
        ticket, by=alice, reason="customer_asked", consent="written", consent_entry=asked, until=monday + DAY,
        at=monday + 3 * HOUR,
    )  # fmt: skip

    wait = Clock.objects.get(ticket=ticket, metric=Clock.Metric.NEXT_RESPONSE)
    assert wait.is_running == asks_more


def test_an_announcement_in_own_words_is_a_persons_answer__S3(ticket, alice, monday):
    placed = hold(
        ticket, by=alice, reason="research", consent="told", until=monday + DAY, text="I ask the maker.", at=monday
    )

    first = Clock.objects.get(ticket=ticket, metric=Clock.Metric.FIRST_RESPONSE)
    ticket.refresh_from_db()
    assert (first.stopped_at, first.stopped_by) == (monday, placed.announcement)
    assert ticket.unanswered_since is None


# --- When (T3, X) ------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED])
def test_what_is_done_is_not_held__T3(ticket, alice, monday, refused, status):
    ticket.status, ticket.closed_at = status, monday
    ticket.save(update_fields=["status", "closed_at"])
    with refused("resolved" if status == Status.RESOLVED else "closed", "T3"):
        hold(ticket, by=alice, reason="research", consent="told", until=monday + DAY, at=monday)


@pytest.mark.parametrize("trouble", ["is_spam", "trashed_at"])
def test_spam_and_trash_are_not_held__T3(ticket, alice, monday, refused, trouble):
    setattr(ticket, trouble, True if trouble == "is_spam" else monday)
    ticket.save(update_fields=[trouble])
    with refused("in_trouble", "T3"):
        hold(ticket, by=alice, reason="research", consent="told", until=monday + DAY, at=monday)


def test_no_new_hold_while_a_transfer_waits__X3(ticket, alice, billing, monday, refused):
    Transfer.objects.create(
        ticket=ticket, sender=alice, to_team=billing, reason="expertise", consent="told", understood="x", tried="y",
        sent_at=monday, accept_by=monday + HOUR,
    )  # fmt: skip
    with refused("transfer_running", "X3"):
        hold(ticket, by=alice, reason="research", consent="told", until=monday + DAY, at=monday)


def test_one_hold_at_a_time__H4(ticket, alice, monday, refused):
    hold(ticket, by=alice, reason="research", consent="told", until=monday + DAY, at=monday)
    with refused("already_on_hold", "H4"):
        hold(ticket, by=alice, reason="research", consent="told", until=monday + DAY, at=monday + MINUTE)


def test_a_customer_does_not_hold_their_own_ticket__T13(ticket, alice, carol, monday, refused):
    Person.objects.filter(pk=carol.pk).update(user=alice)
    with refused("own_ticket", "T13"):
        hold(ticket, by=alice, reason="research", consent="told", until=monday + DAY, at=monday)


def test_whoever_holds_what_nobody_has_gets_it_back__H3(ticket, alice, bob, monday):
    ticket.status, ticket.assignee, ticket.first_agent = Status.NEW, None, None
    ticket.save(update_fields=["status", "assignee", "first_agent"])

    hold(ticket, by=bob, reason="research", consent="told", until=monday + DAY, at=monday)

    assert (ticket.assignee, ticket.first_agent) == (bob, bob)


def test_a_hold_ends_the_wait_for_the_customer__T3_S3(ticket, alice, phone, monday):
    from tickets import clocks

    clocks.pause(ticket, cause=ClockPause.Cause.PENDING, at=monday)
    ticket.status = Status.PENDING
    ticket.save(update_fields=["status"])

    hold(
        ticket, by=alice, contact=phone, reason="research", consent="given", until=monday + 2 * MINUTE,
        at=monday + MINUTE,
    )  # fmt: skip

    assert ClockPause.objects.get().ended_at == monday + MINUTE
    assert Hold.objects.get().outcome == ""
