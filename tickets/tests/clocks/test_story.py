"""S6, S7: what is shown comes from the rows that are enforced, and explains itself."""

from datetime import timedelta

from sla.operations import Terms, revise_policy
from tickets import clocks
from tickets.models import Clock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def kinds(steps):
    return [step.kind for step in steps]


def test_names_policy_target_and_hours__S7(ticket, clock, monday):
    steps = clocks.explain(clock(ticket, "first_response"))

    assert kinds(steps) == ["policy", "started", "open", "due"]
    assert steps[0].text == "Standard promise: First response within 24 hours, around the clock"
    assert (steps[1].at, steps[2].seconds, steps[3].at) == (monday, 86_400, monday + DAY)


def test_tells_closed_hours_apart__S7(make_ticket, carol, make_policy, office_hours, clock, monday):
    make_policy("Office", channel="email", calendar=office_hours, first_response=10 * 3600)
    ticket = make_ticket(carol, at=monday)

    steps = clocks.explain(clock(ticket, "first_response"))

    assert kinds(steps) == ["policy", "started", "open", "closed", "open", "due"]
    assert [step.seconds for step in steps if step.kind == "open"] == [8 * 3600, 2 * 3600]
    assert steps[-1].at == monday + DAY + HOUR
    assert "Office hours" in steps[0].text


def test_tells_pauses_changes_and_the_end__S7(ticket, clock, answer, make_policy, monday, alice):
    answer(ticket, monday + HOUR)
    clocks.pause(ticket, cause="pending", at=monday + 2 * HOUR)
    assert kinds(clocks.explain(clock(ticket, "resolution"))) == ["policy", "started", "open", "paused"]

    clocks.unpause(ticket, cause="pending", at=monday + 5 * HOUR)
    make_policy("Urgent", priority=4, resolution=24 * 3600)
    ticket.priority = 4
    clocks.reprioritise(ticket, at=monday + 6 * HOUR)
    clocks.resolve(ticket, at=monday + 30 * HOUR, by=alice)

    steps = clocks.explain(clock(ticket, "resolution"))

    assert kinds(steps) == [
        "policy", "started", "open", "paused", "open", "changed", "due", "breached", "stopped",
    ]  # fmt: skip
    assert steps[3].text == "Waiting for the customer"
    assert "Standard promise" in steps[5].text


def test_the_story_ends_where_the_row_is_due__S6(ticket, clock):
    for row in Clock.objects.filter(ticket=ticket):
        assert [step.until for step in clocks.explain(row) if step.kind == "open"][-1] == row.due_at


def test_no_target_is_no_due_time(make_ticket, carol, policy, clock, monday):
    revise_policy(policy, Terms(targets={"first_response": {"": 3600}}), by=None, valid_from=monday)
    ticket = make_ticket(carol, at=monday)

    row = clock(ticket, "resolution")

    assert (row.due_at, row.next_at) == (None, None)
    assert kinds(clocks.explain(row)) == ["policy", "started"]
