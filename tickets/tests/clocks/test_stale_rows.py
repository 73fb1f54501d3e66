"""What a worker found due and another has done meanwhile is not done again: each step is idempotent (S4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps

from events.models import Approval, Event
from tickets import clocks, enforcement, lifecycle
from tickets.enforcement import due, passes
from tickets.models import Clock, Closure, FollowUp, Hold, Promise, Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def falls_due(ticket, answer, alice, sara, dora, billing, hold_reasons, monday):
    """``falls_due("hold")``: one row of this kind on the ticket, and the time from which it is due."""

    def hold():
        Ticket.objects.filter(pk=ticket.pk).update(status="on_hold", assignee=alice)
        Hold.objects.create(
            ticket=ticket, placed_by=alice, placed_at=monday, reason=hold_reasons["research"], consent="told",
            until=monday + HOUR,
        )  # fmt: skip
        return monday + HOUR

    def transfer():
        Ticket.objects.filter(pk=ticket.pk).update(status="open", assignee=alice)
        sent = lifecycle.transfer(
            ticket, by=alice, to_team=billing, reason="expertise", consent="told", understood="A bill", tried="Looked",
            at=monday,
        )  # fmt: skip
        return sent.accept_by

    def escalation():
        return lifecycle.escalate(ticket, by=alice, reason="limit", at=monday).climbs_at

    def promise(**times):
        times = {"break_at": monday + 30 * DAY, **times}
        Promise.objects.create(ticket=ticket, owner=alice, made_by=alice, made_at=monday, due_at=monday + HOUR, **times)
        return monday + HOUR

    def follow_up():
        FollowUp.objects.create(ticket=ticket, owner=alice, status="due", due_at=monday + HOUR)
        return monday + HOUR

    def closure():
        answer(ticket, monday)
        clocks.resolve(ticket, at=monday, by=alice)
        Ticket.objects.filter(pk=ticket.pk).update(status="resolved", resolved_at=monday, resolved_by=alice)
        Closure.objects.create(ticket=ticket, asked_at=monday, asked_by=alice, silence_at=monday + DAY)
        return monday + DAY

    def approval():
        Approval.objects.create(
            subject_id=ticket.pk, rule="H4", act="hold", asked_by=alice, asked_at=monday, answer="given", named=sara,
            confirm_by=monday + HOUR,
        )  # fmt: skip
        return monday + HOUR

    make = {
        "hold": hold, "transfer": transfer, "escalation": escalation, "follow_up": follow_up, "closure": closure,
        "approval": approval, "clock": lambda: monday + 23 * HOUR, "clock, overdue": lambda: monday + DAY,
        "reminder": lambda: promise(remind_at=monday + HOUR), "promise": lambda: promise(break_at=monday + HOUR),
    }  # fmt: skip
    return lambda what: make[what]()


KINDS = [*(job.name for job in due.JOBS), "clock, overdue"]


def found(at):
    """What a worker sees that looks at ``at``."""
    rows = due.look(at, {job.name: 10 for job in due.JOBS})
    assert len(rows) == 1
    return rows


def everything():
    """Every row of the desk that enforcement could write, as it stands; ``lateness`` and settings are no part of it."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for app in ("tickets", "events", "notifications")
        for model in apps.get_app_config(app).get_models()
        if model.__name__ not in ("EnforcementTally", "EnforcementPass")
    }


@pytest.mark.parametrize("what", KINDS)
def test_what_another_pass_has_done_is_not_done_again__S4(falls_due, monkeypatch, what):
    at = falls_due(what)
    stale = found(at)
    did = enforcement.enforce(at=at)
    assert sum(count for name, count in did.items() if name != "late_seconds_max") >= 1
    before = everything()

    late = passes._Pass(at)
    passes._one_by_one(late, stale)
    assert not late.done
    assert everything() == before

    handed = []
    monkeypatch.setattr(passes, "_do", lambda rows, at: handed.extend(rows) or [])
    assert passes._batch(passes._Pass(at), stale)
    assert handed == [], "a batch looks again under the lock, and hands on what is still due"


def test_what_fell_due_since_on_the_same_ticket_is_done_with_it_in_its_order__H3(falls_due, ticket, monday):
    falls_due("hold")
    stale = found(monday + HOUR)

    late = passes._Pass(monday + DAY)
    passes._batch(late, stale)

    assert (late.done["holds_ended"], late.done["breached"]) == (1, 1)
    kinds = Event.objects.filter(subject_id=ticket.pk).order_by("subject_seq").values_list("kind", flat=True)
    assert kinds[0] == "ticket.hold_ended"
    assert "ticket.sla_breached" in kinds


@pytest.mark.parametrize("by", ["answered", "paused", "cancelled", "moved"])
def test_a_clock_that_no_longer_waits_is_neither_warned_of_nor_breached__S4(ticket, answer, monday, sara, by):
    stale = found(monday + DAY)
    first = Clock.objects.filter(metric="first_response")
    if by == "answered":
        answer(ticket, monday + HOUR)
    elif by == "paused":
        first.update(next_at=None)
    elif by == "cancelled":
        clocks.cancel(ticket, at=monday + HOUR)
    else:
        first.update(target_seconds=3 * 86_400, due_at=monday + 3 * DAY, next_at=monday + 2 * DAY)

    passes._one_by_one(passes._Pass(monday + DAY), stale)

    assert not Event.objects.filter(kind__in=["ticket.sla_warned", "ticket.sla_breached"]).exists()
    assert first.get().breached_at is None


def test_a_promise_kept_meanwhile_is_not_reminded_of__T8(falls_due):
    at = falls_due("reminder")
    stale = found(at)
    Promise.objects.update(status="kept")

    passes._one_by_one(passes._Pass(at), stale)

    assert not Event.objects.exists()


def test_a_follow_up_met_meanwhile_is_not_asked_for__X5(falls_due):
    at = falls_due("follow_up")
    stale = found(at)
    FollowUp.objects.update(status="met")

    passes._one_by_one(passes._Pass(at), stale)

    assert not Event.objects.exists()
