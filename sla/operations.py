"""Every change of what is promised: a policy is added, revised, put in order, retired. Nothing here moves a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from common.text import clean_line
from customers.models import CustomerType, Department, Organisation, SupportPlan
from events.recording import record
from sla import policy as may
from sla.models import Metric, Policy, PolicyVersion, standard_targets
from sla.policies import catalogue
from staff.models import Calendar, Team

LONGEST = 10 * 366 * 24 * 60 * 60
"""Seconds: a promise beyond ten years is a slip of the pen."""

Targets = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a policy says; see ``PolicyVersion``."""

    customer_type: str = ""
    plan: SupportPlan | None = None
    organisation: Organisation | None = None
    department: Department | None = None
    team: Team | None = None
    channel: str = ""
    ticket_type: str = ""
    priority: int | None = None
    calendar: Calendar | None = None
    targets: Targets = field(default_factory=standard_targets)
    warn_owner_percent: int | None = None
    warn_supervisor_percent: int | None = None
    pauses_on_pending: bool = True
    pauses_on_hold: bool = True

    @classmethod
    def of(cls, version: PolicyVersion) -> Terms:
        """What a version says, to be changed with ``dataclasses.replace``."""
        return cls(**{one.name: getattr(version, one.name) for one in fields(cls)})


@transaction.atomic
def add_policy(
    name: str, terms: Terms, *, by: User | None, valid_from: datetime | None = None, at: datetime | None = None
) -> PolicyVersion:
    """A new policy, the last in order among equally specific ones.

    Without ``valid_from`` it holds since ever, so for imported history, too. Clocks that run keep their policy.
    Raises ``Malformed`` for terms that cannot be, ``Refused`` (``name_taken``).
    """
    may.may_promise(by).demand()
    cleaned = _name(name)
    _check(terms)
    policy = Policy.objects.create(name=cleaned)
    last = PolicyVersion.objects.aggregate(last=Max("position"))["last"] or 0
    return _publish(policy, terms, by=by, at=at or timezone.now(), valid_from=valid_from, position=last + 1)


@transaction.atomic
def revise_policy(
    policy: Policy,
    terms: Terms,
    *,
    by: User | None,
    name: str | None = None,
    valid_from: datetime | None = None,
    at: datetime | None = None,
) -> PolicyVersion:
    """Say something else from ``valid_from`` (``at``, which is now) on; what stands is given back if nothing differs.

    Clocks that run keep what they started under until somebody asks for more (``tickets.clocks.applying``).
    """
    may.may_promise(by).demand()
    _check(terms)
    now = at or timezone.now()
    policy = Policy.objects.select_for_update().get(pk=policy.pk)
    newest = latest(policy)
    renamed = name is not None and name != policy.name
    if not renamed and newest.is_active and Terms.of(newest) == terms and valid_from is None:
        return newest
    if renamed:
        policy.name = _name(str(name), besides=policy)
        policy.save(update_fields=["name"])
    return _publish(policy, terms, by=by, at=now, valid_from=valid_from or now, position=newest.position)


@transaction.atomic
def retire_policy(policy: Policy, *, by: User | None, at: datetime | None = None) -> None:
    """Promise it to nobody else; what it says from a later day on is taken back. Clocks that run keep it.

    Raises ``Refused`` for the default one: a desk without any promise answers nobody (S1).
    """
    may.may_promise(by).demand()
    policy = Policy.objects.select_for_update().get(pk=policy.pk)
    if policy.is_default:
        words = _("This policy holds where no other fits. Change what it promises instead.")
        raise Refused(words, code="default_policy", rule="S1")
    now = at or timezone.now()
    policy.versions.filter(valid_from__gt=now).delete()
    newest = latest(policy)
    if newest.is_active:
        _publish(policy, Terms.of(newest), by=by, at=now, valid_from=now, position=newest.position, is_active=False)


@transaction.atomic
def order_policies(policies: Sequence[Policy], *, by: User | None, at: datetime | None = None) -> None:
    """Which of equally specific policies comes first: these, in this order, before all others."""
    may.may_promise(by).demand()
    now = at or timezone.now()
    locked = {one.pk: one for one in Policy.objects.select_for_update().order_by("pk")}
    held = {one.policy_id: one for one in catalogue().in_force(now)}
    rest = sorted((one for one in held.values()), key=lambda one: (one.position, one.policy_id))
    wanted = [one.pk for one in policies if one.pk in locked]
    wanted += [one.policy_id for one in rest if one.policy_id not in wanted]
    for position, pk in enumerate(wanted, start=1):
        newest = latest(locked[pk])
        if newest.position != position:
            _publish(
                locked[pk], Terms.of(newest), by=by, at=now, valid_from=now, position=position,
                is_active=newest.is_active,
            )  # fmt: skip


def latest(policy: Policy) -> PolicyVersion:
    """The version made last: what a form starts from."""
    return policy.versions.select_related("policy").order_by("-number")[0]


def _publish(
    policy: Policy,
    terms: Terms,
    *,
    by: User | None,
    at: datetime,
    valid_from: datetime | None,
    position: int,
    is_active: bool = True,
) -> PolicyVersion:
    number = (policy.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    said = {one.name: getattr(terms, one.name) for one in fields(Terms)}
    said["targets"] = {metric: dict(by_priority) for metric, by_priority in terms.targets.items()}
    version = PolicyVersion.objects.create(
        policy=policy, number=number, valid_from=valid_from, made_by=by, position=position, is_active=is_active, **said
    )
    record(policy, "policy.published", by=by, at=at, version=version.pk, number=number, active=is_active)
    return version


def _name(name: str, besides: Policy | None = None) -> str:
    cleaned = clean_line(name, 120, field="name")
    if not cleaned:
        raise Malformed(_("Give the policy a name."), code="no_name", field="name")
    others = Policy.objects.exclude(pk=besides.pk) if besides else Policy.objects.all()
    if others.filter(name__iexact=cleaned).exists():
        raise Refused(_("There is a policy of this name."), code="name_taken", field="name")
    return cleaned


def _check(terms: Terms) -> None:
    if terms.customer_type not in ("", *CustomerType.values):
        raise Malformed(_("Choose a customer type."), code="bad_condition", field="customer_type")
    for metric, by_priority in terms.targets.items():
        if metric not in Metric.values:
            raise Malformed(_("This is not measured."), code="bad_target", field="targets")
        for priority, seconds in by_priority.items():
            _check_target(priority, seconds)
    owner, supervisor = terms.warn_owner_percent, terms.warn_supervisor_percent
    for percent in (owner, supervisor):
        if percent is not None and not 1 <= percent <= 99:
            raise Malformed(_("Warn between 1 and 99 percent of the time."), code="bad_warning", field="warnings")
    if owner is not None and supervisor is not None and owner > supervisor:
        raise Malformed(_("Warn the owner before the supervisor."), code="bad_warning", field="warnings")


def _check_target(priority: str, seconds: Any) -> None:
    if priority and not priority.isdigit():
        raise Malformed(_("A target is for a priority, or for all."), code="bad_target", field="targets")
    if type(seconds) is not int or not 0 <= seconds <= LONGEST:
        raise Malformed(_("A target is a time of at most ten years."), code="bad_target", field="targets")
