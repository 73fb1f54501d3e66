"""Running clocks move to the policies and calendars in force, because somebody asked for it (S2, S5, S7).

A changed policy or calendar moves no clock by itself. ``preview`` counts what asking would do, ``apply`` does it: at
once where few tickets are running, else in batches by a task, each batch under its tickets' locks and exactly once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from events import dispatch
from events.recording import record
from sla.models import Metric, Policy, PolicyVersion
from sla.policies import Facts, catalogue, default
from sla.policy import may_promise
from staff import hours
from tickets.clocks.reckoning import TERMS, begin_if_promised, facts_of, running, warning_percents
from tickets.clocks.shifts import is_under, put_under, retarget
from tickets.models import Clock, DueChange, TermsApplication, Ticket, Transfer
from tickets.queue import refresh_queue

Cause = DueChange.Cause
AT_ONCE = 200
"""So many tickets are done while the page waits; more are left to a task."""
BATCH = 100
LOOKED_AT = 20_000
"""A preview reads so many clocks one by one and no more, whether they move or not."""
WAYS = EARLIER, LATER, LOST = "earlier", "later", "lost"
"""How a due time moves; ``TermsApplication`` counts each in the column of this name."""
TASK = "tickets.tasks.apply_terms"


@dataclass(frozen=True, slots=True)
class Preview:
    """What applying would do: clocks that would be due earlier, later, or as before; ``tickets`` have one that moves.

    ``renewed``: of those that are due as before, how many would count by other versions than until now. ``lost``: due
    now, and promised no time by what holds. ``overdue``: not overdue now, but at once. ``losing`` and ``failing`` are
    the ids of their tickets. ``is_whole``: every running clock was looked at.
    """

    clocks: int = 0
    tickets: int = 0
    earlier: int = 0
    later: int = 0
    unchanged: int = 0
    renewed: int = 0
    lost: int = 0
    overdue: int = 0
    losing: frozenset[int] = frozenset()
    failing: frozenset[int] = frozenset()
    is_whole: bool = True

    @property
    def moved(self) -> int:
        """Clocks whose due time would be another one, or none."""
        return self.earlier + self.later + self.lost


class _InForce:
    """What holds at one moment, read once; for ``only`` these policies, if some are named."""

    def __init__(self, at: datetime, only: Collection[int] | None) -> None:
        self.at, self.only = at, None if only is None else frozenset(only)
        self.catalogue, self.percents = catalogue(), warning_percents()
        self._hours: dict[int, int] = {}

    def step(self, clock: Clock) -> _Step | None:
        """Where a clock would move; None for one that began later, or has to do with none of these policies."""
        if clock.terms_at >= self.at:
            return None
        version = self.catalogue.pick(_facts(clock), self.at) or default(self.at)
        if self.only is not None and clock.policy_id not in self.only and version.policy_id not in self.only:
            return None
        same = clock.policy_version_id == version.pk
        return _Step(clock, version, self.hours(version), Cause.CALENDAR if same else Cause.POLICY)

    def hours(self, version: PolicyVersion) -> int | None:
        """As ``Rulebook.hours_for``."""
        calendar = version.calendar_id
        if calendar is None:
            return None
        if calendar not in self._hours:
            self._hours[calendar] = hours.version_at(calendar, self.at)
        return self._hours[calendar]


@dataclass(frozen=True, slots=True)
class _Step:
    """Where a clock would move."""

    clock: Clock
    version: PolicyVersion
    counted: int | None
    cause: str


def preview(*, at: datetime | None = None, policies: Collection[Policy] | None = None) -> Preview:
    """What ``apply`` would do at ``at`` (now) to the clocks of these policies, or of all; writes nothing."""
    at = at or timezone.now()
    in_force, found = _InForce(at, _ids(policies)), _Found()
    rows = _running().select_related("ticket__requester__organisation", "transfer").prefetch_related("pauses")
    for clock in rows.order_by("pk").iterator(chunk_size=1000):
        if found.read == LOOKED_AT:
            return found.told(is_whole=False)
        found.read += 1
        clock.ticket.plan_id = clock.ticket.requester.entitled_plan_id
        if (step := in_force.step(clock)) is not None:
            found.look_at(step, at=at, percents=in_force.percents)
    return found.told(is_whole=True)


@dataclass
class _Found:
    """What a preview has seen so far."""

    read: int = 0
    seen: int = 0
    renewed: int = 0
    overdue: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    moving: set[int] = field(default_factory=set)
    losing: set[int] = field(default_factory=set)
    failing: set[int] = field(default_factory=set)

    def look_at(self, step: _Step, *, at: datetime, percents: tuple[int, int]) -> None:
        """Let its clock move, in memory alone."""
        clock, before = step.clock, step.clock.due_at
        self.seen += 1
        if is_under(clock, clock.ticket, step.version, step.counted):
            return
        put_under(clock, clock.ticket, step.version, step.counted, at=at, cause=step.cause, percents=percents)
        way = _way(before, clock.due_at)
        self.ways[way] += 1
        self.renewed += not way
        if way:
            self.moving.add(clock.ticket_id)
        if way == LOST:
            self.losing.add(clock.ticket_id)
        if _is_over(clock.due_at, at) and not _is_over(before, at) and clock.breached_at is None:
            self.overdue += 1
            self.failing.add(clock.ticket_id)

    def told(self, *, is_whole: bool) -> Preview:
        """All of it."""
        moved = sum(self.ways[way] for way in (EARLIER, LATER, LOST))
        return Preview(
            self.seen, len(self.moving), self.ways[EARLIER], self.ways[LATER], self.seen - moved, self.renewed,
            self.ways[LOST], self.overdue, frozenset(self.losing), frozenset(self.failing), is_whole=is_whole,
        )  # fmt: skip


@transaction.atomic
def apply(
    *, by: User | None, at: datetime | None = None, policies: Collection[Policy] | None = None
) -> TermsApplication:
    """Move the running clocks of these policies, or all, to the versions in force at ``at`` (now). Managers' alone.

    Due times that come nearer leave at least a quarter of the target from now; a breach stays (S5). The row that comes
    back says how far it got: ``finished_at`` is set when all was done at once.
    """
    may_promise(by).demand()
    asked = TermsApplication.objects.create(asked_by=by, at=at or timezone.now(), policies=_sorted(_ids(policies)))
    if len(_tickets_after(0)[: AT_ONCE + 1]) <= AT_ONCE:
        while go_on(asked.pk, at=asked.at):
            pass
        asked.refresh_from_db()
    else:
        transaction.on_commit(lambda: dispatch.hurry_task(TASK, asked.pk))
    return asked


@transaction.atomic
def go_on(application_id: int, *, at: datetime | None = None) -> bool:
    """The next batch of tickets; False when nothing is left, or when another worker is at it.

    The versions are those of when it was asked for; due times move as of ``at``, which is now.
    """
    rows = TermsApplication.objects.select_for_update(skip_locked=True)
    asked = rows.filter(pk=application_id, finished_at=None).first()
    if asked is None:
        return False
    now = max(at or asked.at + (timezone.now() - asked.asked_at), asked.at)
    in_force = _InForce(asked.at, asked.policies)
    batch = list(_tickets_after(asked.upto)[:BATCH])
    locked = Ticket.objects.select_for_update(of=("self",)).select_related("requester__organisation")
    for ticket in locked.filter(pk__in=batch).order_by("pk"):
        _apply_to(ticket, asked, in_force, at=now)
    if batch:
        asked.upto = batch[-1]
    if len(batch) < BATCH:
        asked.finished_at = timezone.now()
    asked.save(update_fields=["upto", "tickets", "clocks", "moved", *WAYS, "finished_at"])
    return asked.finished_at is None


def unfinished() -> list[int]:
    """What was asked for and is not done, oldest first."""
    return list(TermsApplication.objects.filter(finished_at=None).order_by("pk").values_list("pk", flat=True))


def _apply_to(ticket: Ticket, asked: TermsApplication, in_force: _InForce, *, at: datetime) -> None:
    """Its running clocks, under the support plan that its customer has now; one event tells of all that moved."""
    plan_before, ticket.plan_id = ticket.plan_id, ticket.requester.entitled_plan_id
    rows = _running().filter(ticket=ticket).select_related("transfer").order_by("pk")
    steps = list(_steps(rows, ticket, in_force))
    asked.clocks += len(steps)
    moving = [step for step in steps if not is_under(step.clock, ticket, step.version, step.counted)]
    begun = _keep_informed(ticket, steps, at=at)
    if not (moving or begun):
        return
    changes = [_moved(step, asked, at=at) for step in moving]
    changes += [_change(begun, dict.fromkeys(_told(begun)))] if begun else []
    for step in steps:
        if step not in moving:
            step.clock.terms_at, step.clock.terms_known_at = asked.at, timezone.now()
            step.clock.save(update_fields=TERMS)
    asked.tickets += any(change["due_from"] != change["due_to"] for change in changes)
    refresh_queue(ticket)
    plans: dict[str, Any] = {}
    if ticket.plan_id != plan_before:
        ticket.save(update_fields=["plan"])
        plans = {"plan_from": plan_before, "plan_to": ticket.plan_id}
    record(
        ticket, "ticket.terms_applied", by=asked.asked_by, at=at, application=asked.pk, policies=asked.policies,
        as_of=asked.at.isoformat(), clocks=[step.clock.pk for step in moving], changes=changes, **plans,
    )  # fmt: skip


def _keep_informed(ticket: Ticket, steps: Iterable[_Step], *, at: datetime) -> Clock | None:
    """Where a policy asks for it from now on, in mid-case, the next word is due from now on (S8); the clock, if so.

    It runs from the first answer on, so not before one was given.
    """
    is_open = any(step.clock.metric == Metric.RESOLUTION for step in steps)
    if not is_open or ticket.last_staff_at is None or running(ticket, Metric.KEEP_INFORMED):
        return None
    return begin_if_promised(ticket, Metric.KEEP_INFORMED, at=at)


def _moved(step: _Step, asked: TermsApplication, *, at: datetime) -> dict[str, Any]:
    """Move one clock and count it; what comes back says how, in ids, times and seconds."""
    clock = step.clock
    before, told_before = clock.due_at, _told(clock)
    clock.terms_at, clock.terms_known_at = asked.at, timezone.now()
    retarget(clock, clock.ticket, step.version, step.counted, at=at, cause=step.cause)
    if way := _way(before, clock.due_at):
        asked.moved += 1
        setattr(asked, way, getattr(asked, way) + 1)
    _ask_by(clock)
    return _change(clock, told_before)


def _change(clock: Clock, before: dict[str, Any]) -> dict[str, Any]:
    """What was told of a clock before, and what is by now."""
    told = {f"{name}_from": value for name, value in before.items()}
    told |= {f"{name}_to": value for name, value in _told(clock).items()}
    return {"clock": clock.pk, "metric": str(clock.metric), **told}


def _told(clock: Clock) -> dict[str, Any]:
    """What a clock counts by and when it is due, as an event holds it."""
    return {
        "due": clock.due_at.isoformat() if clock.due_at else None, "promised": clock.promised_seconds,
        "policy": clock.policy_id, "version": clock.policy_version_id, "hours": clock.hours_id,
    }  # fmt: skip


def _ask_by(clock: Clock) -> None:
    """The team that is asked to take a case over has until the new due time of its clock (X3, S6)."""
    if clock.transfer_id is not None and clock.due_at is not None:
        waiting = Transfer.objects.filter(pk=clock.transfer_id, status=Transfer.Status.WAITING)
        waiting.update(accept_by=clock.due_at)


def _steps(clocks: Iterable[Clock], ticket: Ticket, in_force: _InForce) -> Iterator[_Step]:
    for clock in clocks:
        clock.ticket = ticket
        if (step := in_force.step(clock)) is not None:
            yield step


def _facts(clock: Clock) -> Facts:
    facts = facts_of(clock.ticket)
    if clock.metric == Metric.TRANSFER and clock.transfer is not None:
        return replace(facts, team_id=clock.transfer.to_team_id)
    return facts


def _running() -> QuerySet[Clock]:
    return Clock.objects.filter(stopped_at=None, cancelled_at=None)


def _tickets_after(last: int) -> QuerySet[Clock, int]:
    rows = _running().filter(ticket__gt=last).order_by("ticket")
    return rows.values_list("ticket", flat=True).distinct()


def _ids(policies: Collection[Policy] | None) -> frozenset[int] | None:
    return None if policies is None else frozenset(policy.pk for policy in policies)


def _sorted(ids: frozenset[int] | None) -> list[int] | None:
    return None if ids is None else sorted(ids)


def _way(before: datetime | None, after: datetime | None) -> str:
    """``EARLIER``, ``LATER``, ``LOST``, or empty; a first due time comes earlier than none."""
    if before == after:
        return ""
    if after is None:
        return LOST
    return EARLIER if before is None or after < before else LATER


def _is_over(due: datetime | None, at: datetime) -> bool:
    return due is not None and due <= at
