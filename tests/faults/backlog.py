"""``python -m tests.faults.backlog TIME MANY``: so many mails of a day before ``TIME`` that nobody answered.

They come to a team of their own, "Night", all at one moment, so their first responses fell due at one moment too: an
hour before ``TIME``, while nobody worked.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta

import django

AGO = timedelta(hours=25)


def main(begun: datetime, many: int) -> None:
    """Load them as they came."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    django.setup()
    from accounts.models import User
    from customers.models import Person
    from staff import operations as staff
    from staff.models import Membership
    from tickets import loading

    team = staff.add_team(by=User.objects.get(email="adam@desk.example"), name="Night")
    sara = User.objects.get(email="sara@desk.example")
    Membership.objects.create(team=team, user=sara, role=Membership.TeamRole.SUPERVISOR)
    people = Person.objects.bulk_create(Person(name=f"Customer {number}", kind="external") for number in range(50))
    stories = [
        loading.LoadedTicket(
            requester=people[number % len(people)].pk, subject=f"Parcel {number}", text="Where is it?",
            channel="email", at=begun - AGO, team=team.pk,
        )
        for number in range(many)
    ]  # fmt: skip
    for first in range(0, many, 2500):
        loading.load(stories[first : first + 2500], origin="live", is_enforced=True, now=begun - AGO)


if __name__ == "__main__":
    main(datetime.fromisoformat(sys.argv[1]), int(sys.argv[2]))
