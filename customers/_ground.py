"""What every verb about people stands on: the lock, the clean value, the event."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common import phones, zones
from common.errors import Malformed, Refused
from common.text import clean_line
from customers.models import CustomerType, Department, Organisation, Person, SupportPlan
from events.models import Event
from events.recording import record

LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")

Actor = User | Person | None
"""Staff, the customer, or the desk itself."""


def moment(at: datetime | None) -> datetime:
    """When it happened: ``at``, or now."""
    return at or timezone.now()


def locked(person: Person | int) -> Person:
    """The person's row, freshly read and locked. Rows that refer to them can still be written meanwhile."""
    pk = person if isinstance(person, int) else person.pk
    row = Person.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    if row.merged_into_id:
        raise Refused(
            _("These records were merged. Change the record that stayed."), code="merged", rule="C2", field=None
        )
    return row


def in_use(plan: SupportPlan) -> SupportPlan:
    """The plan, which nobody removes before this transaction ends. Raises ``Refused`` (``plan_gone``)."""
    found = SupportPlan.objects.select_for_update(no_key=True).filter(pk=plan.pk).first()
    if found is None:
        words = _("The plan “%(name)s” was removed by somebody else meanwhile.") % {"name": plan.name}
        raise Refused(words, code="plan_gone", rule="S2")
    return found


def tell(person: Person, kind: str, *, by: Actor, at: datetime, **data: Any) -> Event:
    """Record the one event of a verb about a person."""
    return record(person, f"person.{kind}", by=by, at=at, **data)


def clean_address(raw: str, *, field: str = "address") -> str:
    """An e-mail address as it is stored: the domain in lower case. Raises ``Malformed`` (``bad_address``)."""
    address = clean_line(raw, 254, field=field)
    try:
        validate_email(address)
    except ValidationError as error:
        raise Malformed(
            _("%(address)s is no e-mail address. It looks like anna@example.org.") % {"address": address[:80] or "–"},
            code="bad_address",
            field=field,
        ) from error
    name, domain = address.rsplit("@", 1)
    return f"{name}@{domain.lower()}"


def clean_phone(raw: str, *, time_zone: str = "", field: str = "phone") -> tuple[str, str]:
    """A number as written and as it is compared. Without a country code it is read where ``time_zone`` lies."""
    written = clean_line(raw, 60, field=field)
    normalised = phones.normalise(written, phones.region_of_time_zone(time_zone) if time_zone else None)[:32]
    if not normalised:
        raise Malformed(_("A telephone number has digits."), code="bad_phone", field=field)
    return written, normalised


def clean_language(code: str) -> str:
    """A language tag such as ``de`` or ``pt-br``, or nothing. People speak more languages than the desk's pages do."""
    code = code.strip().lower().replace("_", "-")
    if code and (len(code) > 12 or not LANGUAGE.fullmatch(code)):
        raise Malformed(_("Choose a language from the list."), code="bad_language", field="language")
    return code


def clean_zone(name: str) -> str:
    """The name of a time zone, or nothing."""
    name = name.strip()
    if name and name not in zones.names():
        raise Malformed(_("Choose a time zone from the list."), code="bad_time_zone", field="time_zone")
    return name


def check_belonging(kind: str, organisation: Organisation | None, department: Department | None) -> None:
    """External people belong to an organisation, internal ones to a department (C2)."""
    if kind not in CustomerType.values:
        raise Malformed(_("Choose external or internal."), code="bad_kind", rule="C1", field="kind")
    if kind == CustomerType.EXTERNAL and department:
        raise Refused(
            _("A department is for internal customers. Choose an organisation, or make this person internal."),
            code="department_of_external",
            rule="C2",
            field="department",
        )
    if kind == CustomerType.INTERNAL and organisation:
        raise Refused(
            _("An organisation is for external customers. Choose a department, or make this person external."),
            code="organisation_of_internal",
            rule="C2",
            field="organisation",
        )
