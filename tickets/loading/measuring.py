"""The clocks of a ticket, reckoned in memory exactly as ``tickets.clocks`` reckons them in rows.

Loading tells them what an import says; ``tickets.rebuilding`` tells them again what the events of a ticket say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from common import timeline
from common.business_hours import BusinessHours, NeverOpen
from events import values
from sla import policies, warning
from sla.models import Metric, PolicyVersion
from sla.policies import Facts
from staff import hours
from tickets.clocks.reckoning import RESPONSES, warning_percents
from tickets.models import FAR_FUTURE, ClockPause, DueChange

Row = dict[str, Any]
Cause = ClockPause.Cause


class Promises:
    """Policies, calendars and warning points, read once for many tickets; ``known_at``: as they were known then.

    ``begun_at``: when the first version of any policy was made; ``percents_set_at``: when the desk's own percents were
    changed last.
    """

    def __init__(self) -> None:
        self.usual = warning_percents()
        policies.default()  # a desk without any policy gets its default one now
        self.catalogue = policies.catalogue()
        self.begun_at = min(one.made_at for one in self.catalogue.versions)
        self.percents_set_at = values.last_set(*warning.KEYS)
        self.known_at: datetime | None = None
        self._calendars: dict[int, list[hours.Known]] = {}

    def policy(self, facts: Facts, at: datetime, *, known_at: datetime | None = None) -> PolicyVersion:
        """As ``policy_for``; ``known_at`` other than that of all."""
        known_at = known_at or self.known_at
        picked = self.catalogue.pick(facts, at, known_at=known_at) or self.catalogue.pick(facts, at)
        if picked is None:
            raise RuntimeError("the default policy was made before the policies were read")
        return picked

    def hours(self, version: PolicyVersion, at: datetime, *, known_at: datetime | None = None) -> int | None:
        """As ``Rulebook.hours_for``; ``known_at`` other than that of all."""
        calendar = version.calendar_id
        if calendar is None:
            return None
        if calendar not in self._calendars:
            self._calendars[calendar] = hours.versions_of(calendar)
        return hours.version_among(self._calendars[calendar], at, known_at=known_at or self.known_at)

    def percents(self, version_id: int | None) -> tuple[int, int]:
        """At which parts of its time, in percent, a clock under this version warns its owner and the supervisor."""
        return self.usual if version_id is None else warning.percents(policies.version(version_id), self.usual)


@dataclass(slots=True)
class Running:
    """One clock of one ticket; ``row`` is what is written.

    ``changes`` are its due times that moved. ``not_before``: it was moved then, and is not looked at before;
    ``reinstated_at``: its breach stands, and is looked at again. ``known_as``: the id that events call it by.
    """

    row: Row
    hours: BusinessHours
    pauses: list[Row] = field(default_factory=list)
    changes: list[Row] = field(default_factory=list)
    not_before: datetime | None = None
    reinstated_at: datetime | None = None
    known_as: int | None = None
    is_imported_breach: bool = False

    @property
    def is_running(self) -> bool:
        return self.row["stopped_at"] is None and self.row["cancelled_at"] is None

    def spans(self) -> list[timeline.Pause]:
        return [timeline.Pause(one["started_at"], one["ended_at"]) for one in self.pauses]

    def recounted(self, not_before: datetime | None = None, *, still_owed: bool = False) -> None:
        """Its due time was reckoned anew; ``still_owed``: as ``recount``."""
        self.not_before = not_before
        if not still_owed:
            self.reinstated_at = None

    def point(self, percent: float) -> datetime | None:
        """When so many percent of the target have run; None without a target and while a pause keeps it from that."""
        target = self.row["target_seconds"]
        if target is None:
            return None
        begun, pauses = self.row["started_at"], self.spans()
        try:
            return timeline.at_fraction(begun, target, self.hours, pauses, percent / 100)
        except NeverOpen:  # as ``reckon``: it counts round the clock from then on
            self.row["hours_id"], self.hours = None, hours.ROUND_THE_CLOCK
            return timeline.at_fraction(begun, target, self.hours, pauses, percent / 100)

    def due(self) -> datetime | None:
        """When the promise is broken."""
        return self.point(100)

    def next_look(self, percents: tuple[int, int]) -> datetime | None:
        """When enforcement must look again; None when there is nothing left, or while a pause keeps it away."""
        row, due = self.row, self.due()  # first of all: it tells whether its hours reach so far
        if row["breached_at"]:
            return self.reinstated_at
        waiting = (
            None if row["warned_75_at"] or row["warned_90_at"] else self.point(percents[0]),
            None if row["warned_90_at"] else self.point(percents[1]),
            due,
        )
        first = min((moment for moment in waiting if moment), default=None)
        return max(first, self.not_before) if first and self.not_before else first


class Clocks:
    """All clocks of one ticket, told what happens in the order of ``tickets.clocks``. Entries are given by id."""

    def __init__(self, desk: Any, ticket: Row) -> None:
        self.desk, self.ticket = desk, ticket
        self.all: list[Running] = []

    # --- what the verbs call ------------------------------------------------

    def start_on_message(self, entry: int, at: datetime, *, live: bool = False, by: int | None = None) -> None:
        """The customer wrote, or (``live``) spoke with ``by``."""
        known = {clock.row["metric"] for clock in self.all if clock.row["cancelled_at"] is None}
        waiting = next(self.running(*RESPONSES), None)
        if Metric.RESOLUTION not in known:
            self.begin(Metric.RESOLUTION, at, entry)
        if Metric.FIRST_RESPONSE not in known:
            self.begin(Metric.FIRST_RESPONSE, at, entry, is_live=live)
        elif not live and waiting is None:
            self.begin(Metric.NEXT_RESPONSE, at, entry)
        ticket = self.ticket
        ticket["last_customer_at"] = max(ticket["last_customer_at"] or at, at)
        if live:
            self.answer(entry, at, by=by)
            return
        if waiting is not None and at < waiting.row["started_at"]:
            self.begin_earlier(waiting, at, entry)
        ticket["unanswered_since"] = min(ticket["unanswered_since"] or at, at)

    def answer(self, entry: int | None, at: datetime, *, by: int | None) -> None:
        """A person of the desk answered."""
        for clock in self.running(*RESPONSES):
            if clock.row["started_at"] <= at:
                self.stop(clock, at, agent=by, entry=entry)
        self.inform(entry, at, by=by)
        ticket = self.ticket
        ticket["last_staff_at"] = max(ticket["last_staff_at"] or at, at)
        if ticket["unanswered_since"] and ticket["unanswered_since"] <= at:
            ticket["unanswered_since"] = None

    def inform(self, entry: int | None, at: datetime, *, by: int | None) -> None:
        """A person told the customer how the matter stands (S8)."""
        last = next(self.running(Metric.KEEP_INFORMED), None)
        if last is not None:
            if last.row["started_at"] > at or (entry is not None and last.row["started_by_id"] == entry):
                return
            self.stop(last, at, agent=by, entry=entry)
        if any(self.running(Metric.RESOLUTION)):
            self.begin_informing(at, entry)

    def begin_informing(self, at: datetime, entry: int | None = None) -> None:
        """The next word is due from now on, where the policy says so and none is awaited yet."""
        if any(self.running(Metric.KEEP_INFORMED)):
            return
        version = self.desk.promises.policy(self.facts(), at)
        if version.target_for(Metric.KEEP_INFORMED, self.ticket["priority"]) is not None:
            self.begin(Metric.KEEP_INFORMED, at, entry)

    def pause(self, at: datetime, *, cause: str = Cause.PENDING, hold: int | None = None) -> None:
        """The resolution clock stands still, where its policy lets it."""
        for clock in self.running(Metric.RESOLUTION):
            version = policies.version(clock.row["policy_version_id"])
            if not (version.pauses_on_hold if cause == Cause.HOLD else version.pauses_on_pending):
                continue
            at = max(at, clock.row["started_at"])
            self._end_pause(clock, at)
            self._add_pause(clock, cause, at, None, hold=hold)
            clock.row["paused_at"] = at
            clock.recounted(still_owed=True)

    def unpause(self, at: datetime, *, cause: str = Cause.PENDING) -> None:
        """It runs on; harmless where no pause of that cause is running."""
        for clock in self.running(Metric.RESOLUTION):
            if self._end_pause(clock, at, cause):
                clock.row["paused_at"] = None
                clock.recounted(still_owed=True)

    def resolve(self, at: datetime, *, by: int | None) -> None:
        """The need is met as far as we know."""
        for clock in self.running(Metric.RESOLUTION):
            self._end_pause(clock, at)
            clock.row["paused_at"] = None
            clock.recounted()
            self.stop(clock, at, agent=by, entry=None)
        for clock in self.running(*RESPONSES):
            self.stop(clock, at, agent=by, entry=None)
        for clock in self.running(Metric.KEEP_INFORMED):
            if clock.row["started_at"] < at:
                self.stop(clock, at, agent=by, entry=None)
            else:
                clock.row["cancelled_at"] = at
        self.ticket["unanswered_since"] = None

    def reopen(self, at: datetime) -> None:
        """The same resolution row runs on, and the time it was resolved is a pause."""
        if any(self.running(Metric.RESOLUTION)):
            return
        stopped = [
            clock for clock in self.all
            if clock.row["metric"] == Metric.RESOLUTION and clock.row["stopped_at"] and not clock.row["cancelled_at"]
        ]  # fmt: skip
        for clock in stopped[-1:]:
            since = clock.row["stopped_at"]
            self.unstop(clock)
            self._add_pause(clock, Cause.RESOLVED, since, max(at, since))
            self.begin_informing(max(at, since))

    def cancel(self, at: datetime) -> None:
        """These are counted no more."""
        for clock in self.running():
            clock.row["cancelled_at"] = at

    def policy_changed(self, at: datetime, *, cause: str = DueChange.Cause.POLICY) -> None:
        """As ``reprioritise``: run on under the policy that fits now."""
        for clock in self.running():
            if clock.row["metric"] != Metric.TRANSFER:
                self.retarget(clock, self.facts(), at, cause=cause)

    def retarget(self, clock: Running, facts: Facts, at: datetime, *, cause: str) -> bool:
        """Let it count under the policy that fits these facts; a shorter target leaves a quarter of itself."""
        row = clock.row
        version = self.desk.promises.policy(facts, row["terms_at"], known_at=row["terms_known_at"])
        counted = self.desk.promises.hours(version, row["terms_at"], known_at=row["terms_known_at"])
        promised = version.target_for(row["metric"], facts.priority)
        if (version.pk, counted, promised) == (row["policy_version_id"], row["hours_id"], row["promised_seconds"]):
            return False
        self.note_breach(clock, at)
        before, was, target_before = clock.due(), row["policy_id"], row["target_seconds"]
        clock.hours = hours.of_version(counted)
        row.update(
            policy_id=version.policy_id, policy_version_id=version.pk, hours_id=counted, promised_seconds=promised,
            target_seconds=promised,
        )  # fmt: skip
        due = clock.due()
        is_nearer = before is not None and due is not None and due < before
        if promised is not None and (target_before is None or promised < target_before or is_nearer):
            elapsed = timeline.elapsed_seconds(row["started_at"], at, clock.hours, clock.spans())
            row["target_seconds"] = max(promised, elapsed + -(-promised // 4))
        clock.recounted(not_before=at)
        self.change(clock, cause, at, before=before, was=was)
        return True

    def settle(self, now: datetime) -> None:
        """When the story is told: due times, when enforcement looks again, and where the ticket stands in the queue."""
        first = FAR_FUTURE
        for clock in self.all:
            row = clock.row
            row["due_at"] = due = clock.due()
            if not clock.is_running:
                continue
            if due is not None and due <= now and not self.desk.is_enforced:
                self.note_breach(clock, now)
            if self.desk.is_enforced:
                row["next_at"] = clock.next_look(self.desk.promises.percents(row["policy_version_id"]))
            if due is not None and row["metric"] != Metric.TRANSFER:
                first = min(first, due)
        self.ticket["queue_at"] = first

    # --- one clock ----------------------------------------------------------

    def running(self, *metrics: str) -> Iterator[Running]:
        return (clock for clock in self.all if clock.is_running and (not metrics or clock.row["metric"] in metrics))

    def facts(self) -> Facts:
        """What a policy is picked by (S2)."""
        ticket = self.ticket
        return Facts(
            customer_type=ticket["customer_type"],
            channel=ticket["channel"],
            ticket_type=ticket["type"],
            priority=ticket["priority"],
            organisation_id=ticket["organisation_id"],
            department_id=ticket["department_id"],
            plan_id=ticket["plan_id"],
            team_id=ticket["team_id"],
        )

    def begin(
        self, metric: str, at: datetime, entry: int | None, *, is_live: bool = False, facts: Facts | None = None
    ) -> Running:
        """Start a clock under the policy that fits."""
        facts = facts or self.facts()
        version = self.desk.promises.policy(facts, at)
        counted = self.desk.promises.hours(version, at)
        target = version.target_for(metric, facts.priority)
        known_at = max(self.desk.promises.known_at or timezone.now(), version.made_at)
        row = self.desk.clocks.add(
            ticket_id=self.ticket["id"], metric=metric, policy_id=version.policy_id, policy_version_id=version.pk,
            hours_id=counted, transfer_id=None, terms_at=at, terms_known_at=known_at, promised_seconds=target,
            target_seconds=target, started_at=at, started_by_id=entry, is_live=is_live, due_at=None, next_at=None,
            paused_at=None, warned_75_at=None, warned_90_at=None, breached_at=None, breach_recorded_at=None,
            stopped_at=None, stopped_by_id=None, elapsed_seconds=None, team_id=None, agent_id=None, cancelled_at=None,
        )  # fmt: skip
        clock = Running(row, hours.of_version(counted))
        self.all.append(clock)
        return clock

    def begin_earlier(self, clock: Running, at: datetime, entry: int | None) -> None:
        """An earlier message turned up unanswered: the clock counts from it."""
        clock.row.update(started_at=at, started_by_id=entry)
        clock.recounted(still_owed=True)

    def stop(self, clock: Running, at: datetime, *, agent: int | None, entry: int | None) -> None:
        row = clock.row
        at = max(at, row["started_at"])
        self.note_breach(clock, at)
        elapsed = int((at - row["started_at"]).total_seconds())
        elapsed -= timeline.paused_seconds(row["started_at"], at, clock.spans()) if clock.pauses else 0
        row.update(
            stopped_at=at, stopped_by_id=entry, elapsed_seconds=elapsed,
            team_id=self.ticket["team_id"], agent_id=agent or self.ticket["assignee_id"],
        )  # fmt: skip

    def unstop(self, clock: Running) -> None:
        """It runs on as if it had not stopped."""
        clock.row.update(stopped_at=None, stopped_by_id=None, elapsed_seconds=None, team_id=None, agent_id=None)
        clock.recounted()

    def note_breach(self, clock: Running, at: datetime) -> None:
        """Its time ran out before ``at``, and nobody had written that down."""
        row, due = clock.row, clock.due()
        if row["breached_at"] is not None or due is None or due >= at:
            return
        row["breached_at"], row["breach_recorded_at"] = due, self.desk.now
        self.desk.record(
            self.ticket, "sla_breached", at=due, clock=row["id"], metric=str(row["metric"]), policy=row["policy_id"],
            late_seconds=max(int((at - due).total_seconds()), 0),
        )  # fmt: skip

    def change(
        self, clock: Running, cause: str, at: datetime, *, before: datetime | None, was: int | None
    ) -> None:  # fmt: skip
        """Its due time moved."""
        clock.changes.append(
            self.desk.due_changes.add(
                clock_id=clock.row["id"], cause=cause, changed_at=at, due_before=before, due_after=clock.due(),
                policy_before_id=was,
            )
        )  # fmt: skip

    def _add_pause(
        self, clock: Running, cause: str, start: datetime, end: datetime | None, hold: int | None = None
    ) -> None:
        clock.pauses.append(
            self.desk.pauses.add(clock_id=clock.row["id"], cause=cause, hold_id=hold, started_at=start, ended_at=end)
        )

    def _end_pause(self, clock: Running, at: datetime, cause: str = "") -> bool:
        """End the running pause (of ``cause``, if given), not before it began; tells whether there was one."""
        found = [one for one in clock.pauses if one["ended_at"] is None and cause in ("", one["cause"])]
        for pause in found:
            pause["ended_at"] = max(at, pause["started_at"])
        return bool(found)
