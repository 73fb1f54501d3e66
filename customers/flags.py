"""Flags prepare the next handler (C4). No code reads them to rank anybody's ticket (C6)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from common.text import clean_text
from customers import policy
from customers._ground import locked, moment, tell
from customers.models import Flag, Person

REASON_LIMIT = 2000


@transaction.atomic
def set_flag(
    person: Person,
    *,
    by: User,
    kind: str,
    reason: str,
    review_at: datetime,
    expires_at: datetime,
    at: datetime | None = None,
) -> Flag:
    """Warn who meets this person next. One of a kind is in force at a time; an expired one makes way."""
    person, now = locked(person), moment(at)
    if kind not in Flag.Kind.values:
        raise Malformed(_("Choose a flag from the list."), code="bad_flag", rule="C4", field="kind")
    reason = clean_text(reason, REASON_LIMIT, field="reason")
    policy.may_set_flag(reason=reason, review_at=review_at, expires_at=expires_at, at=now).demand()
    if person.flags.in_force(now).filter(kind=kind).exists():
        raise Refused(_("This flag is set already. Review it instead."), code="flag_in_force", rule="C4", field="kind")
    person.flags.filter(kind=kind, lifted_at=None).update(lifted_at=now)
    flag = Flag.objects.create(
        person=person, kind=kind, reason=reason, set_by=by, set_at=now, review_at=review_at, expires_at=expires_at
    )
    tell(person, "flagged", by=by, at=now, flag=flag, flag_kind=kind, review_at=review_at, expires_at=expires_at)
    return flag


@transaction.atomic
def review_flag(flag: Flag, *, by: User, review_at: datetime, expires_at: datetime, at: datetime | None = None) -> Flag:
    """It was looked at and stands: until when now."""
    person, now = locked(flag.person_id), moment(at)
    flag = Flag.objects.get(pk=flag.pk)
    _demand_unlifted(flag)
    policy.may_set_flag(reason=flag.reason, review_at=review_at, expires_at=expires_at, at=now).demand()
    flag.review_at, flag.expires_at = review_at, expires_at
    flag.save(update_fields=["review_at", "expires_at"])
    tell(person, "flag_reviewed", by=by, at=now, flag=flag, review_at=review_at, expires_at=expires_at)
    return flag


@transaction.atomic
def lift_flag(flag: Flag, *, by: User, leads_a_team: bool = False, at: datetime | None = None) -> Flag:
    """It no longer helps whoever meets them: a fresh start (C6)."""
    person, now = locked(flag.person_id), moment(at)
    flag = Flag.objects.get(pk=flag.pk)
    _demand_unlifted(flag)
    policy.may_lift_flag(by, flag, leads_a_team=leads_a_team).demand()
    flag.lifted_at, flag.lifted_by = now, by
    flag.save(update_fields=["lifted_at", "lifted_by"])
    tell(person, "flag_lifted", by=by, at=now, flag=flag, flag_kind=flag.kind)
    return flag


def _demand_unlifted(flag: Flag) -> None:
    if flag.lifted_at:
        raise Refused(_("This flag was lifted already."), code="flag_lifted", rule="C4")
