"""``manage.py rebuild_clocks``: what does not agree with the events is found, said, and mended when asked."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from io import StringIO

import pgtrigger
import pytest
from django.core.management import CommandError, call_command

from events.models import Event
from sla import policies
from sla.models import Policy, PolicyVersion
from tickets import clocks, enforcement, lifecycle, loading
from tickets.loading import Answered, LoadedTicket, Resolved, Waited, Wrote
from tickets.models import FAR_FUTURE, Clock, ClockPause, DueChange, Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ticket(carol, alice, sara, tier1, monday):
    """Answered late, then the customer's turn, raised and warned of: a clock of every kind of trouble."""
    mine = lifecycle.open_ticket(
        requester=carol, subject="Dark", text="No light.", channel="email", by=carol, team=tier1, at=monday
    )
    enforcement.enforce(at=monday + 25 * HOUR)
    lifecycle.reply(mine, by=alice, text="Which lamp?", then="pending", at=monday + 26 * HOUR)
    lifecycle.receive(mine, person=carol, text="The left one.", at=monday + 30 * HOUR)
    lifecycle.set_priority(mine, by=sara, impact=3, urgency=3, at=monday + 31 * HOUR)
    enforcement.enforce(at=monday + 50 * HOUR)
    return mine


def run(*arguments: str) -> tuple[int, dict[str, int], list[str]]:
    """Exit code, summary, and the lines before it."""
    out, code = StringIO(), 0
    try:
        call_command("rebuild_clocks", *arguments, stdout=out)
    except SystemExit as stopped:
        code = int(str(stopped.code))
    *lines, summary = out.getvalue().splitlines()
    return code, json.loads(summary), lines


def rows() -> list[list[dict[str, object]]]:
    return [list(model.objects.order_by("pk").values()) for model in (Clock, ClockPause, DueChange)]


def test_what_was_done_by_verbs_differs_in_nothing__S7(ticket):
    code, counts, lines = run()

    assert (code, lines) == (0, [])
    assert (counts["tickets"], counts["clocks"], counts["differences"]) == (1, 3, 0)


@pytest.mark.parametrize("text", ["", "I ask the maker."])
def test_what_an_announcement_answered_is_told_again__S3(ticket, alice, billing, hold_reasons, monday, text):
    waits = Clock.objects.filter(ticket=ticket, metric="next_response", stopped_at=None)
    held = lifecycle.hold(
        ticket, by=alice, reason="research", consent="told", until=monday + 56 * HOUR, text=text, at=monday + 55 * HOUR
    )
    assert (waits.exists(), run()[0::2]) == (not text, (0, []))

    answer = lifecycle.reply(ticket, by=alice, text="The left one it is.", at=monday + 55 * HOUR)
    lifecycle.resume(ticket, by=alice, at=monday + 55 * HOUR)
    lifecycle.transfer(
        ticket, by=alice, to_team=billing, reason="expertise", consent="told", understood="Dark.", tried="Nothing.",
        text=text, at=monday + 56 * HOUR,
    )  # fmt: skip
    for entry in (held.announcement, answer):
        lifecycle.withdraw_reply(entry, by=None, cause="bounced", at=monday + 57 * HOUR)
    # the transfer's own words stand, the usual ones say nothing
    assert (waits.exists(), run()[0::2]) == (not text, (0, []))


WRONG = {
    "a due time": lambda clocks: clocks.filter(metric="resolution").update(due_at=FAR_FUTURE),
    "a stop": lambda clocks: clocks.filter(metric="first_response").update(stopped_by=None, elapsed_seconds=1),
    "a start": lambda clocks: clocks.filter(metric="next_response").update(terms_at=FAR_FUTURE),
    "a warning": lambda clocks: clocks.filter(metric="next_response").update(warned_75_at=None),
    "a look": lambda clocks: clocks.filter(metric="resolution").update(next_at=FAR_FUTURE),
    "a lost breach": lambda clocks: clocks.filter(metric="first_response").update(
        breached_at=None, breach_recorded_at=None
    ),
    "what it was promised by": lambda clocks: clocks.filter(metric="resolution").update(terms_known_at=FAR_FUTURE),
    "since when it is promised": lambda clocks: clocks.filter(metric="resolution").update(terms_known_at=None),
    "a pause": lambda _clocks: ClockPause.objects.update(ended_at=FAR_FUTURE),
    "a lost pause": lambda _clocks: ClockPause.objects.all().delete(),
    "a clock that is gone": lambda clocks: clocks.filter(metric="resolution").delete(),
    "a table that is gone": lambda clocks: clocks.delete(),
    "the queue": lambda _clocks: Ticket.objects.update(queue_at=FAR_FUTURE),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_found_and_mended__S7(ticket, what):
    before = rows()
    WRONG[what](Clock.objects.all())

    code, counts, lines = run()
    assert (code, counts["tickets_differing"], counts["written"]) == (1, 1, 0)
    assert len(lines) == counts["differences"] > 0
    assert all(line.startswith(f"ticket {ticket.number}") for line in lines)

    code, counts, _lines = run("--write")
    assert (code, counts["written"], counts["left"]) == (0, 1, 0)
    assert run()[0::2] == (0, [])
    assert [_known(table) for table in rows()] == [_known(table) for table in before]
    assert Ticket.objects.get().queue_at < FAR_FUTURE


@pytest.fixture
def moved(make_policy, carol, alice, sara, tier1, monday):
    """Its due times moved twice, and one of its waits became part of another: changes, and a cancelled clock."""
    make_policy("Tier 1", team=tier1, resolution={"": 10 * 86_400, "4": 2 * 86_400})
    mine = lifecycle.open_ticket(
        requester=carol, subject="Dark", text="No light.", channel="email", by=carol, team=tier1, at=monday
    )
    lifecycle.set_priority(mine, by=sara, impact=3, urgency=3, at=monday + HOUR)
    said = lifecycle.reply(mine, by=alice, text="We look.", at=monday + 2 * HOUR)
    lifecycle.receive(mine, person=carol, text="Hello?", at=monday + 3 * HOUR)
    lifecycle.withdraw_reply(said, by=None, cause="bounced", at=monday + 4 * HOUR)
    return mine


WRONG_MOVED = {
    "changes that are gone": lambda: DueChange.objects.all().delete(),
    "what moved it": lambda: DueChange.objects.filter(cause="priority").update(cause="policy"),
    "when it moved": lambda: DueChange.objects.update(changed_at=FAR_FUTURE),
    "from where": lambda: DueChange.objects.update(due_before=FAR_FUTURE),
    "to where": lambda: DueChange.objects.update(due_after=FAR_FUTURE),
    "from whose promise": lambda: DueChange.objects.update(policy_before=None),
    "one that counts again": lambda: Clock.objects.filter(metric="next_response").update(cancelled_at=None),
    "one cancelled at another time": lambda: Clock.objects.filter(metric="next_response").update(
        cancelled_at=FAR_FUTURE
    ),
}


@pytest.mark.parametrize("what", WRONG_MOVED)
def test_what_moved_is_compared_and_mended_too__S7(moved, what):
    assert {*DueChange.objects.values_list("cause", flat=True)} == {"priority", "reinstated"}
    assert Clock.objects.exclude(cancelled_at=None).count() == 1
    before = rows()
    WRONG_MOVED[what]()

    code, counts, lines = run()
    assert (code, counts["tickets_differing"]) == (1, 1)
    assert len(lines) == counts["differences"] > 0

    assert run("--write")[0] == 0
    assert [_known(table) for table in rows()] == [_known(table) for table in before]


def _known(table):
    """A row that was lost comes back with another id, unless events call it by it; and is recorded when it is."""
    passing = ("id", "clock_id", "breach_recorded_at", "terms_known_at")
    return sorted(str({name: value for name, value in row.items() if name not in passing}) for row in table)


def test_what_was_published_while_a_ticket_came_may_hold_for_it_or_not__S7(ticket, monday):
    """A manager's save that commits after a ticket came has an earlier time, and the ticket did not see it."""
    came = Event.objects.get(kind="ticket.opened").recorded_at
    usual = policies.default()
    with pgtrigger.ignore("sla.PolicyVersion:never_changed"):
        PolicyVersion.objects.filter(pk=usual.pk).update(made_at=came - DAY)
    published = partial(
        PolicyVersion.objects.create, number=9, valid_from=monday - DAY, targets={"resolution": {"": 60}}
    )
    published(policy=usual.policy, made_at=came - timedelta(seconds=1))
    assert run()[0::2] == (0, [])

    published(policy=Policy.objects.create(name="Mail"), position=2, channel="email", made_at=came - HOUR)
    assert run()[0] == 1


def test_a_breach_that_no_event_tells_of_is_never_removed__S5(ticket, monday):
    Clock.objects.filter(metric="resolution").update(breached_at=monday, breach_recorded_at=monday)

    code, counts, _lines = run("--write")

    assert (code, counts["left"]) == (1, 1)
    assert Clock.objects.get(metric="resolution").breached_at == monday


def test_a_clock_that_events_name_comes_back_under_its_name__S7(ticket):
    known = Clock.objects.get(metric="next_response").pk
    Clock.objects.all().delete()

    run("--write")

    assert Clock.objects.get(metric="next_response").pk == known


def test_a_clock_that_no_event_tells_of_goes__S7(ticket, monday):
    Clock.objects.create(ticket=ticket, metric="keep_informed", terms_at=monday, started_at=monday)

    assert run()[2] == [f"ticket {ticket.number}, keep_informed {Clock.objects.last().pk}: no event tells of it"]
    run("--write")

    assert not Clock.objects.filter(metric="keep_informed").exists()


def test_only_the_tickets_that_are_named__S7(ticket, carol, tier1, monday):
    other = lifecycle.open_ticket(
        requester=carol, subject="Other", text="Other.", channel="web", by=carol, team=tier1, at=monday
    )
    Clock.objects.filter(ticket=ticket).update(due_at=None)

    assert run("--ticket", str(other.number))[:2] == (0, {**run("--ticket", str(other.number))[1], "tickets": 1})
    assert run("--ticket", str(other.number), str(ticket.number))[0] == 1
    with pytest.raises(CommandError, match="There is no ticket 4711000"):
        run("--ticket", "4711000")


def test_a_policy_revised_since_plays_no_part__S2(ticket, make_policy, tier1):
    make_policy("Since ever, decided now", team=tier1, first_response=60, resolution=60)

    assert run()[0] == 0


def test_what_was_imported_and_then_worked_on__S7(carol, alice, sara, tier1, monday):
    loaded = loading.load([
        LoadedTicket(
            requester=carol.pk, subject=f"T{n}", text="B", channel="email", at=monday, team=tier1.pk,
            steps=[
                Answered(at=monday + 30 * HOUR, by=alice.pk, text="C", then="pending"),
                Wrote(at=monday + 40 * HOUR, text="D"),
                *([Resolved(at=monday + 41 * HOUR, by=alice.pk)] if n else [Waited(at=monday + 42 * HOUR)]),
            ],
        )
        for n in range(2)
    ])  # fmt: skip
    assert run()[0] == 0
    waiting, solved = Ticket.objects.in_bulk(loaded.ticket_ids).values()

    Ticket.objects.filter(pk=waiting.pk).update(is_enforced=True)
    waiting.refresh_from_db()
    clocks.join_enforcement(waiting, at=monday + 43 * HOUR)
    lifecycle.receive(solved, person=carol, text="Dark again.", at=monday + 44 * HOUR)

    assert run()[2] == []
