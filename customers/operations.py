"""Every change of what the desk knows about people; merging has a module of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from common.text import clean_line, clean_text
from customers import policy
from customers._ground import (
    Actor,
    check_belonging,
    clean_address,
    clean_language,
    clean_phone,
    clean_zone,
    in_use,
    locked,
    moment,
    tell,
)
from customers.flags import lift_flag, review_flag, set_flag
from customers.merging import merge_people
from customers.models import CustomerType, Department, EmailAddress, Organisation, Person, PhoneNumber
from events.recording import record

__all__ = [
    "add_address", "add_department", "add_organisation", "add_person", "add_phone", "change_organisation",
    "change_person", "find_by_address", "find_by_phone", "lift_flag", "link_user", "make_main_address",
    "make_main_phone", "merge_people", "never_survey", "remove_address", "remove_phone", "review_flag", "set_flag",
    "unknown_caller", "verify_address",
]  # fmt: skip

NOTES_LIMIT = 20_000
CHANGEABLE = frozenset(
    {"name", "called", "kind", "organisation", "department", "plan", "language", "time_zone", "notes"}
)


@transaction.atomic
def add_person(
    *,
    by: Actor,
    name: str = "",
    kind: str = CustomerType.EXTERNAL,
    organisation: Organisation | None = None,
    department: Department | None = None,
    emails: Iterable[str] = (),
    phones: Iterable[str] = (),
    language: str = "",
    time_zone: str = "",
    called: str = "",
    notes: str = "",
    at: datetime | None = None,
) -> Person:
    """A new person; the first address and number are the main ones. Nobody is refused for lack of a name (T7)."""
    now = moment(at)
    check_belonging(kind, organisation, department)
    person = Person.objects.create(
        name=clean_line(name, 150, field="name"),
        called=clean_line(called, 80, field="called"),
        kind=kind,
        organisation=organisation,
        department=department,
        language=clean_language(language),
        time_zone=clean_zone(time_zone),
        notes=clean_text(notes, NOTES_LIMIT, field="notes"),
        created_at=now,
    )
    for address in dict.fromkeys(clean_address(raw, field="emails") for raw in emails if raw.strip()):
        _store_address(person, address, field="emails")
    for number in (raw for raw in phones if raw.strip()):
        _store_phone(person, number, by=by, field="phones")
    tell(person, "added", by=by, at=now, customer_type=kind, organisation=organisation, department=department)
    return person


@transaction.atomic
def unknown_caller(*, by: Actor, phone: str = "", at: datetime | None = None) -> Person:
    """Somebody without a name yet (T7); the same unnamed caller when the number called before."""
    if phone.strip():
        _written, normalised = clean_phone(phone, time_zone=_zone_of(by))
        before = Person.objects.present().filter(name="", erased_at=None, phones__normalised=normalised)[:2]
        if len(before) == 1:
            return before[0]
    return add_person(by=by, phones=[phone], at=at)


@transaction.atomic
def change_person(person: Person, *, by: Actor, at: datetime | None = None, **fields: Any) -> Person:
    """Change some of ``CHANGEABLE``. A changed kind drops the organisation or department of the old one (C1, C2)."""
    if unknown := set(fields) - CHANGEABLE:
        raise TypeError(f"These cannot be changed here: {', '.join(sorted(unknown))}.")
    person, given, now = locked(person), person, moment(at)
    wanted = _cleaned(fields)
    if wanted.get("kind", person.kind) != person.kind:
        wanted.setdefault("organisation", None)
        wanted.setdefault("department", None)
    changed = [name for name, value in wanted.items() if getattr(person, name) != value]
    if not changed:
        return person
    if "plan" in changed:
        policy.may_entitle(by).demand()
        wanted["plan"] = wanted["plan"] and in_use(wanted["plan"])
    was = {
        "kind": person.kind, "organisation": person.organisation_id, "department": person.department_id,
        "plan": person.plan_id,
    }  # fmt: skip
    for name in changed:
        setattr(person, name, wanted[name])
    check_belonging(person.kind, person.organisation, person.department)
    person.save(update_fields=changed)
    tell(
        person,
        "changed",
        by=by,
        at=now,
        fields=sorted(changed),
        **{f"{name}_from": was[name] for name in changed if name in was},
        **{f"{name}_to": getattr(person, name) for name in changed if name in was},
    )
    for name in changed:
        setattr(given, name, getattr(person, name))
    return person


@transaction.atomic
def add_address(
    person: Person,
    address: str,
    *,
    by: Actor,
    primary: bool = False,
    verified: bool = False,
    at: datetime | None = None,
) -> EmailAddress:
    """One more address; the one that is there already comes back unchanged."""
    person, now = locked(person), moment(at)
    cleaned = clean_address(address)
    row = person.addresses.filter(address__iexact=cleaned).first()
    if row is None:
        row = _store_address(person, cleaned)
        tell(person, "address_added", by=by, at=now, address=row)
    if verified:
        row = verify_address(row, by=by, at=at)
    return make_main_address(row, by=by, at=at) if primary else row


@transaction.atomic
def verify_address(row: EmailAddress, *, by: Actor, at: datetime | None = None) -> EmailAddress:
    """The person has shown that they read mail at this address; only then does the portal show tickets for it."""
    person, now = locked(row.person_id), moment(at)
    if row.verified_at is None:
        row.verified_at = now
        row.save(update_fields=["verified_at"])
        tell(person, "address_verified", by=by, at=now, address=row)
    return row


@transaction.atomic
def make_main_address(row: EmailAddress, *, by: Actor, at: datetime | None = None) -> EmailAddress:
    """Write to this address from now on."""
    person, now = locked(row.person_id), moment(at)
    if not row.is_primary:
        person.addresses.exclude(pk=row.pk).update(is_primary=False)
        row.is_primary = True
        row.save(update_fields=["is_primary"])
        tell(person, "address_made_main", by=by, at=now, address=row)
    return row


@transaction.atomic
def remove_address(row: EmailAddress, *, by: Actor, at: datetime | None = None) -> None:
    """Forget an address; the oldest of the others becomes the main one."""
    person, now = locked(row.person_id), moment(at)
    if row.verified_at and person.user is not None and person.user.email.lower() == row.address.lower():
        raise Refused(
            _("They sign in with this address. Change the sign-in first."), code="address_signs_in", field="address"
        )
    pk, was_main = row.pk, row.is_primary
    row.delete()
    if was_main and (other := person.addresses.order_by("pk").first()):
        other.is_primary = True
        other.save(update_fields=["is_primary"])
    tell(person, "address_removed", by=by, at=now, address=pk)


@transaction.atomic
def add_phone(
    person: Person, number: str, *, by: Actor, primary: bool = False, at: datetime | None = None
) -> PhoneNumber:
    """One more number; the one that is there already comes back unchanged, however it is written."""
    person, now = locked(person), moment(at)
    count = person.phones.count()
    row = _store_phone(person, number, by=by)
    if person.phones.count() > count:
        tell(person, "phone_added", by=by, at=now, phone=row)
    return make_main_phone(row, by=by, at=at) if primary else row


@transaction.atomic
def make_main_phone(row: PhoneNumber, *, by: Actor, at: datetime | None = None) -> PhoneNumber:
    """Call this number from now on."""
    person, now = locked(row.person_id), moment(at)
    if not row.is_primary:
        person.phones.exclude(pk=row.pk).update(is_primary=False)
        row.is_primary = True
        row.save(update_fields=["is_primary"])
        tell(person, "phone_made_main", by=by, at=now, phone=row)
    return row


@transaction.atomic
def remove_phone(row: PhoneNumber, *, by: Actor, at: datetime | None = None) -> None:
    """Forget a number; the oldest of the others becomes the main one."""
    person, now = locked(row.person_id), moment(at)
    pk, was_main = row.pk, row.is_primary
    row.delete()
    if was_main and (other := person.phones.order_by("pk").first()):
        other.is_primary = True
        other.save(update_fields=["is_primary"])
    tell(person, "phone_removed", by=by, at=now, phone=pk)


@transaction.atomic
def never_survey(person: Person, *, by: Actor, at: datetime | None = None) -> Person:
    """They do not want to be asked again (F3)."""
    person, now = locked(person), moment(at)
    if person.never_survey_since is None:
        person.never_survey_since = now
        person.save(update_fields=["never_survey_since"])
        tell(person, "never_survey", by=by, at=now)
    return person


def find_by_address(address: str) -> list[Person]:
    """Who has this address, oldest first; two or more share it, and it then identifies nobody."""
    address = address.strip()
    if not address:
        return []
    rows = Person.objects.present().alias(found=Lower("addresses__address")).filter(found=address.lower())
    return list(rows.filter(erased_at=None).select_related("organisation").distinct().order_by("pk"))


def find_by_phone(number: str, *, time_zone: str = "") -> list[Person]:
    """Who has this number, oldest first."""
    if not number.strip():
        return []
    _written, normalised = clean_phone(number, time_zone=time_zone)
    rows = Person.objects.present().filter(phones__normalised=normalised, erased_at=None)
    return list(rows.select_related("organisation").distinct().order_by("pk"))


@transaction.atomic
def link_user(user: User, address: str, *, at: datetime | None = None) -> Person | None:
    """Join a sign-in to the one person with this address, which the user has just verified; None when in doubt.

    A shared address is an ambiguity, not a person: nobody is linked. Nor is a person who signs in otherwise.
    """
    if already := Person.objects.filter(user=user).first():
        return already
    people = find_by_address(address)
    if len(people) != 1:
        return None
    person, now = locked(people[0]), moment(at)
    if person.user_id:
        return None
    person.user = user
    person.save(update_fields=["user"])
    tell(person, "linked", by=user, at=now, user=user)
    verify_address(person.addresses.filter(address__iexact=address.strip()).get(), by=user, at=at)
    return person


@transaction.atomic
def add_organisation(
    *,
    by: User | None,
    name: str,
    domain: str = "",
    shares_tickets: bool = False,
    notes: str = "",
    at: datetime | None = None,
) -> Organisation:
    """A new organisation; the same name twice would split its people."""
    now, cleaned = moment(at), _organisation_name(name)
    _refuse_second_organisation(cleaned)
    row = Organisation.objects.create(
        name=cleaned,
        domain=clean_line(domain, 200, field="domain").lower().removeprefix("@"),
        shares_tickets=shares_tickets,
        notes=clean_text(notes, NOTES_LIMIT, field="notes"),
    )
    _tell_of(row, "organisation.added", by=by, at=now)
    return row


@transaction.atomic
def change_organisation(
    row: Organisation,
    *,
    by: User | None,
    name: str,
    domain: str,
    shares_tickets: bool,
    notes: str,
    at: datetime | None = None,
) -> Organisation:
    """Change an organisation; whether its people see each other's tickets is told with what it was."""
    row, now = Organisation.objects.select_for_update(no_key=True).get(pk=row.pk), moment(at)
    wanted: dict[str, Any] = {
        "name": _organisation_name(name),
        "domain": clean_line(domain, 200, field="domain").lower().removeprefix("@"),
        "shares_tickets": shares_tickets,
        "notes": clean_text(notes, NOTES_LIMIT, field="notes"),
    }
    changed = [field for field, value in wanted.items() if getattr(row, field) != value]
    if not changed:
        return row
    if wanted["name"].lower() != row.name.lower():
        _refuse_second_organisation(wanted["name"])
    for field in changed:
        setattr(row, field, wanted[field])
    row.save(update_fields=changed)
    _tell_of(row, "organisation.changed", by=by, at=now, fields=sorted(changed), shares_tickets=shares_tickets)
    return row


@transaction.atomic
def add_department(
    *, by: User | None, name: str, parent: Department | None = None, at: datetime | None = None
) -> Department:
    """A new department of the organisation itself."""
    cleaned = clean_line(name, 120, field="name")
    if not cleaned:
        raise Malformed(_("Give the department a name."), code="no_name", field="name")
    if Department.objects.filter(name__iexact=cleaned).exists():
        raise Refused(_("There is a department of this name."), code="name_taken", field="name")
    row = Department.objects.create(name=cleaned, parent=parent)
    _tell_of(row, "department.added", by=by, at=moment(at), parent=parent)
    return row


def _cleaned(fields: dict[str, Any]) -> dict[str, Any]:
    cleaners = {
        "name": lambda value: clean_line(value, 150, field="name"),
        "called": lambda value: clean_line(value, 80, field="called"),
        "notes": lambda value: clean_text(value, NOTES_LIMIT, field="notes"),
        "language": clean_language,
        "time_zone": clean_zone,
    }
    return {name: cleaners[name](value) if name in cleaners else value for name, value in fields.items()}


def _store_address(person: Person, address: str, *, field: str = "address") -> EmailAddress:
    is_first = not person.addresses.exists()
    row, _made = EmailAddress.objects.get_or_create(
        person=person, address__iexact=address, defaults={"address": address, "is_primary": is_first}
    )
    return row


def _store_phone(person: Person, raw: str, *, by: Actor, field: str = "phone") -> PhoneNumber:
    written, normalised = clean_phone(raw, time_zone=person.time_zone or _zone_of(by), field=field)
    row, _made = PhoneNumber.objects.get_or_create(
        person=person,
        normalised=normalised,
        defaults={"written": written, "is_primary": not person.phones.exists()},
    )
    return row


def _zone_of(by: Actor) -> str:
    return by.time_zone if by else ""


def _organisation_name(name: str) -> str:
    cleaned = clean_line(name, 200, field="name")
    if not cleaned:
        raise Malformed(_("Give the organisation a name."), code="no_name", field="name")
    return cleaned


def _refuse_second_organisation(name: str) -> None:
    if Organisation.objects.filter(Q(name__iexact=name)).exists():
        raise Refused(_("There is an organisation of this name."), code="name_taken", field="name")


def _tell_of(row: Organisation | Department, kind: str, *, by: User | None, at: datetime, **data: Any) -> None:
    record(row, kind, by=by, at=at, **data)
