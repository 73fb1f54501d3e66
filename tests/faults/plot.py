"""What happened on the desk of the crashes: two cases that are over, and one of everything that falls due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Role, RoleGrant, User
from customers import operations as customers
from customers.models import Person
from events import dispatch, values
from staff import operations as staff
from staff.models import Membership, StaffProfile, Team
from tickets import lifecycle
from tickets.models import Channel, Closure, Consent, Promise, Ticket, Transfer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class House:
    """Who takes part; all times count back from ``t``."""

    t: datetime
    alice: User
    tier1: Team
    billing: Team
    carol: Person
    ivan: Person
    oscar: Person

    def opened(self, person: Person, ago: timedelta, subject: str) -> Ticket:
        """A mail of theirs, so long ago."""
        return lifecycle.open_ticket(
            requester=person, subject=subject, text=f"{subject}, please.", channel=Channel.EMAIL, by=person,
            team=self.tier1, at=self.t - ago,
        )  # fmt: skip


def play(t: datetime) -> None:
    """Tell it all, as of ``t``; of the first two cases the customers were asked in time, all that follows waits."""
    values.put("reply.undo_seconds", 0, by=None)
    house = _built(t)
    _two_are_over(house)
    dispatch.sweep()
    _clocks_run_out(house)
    _a_hold_and_a_promise_run_out(house)
    _a_transfer_and_a_question_go_unanswered(house)


def _built(t: datetime) -> House:
    adam, alice, sara, bella = (
        _user("adam", Role.ADMIN), _user("alice", Role.AGENT), _user("sara", Role.AGENT), _user("bella", Role.AGENT),
    )  # fmt: skip
    tier1, billing = staff.add_team(by=adam, name="Tier 1"), staff.add_team(by=adam, name="Billing")
    for team, person, role in ((tier1, alice, "agent"), (tier1, sara, "supervisor"), (billing, bella, "agent")):
        Membership.objects.create(team=team, user=person, role=role)
    carol, ivan, oscar = (
        customers.add_person(by=None, name=name, kind=kind, emails=[email], language=language, at=t - 60 * DAY)
        for name, kind, email, language in (
            ("Carol Cole", "external", "carol@acme.example", "en"),
            ("Ivan Ivanov", "internal", "ivan@desk.example", "he"),
            ("Oscar Olsen", "external", "oscar@acme.example", "nb"),
        )
    )
    return House(t, alice, tier1, billing, carol, ivan, oscar)


def _user(name: str, role: str) -> User:
    made = User.objects.create_user(f"{name}@desk.example", "a long pass phrase", name=name.capitalize())
    RoleGrant.objects.create(user=made, role=role)
    StaffProfile.objects.create(user=made, availability="online")
    return made


def _two_are_over(house: House) -> None:
    t, alice = house.t, house.alice
    silent = house.opened(house.oscar, 13 * DAY, "It works again")
    lifecycle.take(silent, by=alice, at=t - 13 * DAY + HOUR)
    lifecycle.resolve(silent, by=alice, text="Restarted.", at=t - 12 * DAY)

    solved = house.opened(house.ivan, 4 * HOUR, "A new keyboard")
    lifecycle.resolve(solved, by=alice, text="On your desk.", at=t - 3 * HOUR)
    lifecycle.confirm(solved, by=house.ivan, solved=True, via=Closure.Via.PORTAL, at=t - 2 * HOUR)


def _clocks_run_out(house: House) -> None:
    since = house.t - 18 * HOUR
    house.opened(house.carol, 26 * HOUR, "Nobody answered")
    lifecycle.take(house.opened(house.ivan, 19 * HOUR, "Three quarters are over"), by=house.alice, at=since)
    lifecycle.take(house.opened(house.oscar, 22 * HOUR, "Nine tenths are over"), by=house.alice, at=since)


def _a_hold_and_a_promise_run_out(house: House) -> None:
    t, alice = house.t, house.alice
    held = house.opened(house.carol, 30 * HOUR, "A part has to come")
    lifecycle.reply(held, by=alice, text="We order it.", at=t - 29 * HOUR)
    lifecycle.hold(held, by=alice, reason="research", consent=Consent.TOLD, until=t - HOUR, at=t - 20 * HOUR)
    lifecycle.add_note(held, by=alice, text="The supplier is late.", at=t - 2 * HOUR)

    promised = house.opened(house.ivan, 10 * DAY, "Call me")
    lifecycle.reply(promised, by=alice, text="I call you.", at=t - 10 * DAY + HOUR)
    lifecycle.promise(
        promised, by=alice, kind=Promise.Kind.CALL_BACK, due_at=t - 7 * DAY, at=t - 9 * DAY
    )  # which nobody did


def _a_transfer_and_a_question_go_unanswered(house: House) -> None:
    t, alice = house.t, house.alice
    passed = house.opened(house.carol, 8 * DAY, "The invoice is wrong")
    lifecycle.take(passed, by=alice, at=t - 8 * DAY + HOUR)
    lifecycle.transfer(
        passed, by=alice, to_team=house.billing, reason=Transfer.Reason.values[0], consent=Consent.TOLD,
        understood="Paid twice.", tried="Looked it up.", at=t - 8 * DAY + 2 * HOUR,
    )  # fmt: skip

    asked = house.opened(house.oscar, 3 * DAY, "The door is stuck")
    lifecycle.take(asked, by=alice, at=t - 3 * DAY + HOUR)
    lifecycle.resolve(asked, by=alice, text="Oiled.", at=t - 2 * DAY)
