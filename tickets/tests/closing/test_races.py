"""Two people at once, on real connections: one act stands, the other is told, nothing is half done."""

import pytest

from common.errors import Refused
from tickets.lifecycle import assigning, closing, confirming, merging
from tickets.models import Closure, Status, Ticket, TicketMerge

pytestmark = pytest.mark.django_db(transaction=True)


def fresh(ticket):
    """The ticket as another request reads it."""
    return Ticket.objects.get(pk=ticket.pk)


def test_two_agents_take_at_once__T3(printer_ticket, alice, bob, at_once, told):
    results = at_once(
        lambda: assigning.take(fresh(printer_ticket), by=alice),
        lambda: assigning.take(fresh(printer_ticket), by=bob),
    )

    lost = [result.code for result in results if isinstance(result, Refused)]
    printer_ticket.refresh_from_db()
    assert lost == ["taken"]
    assert printer_ticket.assignee in (alice, bob)
    assert told(printer_ticket) == ["taken"]


def test_two_clicks_on_solved__T4(taken_ticket, alice, carol, at_once, told):
    closing.resolve(taken_ticket, by=alice)

    def click():
        return confirming.confirm(fresh(taken_ticket), by=carol, solved=True, via="link")

    results = at_once(click, click)

    assert [result.pk for result in results] == [Closure.objects.get().pk] * 2
    assert told(taken_ticket, "confirmed") == ["confirmed"]


def test_solved_and_not_solved_at_once__T4(taken_ticket, alice, carol, at_once, told):
    closing.resolve(taken_ticket, by=alice)

    results = at_once(
        lambda: confirming.confirm(fresh(taken_ticket), by=carol, solved=True, via="link"),
        lambda: confirming.confirm(fresh(taken_ticket), by=carol, solved=False, via="portal"),
    )

    assert [result.code for result in results if isinstance(result, Exception)] == ["already_answered"]
    assert len(told(taken_ticket, "confirmed") + told(taken_ticket, "refused")) == 1


def test_an_answer_and_the_end_of_silence_at_once__T4(taken_ticket, alice, carol, at_once, told):
    closure = closing.resolve(taken_ticket, by=alice)

    answer, silence = at_once(
        lambda: confirming.confirm(fresh(taken_ticket), by=carol, solved=True, via="link"),
        lambda: closing.close_silent(closure.pk, closure.silence_at),
    )

    taken_ticket.refresh_from_db()
    assert taken_ticket.status == Status.CLOSED
    assert len(told(taken_ticket, "confirmed") + told(taken_ticket, "closed")) == 1
    assert isinstance(answer, Refused) == (silence is True)


def test_two_tickets_merged_into_each_other_at_once__T11(taken_ticket, make_ticket, oscar, tier1, alice, bob, at_once):
    other = make_ticket(oscar, team=tier1)

    results = at_once(
        lambda: merging.merge(fresh(taken_ticket), into=fresh(other), by=alice),
        lambda: merging.merge(fresh(other), into=fresh(taken_ticket), by=bob),
    )

    assert [result.code for result in results if isinstance(result, Exception)] == ["merged"]
    row = TicketMerge.objects.get()
    assert row.source.status == Status.CLOSED
    assert row.target.status != Status.CLOSED
    assert row.target.entries.count() == 2
