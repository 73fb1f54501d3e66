"""Support plans: what service customers are entitled to, such as "Gold" (S2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Max, ProtectedError
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from common.text import clean_line
from customers import policy
from customers._ground import in_use as in_use
from customers._ground import moment
from customers.models import Organisation, Person, SupportPlan
from customers.operations import change_person
from events.recording import record


@transaction.atomic
def add_plan(name: str, *, by: User | None, at: datetime | None = None) -> SupportPlan:
    """A plan of this name, the last in the list. Raises ``Malformed``, ``Refused`` (``name_taken``)."""
    policy.may_entitle(by).demand()
    cleaned = _name(name)
    last = SupportPlan.objects.aggregate(last=Max("position"))["last"] or 0
    with _the_only_one():
        plan = SupportPlan.objects.create(name=cleaned, position=min(last + 1, 32_000))
    record(plan, "plan.added", by=by, at=moment(at))
    return plan


@transaction.atomic
def rename_plan(plan: SupportPlan, name: str, *, by: User | None, at: datetime | None = None) -> SupportPlan:
    """The same plan under another name. Raises ``Refused`` (``plan_gone``, ``name_taken``)."""
    policy.may_entitle(by).demand()
    plan = in_use(plan)
    cleaned = _name(name, besides=plan)
    if cleaned != plan.name:
        plan.name = cleaned
        with _the_only_one():
            plan.save(update_fields=["name"])
        record(plan, "plan.renamed", by=by, at=moment(at))
    return plan


@transaction.atomic
def remove_plan(plan: SupportPlan, *, by: User | None, at: datetime | None = None) -> None:
    """A plan that nobody has and nothing refers to is gone. Raises ``Refused`` (``plan_in_use``, ``plan_gone``)."""
    policy.may_entitle(by).demand()
    plan = in_use(plan)
    record(plan, "plan.removed", by=by, at=moment(at))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            plan.delete()
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what was written meanwhile shows here, not at commit
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except (ProtectedError, IntegrityError) as error:
        words = _("Customers, tickets or policies use this plan, so it stays. Give it another name, or to nobody.")
        raise Refused(words, code="plan_in_use", rule="S2") from error


@transaction.atomic
def give_plan(
    holder: Organisation | Person, plan: SupportPlan | None, *, by: User | None, at: datetime | None = None
) -> None:
    """Serve an organisation's people, or one person, by this plan from now on; None takes it away.

    New tickets are opened under it. Those that run keep theirs until somebody asks for more. Raises ``Refused``
    (``plan_gone``).
    """
    policy.may_entitle(by).demand()
    if isinstance(holder, Person):
        change_person(holder, by=by, at=at, plan=plan)
        return
    row = Organisation.objects.select_for_update(no_key=True).get(pk=holder.pk)  # holders first, then plans
    if plan is not None:
        plan = in_use(plan)
    if row.plan_id == (plan and plan.pk):
        return
    before, row.plan = row.plan_id, plan
    row.save(update_fields=["plan"])
    holder.plan = plan
    record(row, "organisation.changed", by=by, at=moment(at), fields=["plan"], plan_from=before, plan_to=plan)


def plan_named(name: str) -> SupportPlan | None:
    """The plan of this name, however it is written."""
    cleaned = " ".join(name.split())
    return SupportPlan.objects.filter(name__iexact=cleaned).first() if cleaned else None


def _name(name: str, besides: SupportPlan | None = None) -> str:
    cleaned = clean_line(name, 60, field="name")
    if not cleaned:
        raise Malformed(_("Give the plan a name."), code="no_name", field="name")
    others = SupportPlan.objects.exclude(pk=besides.pk) if besides else SupportPlan.objects.all()
    if others.filter(name__iexact=cleaned).exists():
        raise _taken()
    return cleaned


@contextmanager
def _the_only_one() -> Iterator[None]:
    """Somebody gave the name at the same moment, or the database alone takes two spellings for one."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise _taken() from error


def _taken() -> Refused:
    return Refused(_("There is a plan of this name."), code="name_taken", field="name")
