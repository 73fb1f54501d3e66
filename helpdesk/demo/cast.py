"""Who works at the demo desk, and whom it serves. Names are invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from random import Random

from django.utils import timezone

from accounts.models import Role, RoleGrant, User
from customers.models import (
    CustomerType,
    Department,
    EmailAddress,
    Flag,
    Organisation,
    Person,
    PhoneNumber,
    Purchase,
)
from staff import calendars
from staff.models import Brand, Calendar, Membership, StaffProfile, Team
from staff.words import parse_hours

PASSWORD = "demo-desk-2026"  # noqa: S105 - printed at the start for whoever looks around
DOMAIN = "northwind.example"
ONLINE, AWAY, BREAK, OFF = "online", "away", "on_break", "off"

STAFF = [
    # key, name, roles, team, team role, availability, job
    ("ingrid", "Ingrid Nes", (Role.AGENT,), "heating", "agent", ONLINE, "Service agent"),
    ("mats", "Mats Kvist", (Role.AGENT,), "heating", "agent", BREAK, "Service agent"),
    ("yael", "Yael Cohen", (Role.AGENT,), "heating", "agent", ONLINE, "Service agent"),
    ("samir", "Samir Okafor", (Role.AGENT,), "heating", "supervisor", ONLINE, "Team lead, heating"),
    ("lena", "Lena Vogt", (Role.AGENT,), "billing", "agent", ONLINE, "Billing specialist"),
    ("tomas", "Tomás Rivera", (Role.AGENT,), "billing", "agent", AWAY, "Billing specialist"),
    ("petra", "Petra Lindqvist", (Role.AGENT,), "billing", "supervisor", ONLINE, "Team lead, billing"),
    ("anja", "Anja Weiss", (Role.AGENT,), "internal", "supervisor", ONLINE, "Head of services"),
    ("kofi", "Kofi Mensah", (Role.AGENT,), "internal", "agent", ONLINE, "IT support"),
    ("ravi", "Ravi Patel", (), "billing", "agent", ONLINE, "Partner agent"),
    ("marta", "Marta Keller", (Role.MANAGER,), "", "", ONLINE, "Service manager"),
    ("ada", "Ada Holm", (Role.ADMIN, Role.SUPERVISOR), "", "", ONLINE, "Desk administrator"),
]

FIRMS = [
    ("Baltic Freight", "balticfreight.example"),
    ("Hotel Kastanienhof", "kastanienhof.example"),
    ("Studio Ferri", "studioferri.example"),
    ("Nordlys Barnehage", "nordlys.example"),
    ("Carmel Dental", "carmeldental.example"),
    ("Aurora Housing", "aurorahousing.example"),
    ("Siam Textiles", "siamtextiles.example"),
    ("Casa Robles", "casarobles.example"),
]

EXTERNAL = [
    ("Miriam Halevi", "Miri", "he", "Asia/Jerusalem", "Carmel Dental"),
    ("Oleg Marchenko", "", "ru", "Europe/Riga", "Baltic Freight"),
    ("Anna Bauer", "", "de", "Europe/Berlin", "Hotel Kastanienhof"),
    ("Giulia Ferri", "", "it", "Europe/Rome", "Studio Ferri"),
    ("Lars Haugen", "", "nb", "Europe/Oslo", "Nordlys Barnehage"),
    ("Ruth Adeyemi", "", "en", "Europe/London", "Aurora Housing"),
    ("Grigori Pavlov", "", "ru", "Europe/Riga", "Baltic Freight"),
    ("Somchai Prasert", "", "th", "Asia/Bangkok", "Siam Textiles"),
    ("Carmen Robles", "", "es", "Europe/Madrid", "Casa Robles"),
    ("Daniel O'Brien", "Dan", "en", "Europe/Dublin", "Aurora Housing"),
    ("Mirjam Lund", "", "nb", "Europe/Oslo", ""),
    ("Thomas Weber", "", "de", "Europe/Berlin", ""),
    ("Elena Conti", "", "it", "Europe/Rome", ""),
    ("Noa Levi", "", "he", "Asia/Jerusalem", ""),
    ("Sophie Martin", "", "en", "Europe/London", ""),
    ("Jonas Fischer", "", "de", "Europe/Berlin", "Hotel Kastanienhof"),
    ("Ingvild Solberg", "", "nb", "Europe/Oslo", "Nordlys Barnehage"),
    ("Peter Hughes", "", "en", "Europe/London", ""),
    ("Maria Rossi", "", "it", "Europe/Rome", "Studio Ferri"),
    ("Yusuf Demir", "", "en", "Europe/Istanbul", ""),
    ("Katrin Schulz", "", "de", "Europe/Berlin", ""),
    ("Avi Mizrahi", "", "he", "Asia/Jerusalem", "Carmel Dental"),
    ("Claire Dubois", "", "en", "Europe/Paris", ""),
    ("Henrik Dahl", "", "nb", "Europe/Oslo", ""),
    ("Wei Zhang", "", "en", "Europe/London", "Aurora Housing"),
    ("Natalia Ivanova", "", "ru", "Europe/Riga", ""),
    ("Malee Suwan", "", "th", "Asia/Bangkok", "Siam Textiles"),
    ("Pablo Ortega", "", "es", "Europe/Madrid", "Casa Robles"),
    ("Fatima Haddad", "", "en", "Europe/London", ""),
    ("Emil Novak", "", "en", "Europe/Prague", ""),
]

INTERNAL = [
    ("Birgit Krause", "de", "Warehouse"),
    ("Ola Nordmann", "nb", "Warehouse"),
    ("Francesca Galli", "it", "Marketing"),
    ("David Stern", "he", "Marketing"),
    ("Hanna Virtanen", "en", "Finance"),
    ("Luis Moreno", "es", "Finance"),
    ("Grace Mwangi", "en", "Human resources"),
    ("Erik Sand", "nb", "Development"),
]

PRODUCTS = ["HeatControl 4", "HeatControl 3", "FloorHeat Pro", "Boiler B20", "Home gateway"]


@dataclass
class Cast:
    """Everybody by a short name."""

    users: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    external: list[Person] = field(default_factory=list)
    internal: list[Person] = field(default_factory=list)

    def agents_of(self, team: str) -> list[User]:
        """Who works on the tickets of a team."""
        return [self.users[key] for key, _n, _r, home, role, _a, _j in STAFF if home == team and role == "agent"]

    def supervisor_of(self, team: str) -> User:
        """Who leads a team."""
        return self.users[next(key for key, _n, _r, home, role, *_ in STAFF if home == team and role == "supervisor")]

    def named(self, name: str) -> Person:
        """A customer by name."""
        return next(person for person in self.external + self.internal if person.name == name)


def build(random: Random) -> Cast:
    """Make everybody; run once on a desk that has nobody."""
    cast = Cast()
    brand = Brand.objects.filter(is_default=True).first()
    if brand is not None:
        brand.name, brand.sender_name, brand.sender_address = "Northwind Care", "Northwind Care", f"care@{DOMAIN}"
        brand.save(update_fields=["name", "sender_name", "sender_address"])
    calendar = Calendar.objects.get(is_default=True)
    for key, name in (("heating", "Heating, tier 1"), ("billing", "Billing"), ("internal", "Internal services")):
        cast.teams[key] = Team.objects.create(name=name, calendar=calendar)
    _oslo_calendar()
    for row in STAFF:
        _colleague(cast, *row)
    firms = {name: Organisation.objects.create(name=name, domain=domain) for name, domain in FIRMS}
    Organisation.objects.filter(name="Aurora Housing").update(shares_tickets=True)
    for number, (name, called, language, zone, firm) in enumerate(EXTERNAL):
        person = Person.objects.create(
            name=name, called=called, language=language, time_zone=zone, organisation=firms.get(firm)
        )
        _reachable(person, number, firms[firm].domain if firm else "mail.example")
        bought = date.today() - timedelta(days=random.randrange(60, 1500))  # noqa: DTZ011 - a day is enough
        Purchase.objects.create(person=person, product=random.choice(PRODUCTS), bought_on=bought)
        cast.external.append(person)
    for number, (name, language, unit) in enumerate(INTERNAL):
        department, _made = Department.objects.get_or_create(name=unit)
        person = Person.objects.create(
            kind=CustomerType.INTERNAL, name=name, language=language, time_zone="Europe/Oslo", department=department
        )
        _reachable(person, 500 + number, DOMAIN)
        cast.internal.append(person)
    _ingrid_is_a_customer_too(cast)
    _flags(cast)
    _portal_user(cast)
    return cast


def _colleague(
    cast: Cast, key: str, name: str, roles: tuple[str, ...], team: str, team_role: str, availability: str, job: str
) -> None:
    zone = "Europe/Oslo"
    user = User.objects.create_user(f"{key}@{DOMAIN}", PASSWORD, name=name, time_zone=zone)
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in roles)
    StaffProfile.objects.create(
        user=user,
        availability=availability,
        job_title=job,
        is_duty_supervisor=key == "ada",
        provider=StaffProfile.Provider.THIRD_PARTY if key == "ravi" else StaffProfile.Provider.IN_HOUSE,
    )
    cast.users[key] = user
    if team:
        Membership.objects.create(team=cast.teams[team], user=user, role=team_role)
        if team_role == "supervisor":
            cast.teams[team].supervisor = user
            cast.teams[team].save(update_fields=["supervisor"])


def _reachable(person: Person, number: int, domain: str) -> None:
    first, *rest = person.name.lower().replace("'", "").split()
    EmailAddress.objects.create(
        person=person, address=f"{first}.{rest[-1]}@{domain}", is_primary=True, verified_at=timezone.now()
    )
    digits = f"4722{550000 + number:06d}"
    PhoneNumber.objects.create(person=person, written=f"+{digits}", normalised=f"+{digits}", is_primary=True)


def _ingrid_is_a_customer_too(cast: Cast) -> None:
    """Staff may be somebody's internal customer (T13 hides her own notes from her)."""
    department, _made = Department.objects.get_or_create(name="Customer service")
    person = Person.objects.create(
        kind=CustomerType.INTERNAL, name="Ingrid Nes", language="nb", department=department, user=cast.users["ingrid"]
    )
    _reachable(person, 900, "staff." + DOMAIN)
    cast.internal.append(person)


def _flags(cast: Cast) -> None:
    now = timezone.now()
    for name, kind, reason in (
        ("Miriam Halevi", Flag.Kind.VULNERABLE, "Small children at home: no heating is urgent"),
        ("Oleg Marchenko", Flag.Kind.VULGAR, "Swore at two agents in October; warned once, calm since"),
        ("Grigori Pavlov", Flag.Kind.ABUSIVE, "Shouts. Stay with the facts, offer the supervisor early"),
        ("Ruth Adeyemi", Flag.Kind.VIP, "Nine years with us; speaks for 400 flats"),
    ):
        Flag.objects.create(
            person=cast.named(name),
            kind=kind,
            reason=reason,
            set_by=cast.users["samir"],
            set_at=now - timedelta(days=20),
            review_at=now + timedelta(days=10),
            expires_at=now + timedelta(days=70),
        )


def _portal_user(cast: Cast) -> None:
    """A customer who can sign in and look around the portal."""
    from allauth.account.models import EmailAddress as SignInAddress  # the app registry is ready only by now

    ruth = cast.named("Ruth Adeyemi")
    address = ruth.addresses.get().address
    user = User.objects.create_user(address, PASSWORD, name=ruth.name, time_zone=ruth.time_zone)
    SignInAddress.objects.filter(user=user, email=address.lower()).update(verified=True)
    ruth.user = user
    ruth.save(update_fields=["user"])


def _oslo_calendar() -> None:
    """A calendar with a country's holidays and days of its own, for a manager to look at."""
    year = date.today().year  # noqa: DTZ011 - a day is enough
    days = {
        date(year, 12, 24): calendars.Day(((time(8), time(12)),), "Half day"),
        date(year + 1, 6, 19): calendars.Day((), "Summer outing"),
    }
    hours = parse_hours("Mon-Fri 8-18, Sat 10-14")
    terms = calendars.Terms(time_zone="Europe/Oslo", hours=hours, country="NO", days=days)
    calendars.add_calendar("Oslo service desk", terms, by=None)
