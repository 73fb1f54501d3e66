"""Promises to customers: made, kept, late, broken, released, renewed, taken over (T8)."""

from datetime import UTC, datetime, timedelta

import pytest

from common.errors import Malformed
from customers.models import Person
from events.models import Event
from tickets.lifecycle.promising import (
    break_due_promise,
    break_promise,
    break_promises_at_closure,
    keep_promise,
    open_promises,
    promise,
    release_promise,
    renew_promise,
    take_promise,
)
from tickets.models import Promise, Status

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def call_back(ticket, phone, alice, monday):
    """Made on Monday 09:00: I call you back by 15:00."""
    return promise(
        ticket, by=alice, kind="call_back", due_at=monday + 6 * HOUR, text="With a price.", contact=phone, at=monday
    )


def test_a_promise_has_a_time_and_an_owner__T8(call_back, ticket, phone, alice, monday, told):
    assert (call_back.owner, call_back.made_by, call_back.contact) == (alice, alice, phone)
    assert (call_back.status, call_back.due_at) == (Promise.Status.OPEN, monday + 6 * HOUR)
    assert call_back.break_at == monday + DAY + 6 * HOUR
    assert open_promises(ticket) == [call_back]
    assert told() == ["ticket.promised"]
    assert "price" not in str(Event.objects.get().data)  # T6


@pytest.mark.parametrize(("hours", "before"), [(6, 30), (0.5, 15)])
def test_it_reminds_before_it_is_due__T8(ticket, alice, monday, hours, before):
    made = promise(ticket, by=alice, kind="send", due_at=monday + hours * HOUR, at=monday)
    assert made.due_at - made.remind_at == before * MINUTE


def test_one_working_day_is_of_the_teams_calendar__T8(ticket, alice, monday):
    friday = datetime(2026, 3, 6, 15, tzinfo=UTC)
    made = promise(ticket, by=alice, kind="answer", due_at=friday, at=monday)
    assert made.break_at == datetime(2026, 3, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize("back", [timedelta(0), timedelta(microseconds=1), DAY, 4000 * DAY])
def test_a_promise_is_for_the_future__T8(ticket, alice, monday, refused, back):
    with refused("promise_in_the_past", "T8"):
        promise(ticket, by=alice, kind="answer", due_at=monday - back, at=monday)


def test_a_promise_is_not_for_ever__T8(ticket, alice, monday, refused):
    with refused("promise_too_far", "T8"):
        promise(ticket, by=alice, kind="answer", due_at=monday + 400 * DAY, at=monday)


def test_a_time_without_a_zone_is_malformed__T8(ticket, alice, monday, refused):
    with refused("bad_time"):
        promise(ticket, by=alice, kind="answer", due_at=datetime(2026, 3, 3, 9), at=monday)  # noqa: DTZ001


def test_an_unknown_kind_or_a_long_text_is_malformed__T8(ticket, alice, monday, refused):
    with refused("kind_unknown"):
        promise(ticket, by=alice, kind="moon", due_at=monday + DAY, at=monday)
    with pytest.raises(Malformed):
        promise(ticket, by=alice, kind="other", due_at=monday + DAY, text="x" * 301, at=monday)
    assert not Promise.objects.exists()


def test_a_customer_never_owns_a_promise__T8(ticket, alice, bob, carol, monday, refused):
    Person.objects.filter(pk=carol.pk).update(user=bob)
    with refused("owner_not_possible", "T8"):
        promise(ticket, by=alice, kind="answer", due_at=monday + DAY, owner=bob, at=monday)


def test_who_does_not_serve_here_owns_no_promise__T8(ticket, alice, make_user, monday, refused):
    stranger = make_user("zed")
    with refused("owner_not_possible", "T8"):
        promise(ticket, by=alice, kind="answer", due_at=monday + DAY, owner=stranger, at=monday)


def test_the_desk_promises_with_an_owner__E5(ticket, sara, monday, refused):
    assert promise(ticket, by=None, kind="answer", due_at=monday + DAY, owner=sara, at=monday).made_by is None
    with refused("owner_missing", "T8"):
        promise(ticket, by=None, kind="answer", due_at=monday + DAY, at=monday)


def test_nothing_is_promised_on_a_closed_ticket__T8(ticket, alice, monday, refused):
    ticket.status, ticket.closed_at = Status.CLOSED, monday
    ticket.save(update_fields=["status", "closed_at"])
    with refused("closed", "T3"):
        promise(ticket, by=alice, kind="answer", due_at=monday + DAY, at=monday)


# --- Kept, late, broken --------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "status"),
    [
        (HOUR, Promise.Status.KEPT),
        (6 * HOUR, Promise.Status.KEPT),
        (6 * HOUR + timedelta(microseconds=1), Promise.Status.LATE),
        (DAY + 6 * HOUR - MINUTE, Promise.Status.LATE),
    ],
)
def test_kept_in_time_or_late__T8(call_back, alice, phone, monday, told, after, status):
    kept = keep_promise(call_back, by=alice, contact=phone, at=monday + after)

    assert (kept.status, kept.settled_at, kept.settled_by) == (status, monday + after, alice)
    assert told() == ["ticket.promised", "ticket.promise_kept"]
    assert Event.objects.get(kind="ticket.promise_kept").data["status"] == status


def test_one_working_day_after_it_is_too_late__T8(call_back, alice, monday, refused):
    with refused("promise_broken", "T8"):
        keep_promise(call_back, by=alice, at=monday + DAY + 6 * HOUR)


def test_a_colleague_may_keep_it__T8(call_back, bob, monday):
    assert keep_promise(call_back, by=bob, at=monday + HOUR).settled_by == bob


def test_it_is_settled_once__T8(call_back, alice, carol, phone, monday, refused):
    keep_promise(call_back, by=alice, at=monday + HOUR)
    later = monday + 2 * HOUR
    for act in (
        lambda: keep_promise(call_back, by=alice, at=later),
        lambda: renew_promise(call_back, by=alice, due_at=monday + DAY, contact=phone, at=later),
        lambda: release_promise(call_back, by=alice, contact=phone, at=later),
        lambda: release_promise(call_back, by=carol, at=later),
        lambda: break_promise(call_back, at=monday + 9 * DAY),
        lambda: take_promise(call_back, by=alice, at=later),
    ):
        with refused("promise_settled", "T8"):
            act()


def test_broken_one_working_day_after_its_time__T8(call_back, monday, told):
    assert not break_due_promise(call_back.pk, monday + DAY + 6 * HOUR - MINUTE)
    assert break_due_promise(call_back.pk, monday + 9 * DAY)
    assert not break_due_promise(call_back.pk, monday + 9 * DAY)

    call_back.refresh_from_db()
    assert (call_back.status, call_back.settled_at) == (Promise.Status.BROKEN, monday + DAY + 6 * HOUR)
    assert told() == ["ticket.promised", "ticket.promise_broken"]


def test_not_broken_while_it_can_be_kept__T8(call_back, monday, refused):
    with refused("promise_not_broken", "T8"):
        break_promise(call_back, at=monday + 7 * HOUR)
    assert break_promise(call_back, at=monday + 2 * DAY).status == Promise.Status.BROKEN


def test_broken_at_closure_unless_it_outlives_the_ticket__T8_T12(call_back, ticket, alice, monday, refused):
    other = promise(ticket, by=alice, kind="send", due_at=monday + DAY, at=monday)
    other.outlives_ticket = True
    other.save(update_fields=["outlives_ticket"])
    ticket.refresh_from_db()
    ticket.status, ticket.closed_at = Status.CLOSED, monday + HOUR
    ticket.save(update_fields=["status", "closed_at"])

    assert break_promises_at_closure(ticket, at=monday + HOUR) == [call_back]

    call_back.refresh_from_db()
    assert (call_back.status, call_back.settled_at) == (Promise.Status.BROKEN, monday + HOUR)
    assert open_promises(ticket) == [other]
    with refused("promise_not_broken", "T8"):
        break_promise(other, at=monday + HOUR)
    assert keep_promise(other, by=alice, at=monday + 2 * HOUR).status == Promise.Status.KEPT


# --- Released, renewed, taken over -----------------------------------------------------


def test_the_customer_releases_us__T8(call_back, carol, monday, told):
    released = release_promise(call_back, by=carol, at=monday + HOUR)

    assert (released.status, released.settled_by) == (Promise.Status.RELEASED, None)
    assert told() == ["ticket.promised", "ticket.promise_released"]
    assert Event.objects.get(kind="ticket.promise_released").actor_person_id == carol.pk


def test_another_customer_does_not__T8(call_back, ivan, monday, refused):
    with refused("not_yours", "T8"):
        release_promise(call_back, by=ivan, at=monday + HOUR)


def test_staff_name_the_contact_in_which_they_did__T8(call_back, alice, phone, monday, refused):
    with refused("release_without_customer", "T8"):
        release_promise(call_back, by=alice, at=monday + HOUR)
    assert release_promise(call_back, by=alice, contact=phone, at=monday + HOUR).status == Promise.Status.RELEASED


def test_a_message_since_then_releases_too__T8(call_back, alice, says, monday):
    says("Never mind, I found it.", at=monday + HOUR)
    assert release_promise(call_back, by=alice, at=monday + 2 * HOUR).status == Promise.Status.RELEASED


def test_a_new_time_agreed_before_the_old_one_is_neither_kept_nor_broken__T8(
    call_back, ticket, alice, bob, phone, monday, told
):
    renewed = renew_promise(call_back, by=bob, due_at=monday + DAY, contact=phone, at=monday + 5 * HOUR)

    call_back.refresh_from_db()
    assert call_back.status == Promise.Status.RENEWED
    assert (renewed.renews, renewed.owner, renewed.text) == (call_back, alice, "With a price.")
    assert (renewed.due_at, renewed.status, renewed.made_by) == (monday + DAY, Promise.Status.OPEN, bob)
    assert told() == ["ticket.promised", "ticket.promise_renewed"]
    assert not break_due_promise(call_back.pk, monday + 9 * DAY)


def test_after_its_time_no_new_one_is_agreed__T8(call_back, alice, phone, monday, refused):
    with refused("promise_overdue", "T8"):
        renew_promise(call_back, by=alice, due_at=monday + DAY, contact=phone, at=monday + 6 * HOUR)


def test_a_new_time_is_agreed_with_the_customer__T8(call_back, alice, monday, refused):
    with refused("not_agreed", "T8"):
        renew_promise(call_back, by=alice, due_at=monday + DAY, at=monday + HOUR)


def test_a_new_time_lies_in_the_future__T8(call_back, alice, phone, monday, refused):
    with refused("promise_in_the_past", "T8"):
        renew_promise(call_back, by=alice, due_at=monday + HOUR, contact=phone, at=monday + HOUR)


def test_a_colleague_takes_it_over__T8_X6(call_back, alice, bob, monday, told, refused):
    with refused("already_yours", "X6"):
        take_promise(call_back, by=alice, at=monday)

    assert take_promise(call_back, by=bob, at=monday).owner == bob

    assert told() == ["ticket.promised", "ticket.promise_taken"]
    assert Event.objects.get(kind="ticket.promise_taken").data["owner_before"] == alice.pk
