"""KILL at named points leaves events, clocks, notices and outbox as if nothing had happened (S4; ARCHITECTURE, 4)."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faults.conftest import BEGUN
from tests.faults.snapshot import snapshot

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("faults")]

DEATHS = {
    "before a reaction's commit: worker": ("before_commit:notifications.send_reply", ("worker",)),
    "after a reaction's commit: worker and beat": ("after_commit:notifications.send_reply", ("worker", "beat")),
    "in a task, before a row's commit: worker": ("before_commit:enforce.clock", ("worker",)),
    "in a task, after a row's commit: worker, beat and Redis": (
        "after_commit:enforce.hold",
        ("worker", "beat", "redis"),
    ),
    "in a task: Redis alone": ("after_commit:enforce.transfer", ("redis",)),
    "in a send, claimed: worker": ("send.claimed", ("worker",)),
    "in a send, accepted: worker and Redis": ("send.accepted", ("worker", "redis")),
}


def test_the_story_has_something_of_everything(unkilled):
    kinds = {row[0] for row in unkilled["events"]}
    assert kinds >= {
        "ticket.sla_warned", "ticket.sla_breached", "ticket.escalated", "ticket.hold_ended", "ticket.transfer_returned",
        "ticket.promise_broken", "ticket.closed", "survey.sent",
    }  # fmt: skip
    assert {row[3] for row in unkilled["outbox"]} >= {"acknowledgement", "reply", "confirm", "survey"}
    assert {row[5] for row in unkilled["outbox"]} == {"sent"}
    assert all(row[-1] for row in unkilled["deliveries"])
    assert unkilled["notices"]


@pytest.mark.parametrize(("point", "victims"), DEATHS.values(), ids=DEATHS)
def test_a_crash_changes_nothing__S4(a_house, servers, unkilled, point, victims):
    with a_house(fault=point) as run:
        run.start("worker", "beat")
        run.wait_until(run.marker.exists, f"Dying at {point}")
        run.kill(*[name for name in victims if name != "redis"])
        if "redis" in victims:
            run.may_end = frozenset({"worker"})
            servers.redis.kill()
            servers.redis.start()
        if "worker" in victims:  # a KILL also meets the other hands of the worker, perhaps with a mail in them
            run.five_minutes_pass()
        assert run.orphans or not point.startswith("send.")
        run.start(*[name for name in victims if name != "redis"])
        run.settle()

        left = snapshot(run, BEGUN)
        for name, rows in unkilled.items():
            assert left[name] == rows, name
        _mails_came_once_but_for_those_in_dying_hands(run, point)


def _mails_came_once_but_for_those_in_dying_hands(run, point):
    """What was in a hand that died may have left, and leaves again under the same Message-ID: mail programs show one.

    Beat goes on meanwhile, and a mail of notices may just be on its way.
    """
    words = "SELECT message_id FROM notifications_outgoingmail WHERE status = 'sent'"
    run.wait_until(lambda: {row[0] for row in run.query(words)} == set(run.inbox.ids), "Each mail's coming")
    twice = {message_id for message_id, times in Counter(run.inbox.ids).items() if times > 1}
    assert twice <= run.orphans
    if point == "send.claimed":
        assert twice < run.orphans  # the one that was claimed had not left
    if point == "send.accepted":
        assert twice  # the one that was accepted
