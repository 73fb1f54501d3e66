"""Who serves and who is served on a seeded desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.contrib.auth.hashers import make_password

from accounts.models import Role, RoleGrant, User
from customers.models import CustomerType, Department, EmailAddress, Organisation, Person, PhoneNumber
from staff.models import Calendar, Membership, StaffProfile, Team
from tickets.models import Category, Tag

DOMAIN = "seed.example"
PASSWORD = "seeded-desk-of-2026"  # noqa: S105 - printed by the command; these people exist on seeded desks alone
AGENT, SUPERVISOR = f"agent1@{DOMAIN}", f"supervisor1@{DOMAIN}"
SIGN_INS = [
    ("agent", AGENT),
    ("supervisor", SUPERVISOR),
    ("manager", f"manager1@{DOMAIN}"),
    ("admin", f"admin1@{DOMAIN}"),
]
TEAMS = ("Seeded first line", "Seeded heating", "Seeded billing", "Seeded returns", "Seeded orders", "Seeded internal")
TAGS = ("seeded", "vip-line", "after-update", "call-first", "winter")
FIRST = (
    "Ada", "Amir", "Anna", "Bjørn", "Carla", "Chloé", "Dana", "David", "Elif", "Emma", "Farid", "Freja", "Grace",
    "Hana", "Ida", "Ingrid", "Ivan", "Jan", "José", "Karin", "Lars", "Leila", "Lucía", "Marek", "Maria", "Mei", "Nadia",
    "Nils", "Noam", "Olga", "Omar", "Paula", "Pedro", "Ravi", "Rosa", "Ruth", "Samir", "Sofie", "Tomás", "Yael",
)  # fmt: skip
LAST = (
    "Adeyemi", "Andersen", "Bakke", "Bauer", "Bianchi", "Cohen", "Costa", "Dahl", "Dubois", "Eriksen", "Fischer",
    "García", "Hansen", "Haugen", "Ivanova", "Jensen", "Kaya", "Keller", "Kowalski", "Larsen", "Levi", "López",
    "Martin", "Meyer", "Moreau", "Nes", "Nguyen", "Nowak", "Okafor", "Olsen", "Petrov", "Popov", "Rossi", "Russo",
    "Sato", "Schmidt", "Silva", "Singh", "Solberg", "Weber",
)  # fmt: skip
PEOPLE_PER_TICKET = 20
PEOPLE_PER_ORGANISATION = 12
TICKETS_PER_AGENT = 4_000
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Cast:
    """Ids of those whom the plan names; ``agents`` by team, in the order of ``teams``."""

    teams: list[int]
    agents: list[list[int]]
    people: range | list[int]
    categories: list[int]
    tags: list[int]


def build(tickets: int, *, now: datetime, random: Random) -> Cast:
    """Make staff (those of an earlier seed are kept) and new customers, one for twenty tickets."""
    teams, agents = _staff(tickets, now)
    return Cast(
        teams,
        agents,
        _customers(max(tickets // PEOPLE_PER_TICKET, 4), now, random),
        list(Category.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True)),
        [Tag.objects.get_or_create(name=name)[0].pk for name in TAGS],
    )


def _staff(tickets: int, now: datetime) -> tuple[list[int], list[list[int]]]:
    calendar = Calendar.objects.filter(is_default=True).first()
    teams = [Team.objects.get_or_create(name=name, defaults={"calendar": calendar})[0] for name in TEAMS]
    hashed, since = make_password(PASSWORD), now - timedelta(days=800)
    for kind, role in (("manager", Role.MANAGER), ("admin", Role.ADMIN)):
        _colleague(f"{kind}1", hashed, since, role)
    agents: list[list[int]] = [[] for _team in teams]
    for place, team in enumerate(teams):
        leader = _colleague(f"supervisor{place + 1}", hashed, since, Role.AGENT)
        _member(team, leader, Membership.TeamRole.SUPERVISOR, since)
        Team.objects.filter(pk=team.pk, supervisor=None).update(supervisor=leader)
    for number in range(min(max(tickets // TICKETS_PER_AGENT, 2 * len(teams)), 240)):
        place = number % len(teams)
        agent = _colleague(f"agent{number + 1}", hashed, since, Role.AGENT)
        _member(teams[place], agent, Membership.TeamRole.AGENT, since)
        agents[place].append(agent.pk)
    return [team.pk for team in teams], agents


def _colleague(key: str, hashed: str, since: datetime, role: str) -> User:
    number = sum(map(ord, key))
    name = f"{FIRST[number % len(FIRST)]} {LAST[number * 7 % len(LAST)]}"
    user, is_new = User.objects.get_or_create(
        email=f"{key}@{DOMAIN}", defaults={"name": name, "password": hashed, "date_joined": since}
    )
    if is_new:
        RoleGrant.objects.create(user=user, role=role, granted_at=since)
        StaffProfile.objects.create(
            user=user, availability=StaffProfile.Availability.ONLINE, availability_since=since, capacity=200,
            is_duty_supervisor=role == Role.ADMIN,
        )  # fmt: skip
    return user


def _member(team: Team, user: User, role: str, since: datetime) -> None:
    Membership.objects.get_or_create(team=team, user=user, defaults={"role": role, "since": since})


def _customers(count: int, now: datetime, random: Random) -> list[int]:
    start = Person.objects.count()
    firms = Organisation.objects.bulk_create(
        Organisation(name=f"{random.choice(LAST)} {random.choice(('Housing', 'Hotels', 'Foods', 'Care'))} {start + n}")
        for n in range(count // PEOPLE_PER_ORGANISATION + 1)
    )
    departments = [Department.objects.get_or_create(name=name)[0] for name in ("Finance", "Warehouse", "Sales")]
    ids: list[int] = []
    for first in range(0, count, BATCH):
        people = [_person(random, firms, departments, now) for _number in range(min(BATCH, count - first))]
        Person.objects.bulk_create(people)
        places = range(start + first, start + first + len(people))
        EmailAddress.objects.bulk_create(
            EmailAddress(person=person, address=_address(person.name, place), is_primary=True, verified_at=now)
            for person, place in zip(people, places, strict=True)
        )
        PhoneNumber.objects.bulk_create(
            PhoneNumber(
                person=person, written=f"+47 2{place:07d}", normalised=f"+472{place:07d}", is_primary=True
            )
            for person, place in zip(people, places, strict=True)
            if place % 2
        )  # fmt: skip
        ids += [person.pk for person in people]
    return ids


def _person(random: Random, firms: list[Organisation], departments: list[Department], now: datetime) -> Person:
    inside = random.random() < 0.15
    return Person(
        kind=CustomerType.INTERNAL if inside else CustomerType.EXTERNAL,
        name=f"{random.choice(FIRST)} {random.choice(LAST)}",
        department=random.choice(departments) if inside else None,
        organisation=random.choice(firms) if not inside and random.random() < 0.6 else None,
        language=random.choices(["en", "nb", "de", "es"], [70, 15, 10, 5])[0],
        time_zone="Europe/Oslo",
        created_at=now - timedelta(days=random.randrange(1, 900)),
    )


def _address(name: str, place: int) -> str:
    first, _blank, last = name.lower().partition(" ")
    plain = f"{first}.{last}".encode("ascii", "ignore").decode()
    return f"{plain}.{place}@customers.{DOMAIN}"
