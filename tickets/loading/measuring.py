"""The clocks of loaded tickets, reckoned in memory exactly as ``tickets.clocks`` reckons them in rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from common import timeline
from common.business_hours import BusinessHours
from sla import policies
from sla.models import Metric, PolicyVersion
from sla.policies import Facts
from staff import hours
from tickets.clocks.reckoning import RESPONSES, warning_percents
from tickets.models import FAR_FUTURE, ClockPause, DueChange


class Promises:
    """Policies, calendars and warning points, read once for a whole load."""

    def __init__(self) -> None:
        self.usual = warning_percents()
        policies.default()  # a desk without any policy gets its default one now
        self.catalogue = policies.catalogue()
        self._calendars: dict[int, list[hours.Known]] = {}

    def policy(self, facts: Facts, at: datetime) -> PolicyVersion:
        """As ``policy_for``."""
        picked = self.catalogue.pick(facts, at)
        if picked is None:
            raise RuntimeError("the default policy was made before the policies were read")
        return picked

    def hours(self, version: PolicyVersion, at: datetime) -> int | None:
        """As ``hours_version``."""
        calendar = version.calendar_id
        if calendar is None:
            return None
        if calendar not in self._calendars:
            self._calendars[calendar] = hours.versions_of(calendar)
        return hours.version_among(self._calendars[calendar], at)

    def warn_at(self, version_id: int) -> float:
        """The part of its time at which a clock under this version warns first."""
        return (policies.version(version_id).warn_owner_percent or self.usual[0]) / 100


@dataclass(slots=True)
class Running:
    """One clock of one ticket; ``row`` is what is written."""

    row: dict[str, Any]
    hours: BusinessHours
    pauses: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        return self.row["stopped_at"] is None and self.row["cancelled_at"] is None

    def spans(self) -> list[timeline.Pause]:
        return [timeline.Pause(one["started_at"], one["ended_at"]) for one in self.pauses]

    def point(self, fraction: float) -> datetime | None:
        target = self.row["target_seconds"]
        if target is None:
            return None
        return timeline.at_fraction(self.row["started_at"], target, self.hours, self.spans(), fraction)


class Clocks:
    """All clocks of one ticket, told what happens in the order of ``tickets.clocks``."""

    def __init__(self, desk: Any, ticket: dict[str, Any]) -> None:
        self.desk, self.ticket = desk, ticket
        self.all: list[Running] = []

    # --- what the verbs call ------------------------------------------------

    def start_on_message(self, entry: dict[str, Any], at: datetime, *, live_by: int | None = None) -> None:
        known = {clock.row["metric"] for clock in self.all if clock.row["cancelled_at"] is None}
        if Metric.RESOLUTION not in known:
            self._begin(Metric.RESOLUTION, at, entry)
        ticket = self.ticket
        ticket["last_customer_at"] = max(ticket["last_customer_at"] or at, at)
        is_first = Metric.FIRST_RESPONSE not in known
        if live_by is not None:
            if is_first:
                self._begin(Metric.FIRST_RESPONSE, at, entry, is_live=True)
            self.answer(entry, at, by=live_by)
            return
        waiting = next(self.running(*RESPONSES), None)
        if waiting is None:
            self._begin(Metric.FIRST_RESPONSE if is_first else Metric.NEXT_RESPONSE, at, entry)
        ticket["unanswered_since"] = min(ticket["unanswered_since"] or at, at)

    def answer(self, entry: dict[str, Any] | None, at: datetime, *, by: int) -> None:
        for clock in self.running(*RESPONSES):
            if clock.row["started_at"] <= at:
                self._stop(clock, at, agent=by, entry=entry["id"] if entry else None)
        ticket = self.ticket
        ticket["last_staff_at"] = max(ticket["last_staff_at"] or at, at)
        if ticket["unanswered_since"] and ticket["unanswered_since"] <= at:
            ticket["unanswered_since"] = None

    def pause(self, at: datetime) -> None:
        for clock in self.running(Metric.RESOLUTION):
            if not policies.version(clock.row["policy_version_id"]).pauses_on_pending:
                continue
            self._add_pause(clock, ClockPause.Cause.PENDING, max(at, clock.row["started_at"]), None)
            clock.row["paused_at"] = clock.pauses[-1]["started_at"]

    def unpause(self, at: datetime) -> None:
        for clock in self.running(Metric.RESOLUTION):
            self._end_pause(clock, at)

    def resolve(self, at: datetime, *, by: int | None) -> None:
        for clock in self.running(Metric.RESOLUTION):
            self._end_pause(clock, at)
            self._stop(clock, at, agent=by, entry=None)
        for clock in self.running(*RESPONSES):
            self._stop(clock, at, agent=by, entry=None)
        self.ticket["unanswered_since"] = None

    def reopen(self, at: datetime) -> None:
        if any(self.running(Metric.RESOLUTION)):
            return
        stopped = [clock for clock in self.all if clock.row["metric"] == Metric.RESOLUTION and clock.row["stopped_at"]]
        for clock in stopped[-1:]:
            since = clock.row["stopped_at"]
            clock.row.update(stopped_at=None, stopped_by_id=None, elapsed_seconds=None, team_id=None, agent_id=None)
            self._add_pause(clock, ClockPause.Cause.RESOLVED, since, max(at, since))

    def cancel(self, at: datetime) -> None:
        for clock in self.running():
            clock.row["cancelled_at"] = at

    def policy_changed(self, at: datetime) -> None:
        """As ``reprioritise``: run on under the policy that fits now; a shorter target leaves a quarter of itself."""
        for clock in self.running():
            row = clock.row
            version = self.desk.promises.policy(self._facts(), row["terms_at"])
            counted = self.desk.promises.hours(version, row["terms_at"])
            promised = version.target_for(row["metric"], self.ticket["priority"])
            if (version.pk, counted, promised) == (
                row["policy_version_id"], row["hours_id"], row["promised_seconds"],
            ):  # fmt: skip
                continue
            before, was, target = clock.point(1), row["policy_id"], promised
            clock.hours = hours.of_version(counted)
            if target is not None and not (row["target_seconds"] is not None and target >= row["target_seconds"]):
                elapsed = timeline.elapsed_seconds(row["started_at"], at, clock.hours, clock.spans())
                target = max(target, elapsed + -(-target // 4))
            row.update(
                policy_id=version.policy_id, policy_version_id=version.pk, hours_id=counted,
                promised_seconds=promised, target_seconds=target,
            )  # fmt: skip
            self.desk.due_changes.add(
                clock_id=row["id"], cause=DueChange.Cause.POLICY, changed_at=at, due_before=before,
                due_after=clock.point(1), policy_before_id=was,
            )  # fmt: skip

    def settle(self, now: datetime) -> None:
        """When the story is told: due times, when enforcement looks again, and where the ticket stands in the queue."""
        first = FAR_FUTURE
        for clock in self.all:
            row = clock.row
            row["due_at"] = due = clock.point(1)
            if not clock.is_running:
                continue
            if due is not None and due <= now and not self.desk.is_enforced:
                self._note_breach(clock, now)
            if self.desk.is_enforced and row["breached_at"] is None:
                looks = (clock.point(self.desk.promises.warn_at(row["policy_version_id"])), due)
                row["next_at"] = min((look for look in looks if look), default=None)
            if due is not None:
                first = min(first, due)
        self.ticket["queue_at"] = first

    # --- one clock ----------------------------------------------------------

    def running(self, *metrics: str) -> Iterator[Running]:
        return (clock for clock in self.all if clock.is_running and (not metrics or clock.row["metric"] in metrics))

    def _facts(self) -> Facts:
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

    def _begin(self, metric: str, at: datetime, entry: dict[str, Any], *, is_live: bool = False) -> None:
        version = self.desk.promises.policy(self._facts(), at)
        counted = self.desk.promises.hours(version, at)
        target = version.target_for(metric, self.ticket["priority"])
        row = self.desk.clocks.add(
            ticket_id=self.ticket["id"], metric=metric, policy_id=version.policy_id, policy_version_id=version.pk,
            hours_id=counted, terms_at=at, promised_seconds=target, target_seconds=target, started_at=at,
            started_by_id=entry["id"], is_live=is_live, due_at=None, next_at=None, paused_at=None, breached_at=None,
            breach_recorded_at=None, stopped_at=None, stopped_by_id=None, elapsed_seconds=None, team_id=None,
            agent_id=None, cancelled_at=None,
        )  # fmt: skip
        self.all.append(Running(row, hours.of_version(counted)))

    def _stop(self, clock: Running, at: datetime, *, agent: int | None, entry: int | None) -> None:
        row = clock.row
        at = max(at, row["started_at"])
        self._note_breach(clock, at)
        elapsed = int((at - row["started_at"]).total_seconds())
        elapsed -= timeline.paused_seconds(row["started_at"], at, clock.spans()) if clock.pauses else 0
        row.update(
            stopped_at=at, stopped_by_id=entry, elapsed_seconds=elapsed,
            team_id=self.ticket["team_id"], agent_id=agent or self.ticket["assignee_id"],
        )  # fmt: skip

    def _note_breach(self, clock: Running, at: datetime) -> None:
        row, due = clock.row, clock.point(1)
        if row["breached_at"] is not None or due is None or due >= at:
            return
        row["breached_at"], row["breach_recorded_at"] = due, self.desk.now
        self.desk.record(
            self.ticket, "sla_breached", at=due, clock=row["id"], metric=str(row["metric"]), policy=row["policy_id"],
            late_seconds=max(int((at - due).total_seconds()), 0),
        )  # fmt: skip

    def _add_pause(self, clock: Running, cause: str, start: datetime, end: datetime | None) -> None:
        clock.pauses.append(
            self.desk.pauses.add(clock_id=clock.row["id"], cause=cause, hold_id=None, started_at=start, ended_at=end)
        )

    def _end_pause(self, clock: Running, at: datetime) -> None:
        for pause in clock.pauses:
            if pause["ended_at"] is None:
                pause["ended_at"] = max(at, pause["started_at"])
        clock.row["paused_at"] = None
