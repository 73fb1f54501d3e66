"""Flags prepare the next handler (C4) and never rank anybody (C6)."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from common.errors import Refused
from customers import flags, operations
from customers.models import Flag
from events.models import Event

DAY = timedelta(days=1)
HOUSE = Path(__file__).resolve().parents[2]


@pytest.fixture
def abusive(carol, alice, now) -> Flag:
    return flags.set_flag(
        carol, by=alice, kind="abusive", reason="Shouted", review_at=now + 30 * DAY, expires_at=now + 90 * DAY
    )


def test_a_flag_says_who_why_when_reviewed_and_when_it_ends__C4(abusive, carol, alice, now):
    assert (abusive.set_by, abusive.reason) == (alice, "Shouted")
    assert list(carol.flags.in_force(now)) == [abusive]
    assert list(carol.flags.in_force(now + 91 * DAY)) == []
    event = Event.objects.get(kind="person.flagged")
    assert event.data["flag_kind"] == "abusive"
    assert "Shouted" not in str(event.data)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"review_at": -DAY}, "review_at"),
        ({"expires_at": DAY / 2}, "expires_at"),
        ({"kind": "rude"}, "kind"),
    ],
)
def test_a_flag_without_reason_review_or_end_is_refused__C4(carol, alice, now, change, field):
    wanted = {"kind": "vip", "reason": "Board", "review_at": DAY, "expires_at": 2 * DAY} | change
    for name in ("review_at", "expires_at"):
        wanted[name] = now + wanted[name]

    with pytest.raises(Refused) as refusal:
        flags.set_flag(carol, by=alice, **wanted)

    assert (refusal.value.rule, refusal.value.field) == ("C4", field)
    assert not Flag.objects.exists()


def test_one_of_a_kind_at_a_time_and_an_expired_one_makes_way__C4(abusive, carol, alice, now):
    again = {"by": alice, "kind": "abusive", "reason": "Again"}
    with pytest.raises(Refused, match="Review it"):
        flags.set_flag(carol, **again, review_at=now + DAY, expires_at=now + 2 * DAY)

    later = now + 100 * DAY
    flags.set_flag(carol, **again, review_at=later + DAY, expires_at=later + 2 * DAY, at=later)

    assert [flag.reason for flag in carol.flags.in_force(later)] == ["Again"]


def test_a_review_prolongs_and_a_lift_ends__C4(abusive, carol, alice, now):
    flags.review_flag(abusive, by=alice, review_at=now + 60 * DAY, expires_at=now + 120 * DAY)
    assert list(carol.flags.in_force(now + 100 * DAY)) == [abusive]

    flags.lift_flag(abusive, by=alice)

    assert list(carol.flags.in_force(now)) == []
    with pytest.raises(Refused, match="lifted already"):
        flags.lift_flag(abusive, by=alice)
    assert Event.objects.filter(kind="person.flag_lifted").count() == 1


def test_only_who_set_it_or_a_supervisor_lifts__C4(abusive, bob, dora):
    with pytest.raises(Refused, match="supervisor"):
        flags.lift_flag(abusive, by=bob)

    assert flags.lift_flag(abusive, by=dora).lifted_by == dora


def test_a_threat_is_lifted_by_a_supervisor_alone__C4(carol, alice, sara, now):
    threat = flags.set_flag(
        carol, by=alice, kind="legal_threat", reason="Lawyer", review_at=now + DAY, expires_at=now + 2 * DAY
    )

    with pytest.raises(Refused, match="supervisor"):
        flags.lift_flag(threat, by=alice)
    assert flags.lift_flag(threat, by=sara, leads_a_team=True).lifted_at


def test_an_old_quarrel_changes_no_ticket__C6(printer_ticket, carol, alice, now):
    fields = [field.attname for field in printer_ticket._meta.concrete_fields]
    before = type(printer_ticket).objects.values(*fields).get()

    flag = flags.set_flag(carol, by=alice, kind="abusive", reason="X", review_at=now + DAY, expires_at=now + DAY)
    assert type(printer_ticket).objects.values(*fields).get() == before
    flags.lift_flag(flag, by=alice)
    assert type(printer_ticket).objects.values(*fields).get() == before


def test_no_rule_of_tickets_or_service_levels_reads_a_flag__C6():
    """Priority, queue, clocks, policies: none may know that there are flags."""
    rooms = [*HOUSE.glob("sla/*.py"), *HOUSE.glob("tickets/**/*.py")]
    ranking = [path for path in rooms if "tests" not in path.parts and "migrations" not in path.parts]
    assert ranking
    offenders = [
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for path in ranking
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.alias) and node.name in ("Flag", "flags"))
        or (isinstance(node, ast.Attribute) and node.attr in ("flags", "flag_set"))
    ]
    assert offenders == []


def test_an_unknown_flag_follows_its_person(carol, abusive, alice):
    other = operations.add_person(by=alice, name="C")
    operations.merge_people(carol, into=other, by=alice)

    assert list(other.flags.in_force(timezone.now())) == [abusive]
