"""Every change of what is promised: a policy is added, revised, put in order, retired. Nothing here moves a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import F, Max, ProtectedError, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.business_hours import NeverOpen
from common.errors import Malformed, Refused
from common.text import clean_line
from customers.models import CustomerType, Department, Organisation, SupportPlan
from customers.plans import in_use
from events.recording import record
from sla import policy as may
from sla.models import Metric, Policy, PolicyVersion, standard_targets
from sla.policies import asks_of, catalogue
from sla.warning import check_policy
from staff import hours
from staff.calendar_use import reach
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
    now = at or timezone.now()
    _keep_plan(terms)
    _check(terms, now)
    policy = Policy.objects.create(name=cleaned)
    last = PolicyVersion.objects.aggregate(last=Max("position"))["last"] or 0
    return _publish(policy, terms, by=by, at=now, valid_from=valid_from, position=last + 1)


@transaction.atomic
def revise_policy(
    policy: Policy,
    terms: Terms,
    *,
    by: User | None,
    name: str | None = None,
    valid_from: datetime | None = None,
    since_ever: bool = False,
    seen: int | None = None,
    at: datetime | None = None,
) -> PolicyVersion:
    """Say something else from ``valid_from`` (``at``, which is now) on; what stands is given back if nothing differs.

    ``since_ever``: also for what was imported. ``seen`` is the newest version that the changer knew: what somebody else
    said meanwhile is not written over (``changed_meanwhile``), and a plan that was seen gives way, for whatever moment
    it is said anew. Clocks that run keep what they started under until
    somebody asks for more (``tickets.clocks.applying``).
    """
    may.may_promise(by).demand()
    _keep_plan(terms)
    policy = Policy.objects.select_for_update().get(pk=policy.pk)
    now = _now(policy.versions.all(), at)
    _check(terms, now)
    newest = latest(policy)
    if seen is not None and newest.pk != seen:
        words = _("This policy was changed meanwhile. Look at the newest version, then save again.")
        raise Refused(words, code="changed_meanwhile", rule="T10")
    if name is not None and name != policy.name:
        policy.name = _name(name, besides=policy)
        policy.save(update_fields=["name"])
        record(policy, "policy.renamed", by=by, at=now)
    made_from = policy.versions.filter(pk=seen or 0, valid_from__gt=now)
    if made_from:
        _forget(made_from)
        record(policy, "policy.taken_back", by=by, at=now, version=newest.pk, number=newest.number)
    held = _held(policy, now)
    if held and held.is_active and _same(held, terms) and valid_from is None and not since_ever:
        return held
    begins = None if since_ever else valid_from or now
    _forget(policy.versions.filter(valid_from__gt=now, valid_from=begins))  # another plan for the same moment
    return _publish(policy, terms, by=by, at=now, valid_from=begins, position=newest.position)


@transaction.atomic
def take_back(version: PolicyVersion, *, by: User | None, at: datetime | None = None) -> None:
    """A version that was planned is not to be. Raises ``Refused`` (``in_force``) for one that is in force already."""
    may.may_promise(by).demand()
    policy = Policy.objects.select_for_update().get(pk=version.policy_id)
    now = _now(policy.versions.all(), at)
    planned = policy.versions.filter(pk=version.pk, valid_from__gt=now)
    if not planned or policy.versions.count() == 1:
        words = _("This version is in force, or it is gone already. Change the policy, or retire it.")
        raise Refused(words, code="in_force", rule="S2")
    _forget(planned)
    record(policy, "policy.taken_back", by=by, at=now, version=version.pk, number=version.number)


@transaction.atomic
def retire_policy(policy: Policy, *, by: User | None, at: datetime | None = None) -> None:
    """Promise it to nobody else; what it says from a later day on is taken back. Clocks that run keep it.

    One that never was in force is gone altogether; any other stays to be read, and revising it takes it up again.
    Raises ``Refused`` for the default one: a desk without any promise answers nobody (S1).
    """
    may.may_promise(by).demand()
    policy = Policy.objects.select_for_update().get(pk=policy.pk)
    if policy.is_default:
        words = _("This policy holds where no other fits. Change what it promises instead.")
        raise Refused(words, code="default_policy", rule="S1")
    now = _now(policy.versions.all(), at)
    _forget(policy.versions.filter(valid_from__gt=now))
    held = _held(policy, now)
    if held is None:
        record(policy, "policy.taken_back", by=by, at=now)
        _forget(Policy.objects.filter(pk=policy.pk))  # it never was in force
    elif held.is_active:
        _publish(policy, Terms.of(held), by=by, at=now, valid_from=now, position=held.position, is_active=False)


@transaction.atomic
def order_policies(policies: Sequence[Policy], *, by: User | None, at: datetime | None = None) -> None:
    """Which of equally specific policies comes first: these, in this order, in the places that they hold together."""
    may.may_promise(by).demand()
    locked = {one.pk: one for one in Policy.objects.select_for_update().order_by("pk")}
    now = _now(PolicyVersion.objects.all(), at)
    held = {one.policy_id: one for one in catalogue().in_force(now)}
    wanted = [locked[one.pk] for one in policies if one.pk in held]
    place = 0
    for policy, position in zip(wanted, sorted(held[one.pk].position for one in wanted), strict=True):
        place = max(position, place + 1)
        _move(policy, held[policy.pk], place, by=by, at=now)


@transaction.atomic
def move_policy(policy: Policy, *, past: Policy, up: bool, by: User | None, at: datetime | None = None) -> None:
    """Let a policy be tried just before (``up``) or after another that asks for equally many things.

    Pressed twice, or by two people at once, it comes to the same. Raises ``Refused`` (``not_equal``).
    """
    list(Policy.objects.select_for_update().order_by("pk"))
    now = _now(PolicyVersion.objects.all(), at)
    equals = next((group for group in groups_of_equals(now) if policy.pk in [one.policy_id for one in group]), [])
    order = [one.policy for one in equals]
    if policy == past or past not in order:
        words = _("These two no longer ask for equally much, so that one comes before the other anyway.")
        raise Refused(words, code="not_equal", rule="S2")
    before = order.index(policy) < order.index(past)
    if before != up:
        order.remove(policy)
        order.insert(order.index(past) + (not up), policy)
        order_policies(order, by=by, at=now)


def groups_of_equals(at: datetime) -> list[list[PolicyVersion]]:
    """Policies in use at ``at``, those that ask for most first; only inside a group does their order decide."""
    held = [one for one in catalogue().in_force(at) if one.is_active and not one.policy.is_default]
    held.sort(key=lambda one: (-len(asks_of(one)), one.position, one.policy_id))
    return [list(group) for _asks, group in groupby(held, key=lambda one: len(asks_of(one)))]


def _move(policy: Policy, held: PolicyVersion, position: int, *, by: User | None, at: datetime) -> None:
    """The same terms in another place, from now on; what is planned comes into force in that place, too."""
    if held.position == position:
        return
    _publish(policy, Terms.of(held), by=by, at=at, valid_from=at, position=position, is_active=held.is_active)
    for planned in list(policy.versions.filter(valid_from__gt=at).order_by("number")):
        _forget(policy.versions.filter(pk=planned.pk))
        _publish(
            policy, Terms.of(planned), by=planned.made_by, at=at, valid_from=planned.valid_from, position=position,
            is_active=planned.is_active,
        )  # fmt: skip


def _now(versions: QuerySet[PolicyVersion], at: datetime | None) -> datetime:
    """``at`` (now), though never before what was said to hold at once: the machine's clock may have been put back.

    Call it under the lock, so that of two who change a policy the one who is heard last has the later time.
    """
    now = at or timezone.now()
    begun = versions.filter(valid_from__lte=F("made_at")).aggregate(last=Max("valid_from"))["last"]
    return max(now, begun or now)


def _forget(rows: QuerySet[Any]) -> None:
    """Delete what was planned. Raises ``Refused`` (``plan_in_use``) where a clock counts with it (S7)."""
    try:
        rows.delete()
    except ProtectedError as error:
        words = _("Clocks count with the planned version already. It can be changed once it holds.")
        raise Refused(words, code="plan_in_use", rule="S7", field="valid_from") from error


def _held(policy: Policy, at: datetime) -> PolicyVersion | None:
    return next((one for one in catalogue().in_force(at) if one.policy_id == policy.pk), None)


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
    said = _said(terms)
    version = PolicyVersion.objects.create(
        policy=policy, number=number, valid_from=valid_from, made_at=max(timezone.now(), at), made_by=by,
        position=position, is_active=is_active, **said,
    )  # fmt: skip
    record(policy, "policy.published", by=by, at=at, version=version.pk, number=number, active=is_active)
    return version


def _said(terms: Terms) -> dict[str, Any]:
    """As the columns hold it; a metric without any target is left out."""
    said = {one.name: getattr(terms, one.name) for one in fields(Terms)}
    said["targets"] = {metric: dict(by_priority) for metric, by_priority in terms.targets.items() if by_priority}
    return said


def _same(version: PolicyVersion, terms: Terms) -> bool:
    return _said(Terms.of(version)) == _said(terms)


def _name(name: str, besides: Policy | None = None) -> str:
    cleaned = clean_line(name, 120, field="name")
    if not cleaned:
        raise Malformed(_("Give the policy a name."), code="no_name", field="name")
    others = Policy.objects.exclude(pk=besides.pk) if besides else Policy.objects.all()
    if taken := others.filter(name__iexact=cleaned).first():
        held = _held(taken, timezone.now())
        words = _("There is a policy “%(name)s” already. Choose another name, or change that one.")
        if held is None:
            words = _(
                "There is a policy “%(name)s” already, which is planned. Choose another name, or change that one."
            )
        elif not held.is_active:
            words = _("There is a policy “%(name)s” already, which is not in use. "
                      "Choose another name, or take that one up again.")  # fmt: skip
        raise Refused(words % {"name": taken}, code="name_taken", field="name")
    return cleaned


def _keep_plan(terms: Terms) -> None:
    """Nobody removes the plan that is asked for before this is saved; locked before the policy. Else ``Refused``."""
    if terms.plan is not None:
        in_use(terms.plan)


def _check(terms: Terms, at: datetime) -> None:
    if terms.customer_type not in ("", *CustomerType.values):
        raise Malformed(_("Choose a customer type."), code="bad_condition", field="customer_type")
    for metric, by_priority in terms.targets.items():
        if metric not in Metric.values:
            raise Malformed(_("This is not measured."), code="bad_target", field="targets")
        for priority, seconds in by_priority.items():
            _check_target(priority, seconds)
    check_policy(terms.warn_owner_percent, terms.warn_supervisor_percent)
    _check_reach(terms, at)


def _check_reach(terms: Terms, at: datetime) -> None:
    """A time that the calendar never reaches would keep tickets from being opened (T7)."""
    longest = max((seconds for said in terms.targets.values() for seconds in said.values()), default=0)
    if terms.calendar is not None:
        try:
            reach(hours.business_hours(terms.calendar, at=at), at, longest)
        except NeverOpen as error:
            raise Refused(str(error), code=error.code, rule="S2", field="calendar") from error


def _check_target(priority: str, seconds: Any) -> None:
    if priority and not priority.isdigit():
        raise Malformed(_("A target is for a priority, or for all."), code="bad_target", field="targets")
    if type(seconds) is not int or not 0 <= seconds <= LONGEST:
        raise Malformed(_("A target is a time of at most ten years."), code="bad_target", field="targets")
