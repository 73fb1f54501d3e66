"""A desk on which everything falls due at once: ``python -m tests.faults.story TIME`` plays it into an empty database.

Every act is a verb with its own time before ``TIME``, so two runs with the same ``TIME`` begin alike. Nothing of it was
carried to a worker: all that its events owe, all that is due and all that is to be mailed waits in the rows.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta

import django


def main(begun: datetime) -> None:
    """Make the tables, the people and the story."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    django.setup()
    from django.core.management import call_command

    from events import dispatch
    from helpdesk import defaults

    call_command("migrate", verbosity=0)
    defaults.ensure()
    with dispatch.silenced():
        _play(begun)
    _schedule(begun)


def _play(t: datetime) -> None:
    from accounts.models import Role, RoleGrant, User
    from customers import operations as customers
    from events import dispatch, values
    from staff import operations as staff
    from staff.models import Membership, StaffProfile
    from tickets import lifecycle
    from tickets.models import Channel, Consent, Promise, Ticket, Transfer

    hour, day = timedelta(hours=1), timedelta(days=1)
    values.put("reply.undo_seconds", 0, by=None)

    def user(name: str, role: str) -> User:
        made = User.objects.create_user(f"{name}@desk.example", "a long pass phrase", name=name.capitalize())
        RoleGrant.objects.create(user=made, role=role)
        StaffProfile.objects.create(user=made, availability="online")
        return made

    adam, alice, sara, bella = (
        user("adam", Role.ADMIN),
        user("alice", Role.AGENT),
        user("sara", Role.AGENT),
        user("bella", Role.AGENT),
    )
    tier1, billing = staff.add_team(by=adam, name="Tier 1"), staff.add_team(by=adam, name="Billing")
    for team, person, role in ((tier1, alice, "agent"), (tier1, sara, "supervisor"), (billing, bella, "agent")):
        Membership.objects.create(team=team, user=person, role=role)
    carol, ivan, oscar = (
        customers.add_person(by=None, name=name, kind=kind, emails=[email], language=language, at=t - 60 * day)
        for name, kind, email, language in (
            ("Carol Cole", "external", "carol@acme.example", "en"),
            ("Ivan Ivanov", "internal", "ivan@desk.example", "he"),
            ("Oscar Olsen", "external", "oscar@acme.example", "nb"),
        )
    )

    def opened(person: object, ago: timedelta, subject: str) -> Ticket:
        ticket = lifecycle.open_ticket(
            requester=person, subject=subject, text=f"{subject}, please.", channel=Channel.EMAIL, by=person, team=tier1,
            at=t - ago,
        )  # fmt: skip
        return ticket

    silent = opened(oscar, 13 * day, "It works again")
    lifecycle.take(silent, by=alice, at=t - 13 * day + hour)
    lifecycle.resolve(silent, by=alice, text="Restarted.", at=t - 12 * day)

    solved = opened(ivan, 4 * hour, "A new keyboard")
    closure = lifecycle.resolve(solved, by=alice, text="On your desk.", at=t - 3 * hour)
    lifecycle.confirm(solved, by=ivan, solved=True, via=closure.Via.PORTAL, at=t - 2 * hour)

    dispatch.sweep()  # of these two the customers were asked in time; all that follows waits

    opened(carol, 26 * hour, "Nobody answered")
    lifecycle.take(opened(ivan, 19 * hour, "Three quarters are over"), by=alice, at=t - 18 * hour)
    lifecycle.take(opened(oscar, 22 * hour, "Nine tenths are over"), by=alice, at=t - 18 * hour)

    held = opened(carol, 30 * hour, "A part has to come")
    lifecycle.reply(held, by=alice, text="We order it.", at=t - 29 * hour)
    lifecycle.hold(held, by=alice, reason="research", consent=Consent.TOLD, until=t - hour, at=t - 20 * hour)

    promised = opened(ivan, 10 * day, "Call me")
    lifecycle.reply(promised, by=alice, text="I call you.", at=t - 10 * day + hour)
    lifecycle.promise(
        promised, by=alice, kind=Promise.Kind.CALL_BACK, due_at=t - 7 * day, at=t - 9 * day
    )  # which nobody did

    passed = opened(carol, 8 * day, "The invoice is wrong")
    lifecycle.take(passed, by=alice, at=t - 8 * day + hour)
    lifecycle.transfer(
        passed, by=alice, to_team=billing, reason=Transfer.Reason.values[0], consent=Consent.TOLD,
        understood="Paid twice.", tried="Looked it up.", at=t - 8 * day + 2 * hour,
    )  # fmt: skip

    asked = opened(oscar, 3 * day, "The door is stuck")
    lifecycle.take(asked, by=alice, at=t - 3 * day + hour)
    lifecycle.resolve(asked, by=alice, text="Oiled.", at=t - 2 * day)

    lifecycle.add_note(held, by=alice, text="The supplier is late.", at=t - 2 * hour)


def _schedule(begun: datetime) -> None:
    """Beat's rows as they stand after an hour's outage: each is overdue."""
    from django.conf import settings
    from django_celery_beat.models import PeriodicTask
    from django_celery_beat.schedulers import ModelEntry

    from helpdesk.celery import app

    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        ModelEntry.from_entry(name, app=app, **entry)
    PeriodicTask.objects.update(last_run_at=begun - timedelta(hours=1))


if __name__ == "__main__":
    main(datetime.fromisoformat(sys.argv[1]))
