"""The cast: people, teams and a ticket that every test may ask for by name.

On the desk: ``alice`` and ``bob`` (agents of ``tier1``), ``bella`` (agent of ``billing``), ``sara`` (supervisor of
``tier1``), ``sven`` (supervisor of ``billing``), ``dora`` (duty supervisor of the whole desk), ``mia`` (manager),
``adam`` (admin), ``theo`` (third-party agent of ``billing``). Customers: ``carol`` (external, of ``acme``, with the
address carol@acme.example and a phone), ``oscar`` (her colleague), ``ivan`` (internal, of ``warehouse``).

Also ``tier1``, ``billing``, ``office_hours`` (the default calendar: Mon-Fri 8-17 UTC), ``hold_reasons`` (by code),
``policy`` (the default one: 24 hours), ``call`` (a live call of alice with carol, on ``printer_ticket``), ``mail`` (a
written contact), ``printer_ticket`` (carol's mail of ten minutes ago, new, in tier1, with its entry and clocks) and
``taken_ticket`` (the same, open, alice's). Times: ``now`` (when the test began), ``tomorrow``, ``monday`` (Monday
2 March 2026, 09:00 UTC, in office hours). Makers: ``make_user``, ``make_person``, ``make_ticket``, ``make_contact``.

Whatever ``helpdesk.defaults`` makes is there in every database, also after a transactional test has emptied it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db.models.signals import post_migrate
from django.utils import timezone

from accounts.models import Role, RoleGrant, User
from customers.models import Department, EmailAddress, Organisation, Person, PhoneNumber
from helpdesk import defaults
from sla import policies
from sla.models import Metric, Policy, standard_targets
from sla.operations import Terms, add_policy
from staff.models import Calendar, Membership, StaffProfile, Team
from tickets import clocks
from tickets.models import Channel, Contact, Entry, HoldReason, Status, Ticket

AGENT, SUPERVISOR = Membership.TeamRole.AGENT, Membership.TeamRole.SUPERVISOR


@pytest.fixture(scope="session", autouse=True)
def _defaults_in_every_database() -> Iterator[None]:
    """Django sends this after the test database was made, and after every transactional test has emptied it."""

    def ensure(**_more: object) -> None:
        defaults.ensure()

    last = apps.get_app_config("accounts")
    post_migrate.connect(ensure, sender=last, dispatch_uid="defaults-for-tests")
    yield
    post_migrate.disconnect(sender=last, dispatch_uid="defaults-for-tests")


# --- Times ------------------------------------------------------------------


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def tomorrow(now: datetime) -> datetime:
    return now + timedelta(days=1)


@pytest.fixture
def monday() -> datetime:
    return datetime(2026, 3, 2, 9, tzinfo=UTC)


# --- The house --------------------------------------------------------------


@pytest.fixture
def office_hours(db: None) -> Calendar:
    return Calendar.objects.get(is_default=True)


@pytest.fixture
def policy(db: None) -> Policy:
    return policies.default().policy


@pytest.fixture
def make_policy(db: None) -> Callable[..., Policy]:
    """``make_policy("Urgent", priority=4, first_response=4 * HOUR)``: targets in seconds by metric; None for no time.

    What is not given is as in the standard promise. It holds since ever.
    """

    def make(name: str, valid_from: datetime | None = None, **said: Any) -> Policy:
        targets = {metric: dict(by) for metric, by in standard_targets().items()}
        for metric in [one for one in Metric.values if one in said]:
            seconds = said.pop(metric)
            targets[metric] = {} if seconds is None else seconds if isinstance(seconds, dict) else {"": seconds}
        return add_policy(name, Terms(targets=targets, **said), by=None, valid_from=valid_from).policy

    return make


@pytest.fixture
def hold_reasons(db: None) -> dict[str, HoldReason]:
    return {reason.code: reason for reason in HoldReason.objects.all()}


@pytest.fixture
def tier1(db: None) -> Team:
    return Team.objects.create(name="Tier 1")


@pytest.fixture
def billing(db: None) -> Team:
    return Team.objects.create(name="Billing")


# --- People of the desk -----------------------------------------------------


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """``make_user("zoe", Role.AGENT, team=tier1, team_role=…, provider=…, is_duty_supervisor=…, availability=…)``."""

    def make(
        name: str,
        *roles: str,
        team: Team | None = None,
        team_role: str = AGENT,
        availability: str = "online",
        **profile: Any,
    ) -> User:
        user = User.objects.create_user(f"{name}@desk.example", "a long pass phrase", name=name.capitalize())
        RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in roles)
        if team:
            Membership.objects.create(team=team, user=user, role=team_role)
        StaffProfile.objects.create(user=user, availability=availability, **profile)
        return user

    return make


@pytest.fixture
def alice(make_user: Callable[..., User], tier1: Team) -> User:
    return make_user("alice", Role.AGENT, team=tier1)


@pytest.fixture
def bob(make_user: Callable[..., User], tier1: Team) -> User:
    return make_user("bob", Role.AGENT, team=tier1)


@pytest.fixture
def bella(make_user: Callable[..., User], billing: Team) -> User:
    return make_user("bella", Role.AGENT, team=billing)


@pytest.fixture
def theo(make_user: Callable[..., User], billing: Team) -> User:
    return make_user("theo", team=billing, provider=StaffProfile.Provider.THIRD_PARTY)


@pytest.fixture
def sara(make_user: Callable[..., User], tier1: Team) -> User:
    return _heading(make_user("sara", team=tier1, team_role=SUPERVISOR), tier1)


@pytest.fixture
def sven(make_user: Callable[..., User], billing: Team) -> User:
    return _heading(make_user("sven", team=billing, team_role=SUPERVISOR), billing)


@pytest.fixture
def dora(make_user: Callable[..., User]) -> User:
    return make_user("dora", Role.SUPERVISOR, is_duty_supervisor=True)


@pytest.fixture
def mia(make_user: Callable[..., User]) -> User:
    return make_user("mia", Role.MANAGER)


@pytest.fixture
def adam(make_user: Callable[..., User]) -> User:
    return make_user("adam", Role.ADMIN)


def _heading(user: User, team: Team) -> User:
    team.supervisor = user
    team.save(update_fields=["supervisor"])
    return user


# --- Customers --------------------------------------------------------------


@pytest.fixture
def acme(db: None) -> Organisation:
    return Organisation.objects.create(name="Acme", domain="acme.example")


@pytest.fixture
def warehouse(db: None) -> Department:
    return Department.objects.create(name="Warehouse")


@pytest.fixture
def make_person(db: None) -> Callable[..., Person]:
    """``make_person("Zoe Zimmer", email="zoe@z.example", phone="+4930123456", kind="internal", …)``."""

    def make(name: str, *, email: str = "", phone: str = "", is_verified: bool = True, **fields: Any) -> Person:
        person = Person.objects.create(name=name, **fields)
        if email:
            verified_at = timezone.now() if is_verified else None
            EmailAddress.objects.create(person=person, address=email, is_primary=True, verified_at=verified_at)
        if phone:
            PhoneNumber.objects.create(person=person, written=phone, normalised=phone, is_primary=True)
        return person

    return make


@pytest.fixture
def carol(make_person: Callable[..., Person], acme: Organisation) -> Person:
    return make_person("Carol Cole", email="carol@acme.example", phone="+4930901820", organisation=acme, language="en")


@pytest.fixture
def oscar(make_person: Callable[..., Person], acme: Organisation) -> Person:
    return make_person("Oscar Olsen", email="oscar@acme.example", organisation=acme, language="nb")


@pytest.fixture
def ivan(make_person: Callable[..., Person], warehouse: Department) -> Person:
    return make_person("Ivan Ivanov", email="ivan@desk.example", kind="internal", department=warehouse)


# --- Contacts and tickets ---------------------------------------------------


@pytest.fixture
def make_contact(db: None) -> Callable[..., Contact]:
    """``make_contact(carol, channel="phone", handled_by=alice, at=now, tickets=[…])``; live channels are running."""

    def make(
        person: Person, *, channel: str = Channel.EMAIL, handled_by: User | None = None, at: datetime | None = None,
        tickets: tuple[Ticket, ...] | list[Ticket] = (), **fields: Any,
    ) -> Contact:  # fmt: skip
        is_live = channel in (Channel.PHONE, Channel.IN_PERSON, Channel.CHAT)
        at = at or timezone.now()
        fields.setdefault("direction", Contact.Direction.INBOUND)
        fields.setdefault("outcome", Contact.Outcome.TALKED if is_live else Contact.Outcome.WRITTEN)
        fields.setdefault("ended_at", None if is_live else at)
        contact = Contact.objects.create(
            person=person, channel=channel, handled_by=handled_by, happened_at=at, **fields
        )
        contact.tickets.set(tickets)
        return contact

    return make


@pytest.fixture
def make_ticket(make_contact: Callable[..., Contact]) -> Callable[..., Ticket]:
    """A ticket, its first message and its clocks, without a verb: ``make_ticket(carol, "Broken", at=…, team=…)``."""

    def make(
        requester: Person, subject: str = "Broken", *, at: datetime | None = None, text: str = "It is broken.",
        channel: str = Channel.EMAIL, **fields: Any,
    ) -> Ticket:  # fmt: skip
        at = at or timezone.now()
        ticket = Ticket.objects.create(
            requester=requester, subject=subject, preview=text[:200], channel=channel, opened_at=at, created_at=at,
            updated_at=at, last_customer_at=at, unanswered_since=at, customer_type=requester.kind,
            organisation=requester.organisation, **fields,
        )  # fmt: skip
        ticket.refresh_from_db()
        contact = make_contact(requester, channel=channel, at=at, tickets=[ticket], ended_at=at)
        entry = Entry.objects.create(
            ticket=ticket, contact=contact, kind=Entry.Kind.MESSAGE, visibility=Entry.Visibility.PUBLIC, text=text,
            author_person=requester, author_name=requester.name, happened_at=at, recorded_at=at,
        )  # fmt: skip
        clocks.start_on_message(ticket, entry, at=at)
        return ticket

    return make


@pytest.fixture
def printer_ticket(make_ticket: Callable[..., Ticket], carol: Person, tier1: Team, now: datetime) -> Ticket:
    return make_ticket(
        carol, "The printer is on fire", at=now - timedelta(minutes=10), text="Please help, it smokes.", team=tier1
    )


@pytest.fixture
def taken_ticket(printer_ticket: Ticket, alice: User) -> Ticket:
    printer_ticket.status, printer_ticket.assignee, printer_ticket.first_agent = Status.OPEN, alice, alice
    printer_ticket.save(update_fields=["status", "assignee", "first_agent"])
    return printer_ticket


@pytest.fixture
def call(
    make_contact: Callable[..., Contact], carol: Person, alice: User, printer_ticket: Ticket, now: datetime
) -> Contact:
    return make_contact(carol, channel=Channel.PHONE, handled_by=alice, at=now, tickets=[printer_ticket])


@pytest.fixture
def mail(make_contact: Callable[..., Contact], carol: Person, printer_ticket: Ticket, now: datetime) -> Contact:
    return make_contact(carol, at=now, tickets=[printer_ticket])
