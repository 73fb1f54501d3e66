"""What only the life of a ticket brings, and no import: an answer that does not stand, merging, what is given back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sla.models import Metric
from sla.policies import Facts
from staff import hours
from tickets.clocks.reckoning import RESPONSES
from tickets.loading.measuring import Clocks, Row, Running
from tickets.models import ClockPause, DueChange

STAYS = ("warned_75_at", "warned_90_at", "breached_at", "breach_recorded_at")
"""As in ``tickets.lifecycle._snapshots``: what happened to a clock meanwhile stays (S5)."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One clock as it stood before an act that can be taken back."""

    clock: Running
    row: Row
    pauses: list[Row]
    not_before: datetime | None
    reinstated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person of the desk said to the customer, and stands."""

    entry: int
    at: datetime
    author: int


class LivingClocks(Clocks):
    """All clocks of one ticket through its whole life."""

    # --- an answer that did not stand -----------------------------------------

    def reinstate(self, entry: int, answers: Sequence[Answer], at: datetime) -> None:
        """What the answer had stopped runs again from its start; another answer since then takes its place."""
        stopped = [clock for clock in self.counted(*RESPONSES) if clock.row["stopped_by_id"] == entry]
        for clock in sorted(stopped, key=lambda one: one.row["started_at"]):
            self._run_again(clock, answers, at)
        self._not_informed(entry, at)
        self.ticket["last_staff_at"] = max((answer.at for answer in answers), default=None)
        starts = [clock.row["started_at"] for clock in self.running(*RESPONSES)]
        self.ticket["unanswered_since"] = min(starts, default=None)

    def _run_again(self, clock: Running, answers: Sequence[Answer], at: datetime) -> None:
        for other in self.running(*RESPONSES):
            other.row["cancelled_at"] = at
        self.unstop(clock)
        clock.reinstated_at = at if clock.row["breached_at"] else None
        self.change(clock, DueChange.Cause.REINSTATED, at, before=None, was=clock.row["policy_id"])
        later = [answer for answer in answers if answer.at >= clock.row["started_at"]]
        other_answer = min(later, key=lambda answer: (answer.at, answer.entry), default=None)
        if other_answer is not None:
            self.stop(clock, other_answer.at, agent=other_answer.author, entry=other_answer.entry)

    def _not_informed(self, entry: int, at: datetime) -> None:
        """The wait that the answer had ended runs on, up to the next word if there was one; its own is none."""
        counted = list(self.counted(Metric.KEEP_INFORMED))
        own = next((clock for clock in counted if clock.row["started_by_id"] == entry), None)
        before = [clock for clock in counted if clock.row["stopped_by_id"] == entry]
        if own is not None:
            own.row["cancelled_at"] = at
        for clock in sorted(before, key=lambda one: one.row["started_at"])[-1:]:
            end = self._end(clock, own)
            self.unstop(clock)
            if end is not None:
                self.stop(clock, end[0], agent=end[1], entry=end[2])
            else:
                clock.reinstated_at = at if clock.row["breached_at"] else None
            self.change(clock, DueChange.Cause.REINSTATED, at, before=None, was=clock.row["policy_id"])

    def _end(self, clock: Running, own: Running | None) -> tuple[datetime, int | None, int | None] | None:
        """When the wait was over, who had it then and by which word; None while it still runs."""
        if own is not None:
            row = own.row
            return (row["stopped_at"], row["agent_id"], row["stopped_by_id"]) if row["stopped_at"] else None
        since, agent = clock.row["stopped_at"], clock.row["agent_id"]
        met = [when for one in self.counted(Metric.RESOLUTION) for when in _resolved(one) if when >= since]
        if met:
            return min(met), agent, None
        rows = [
            one.row for one in self.counted(Metric.KEEP_INFORMED)
            if one is not clock and one.row["started_at"] >= since
        ]  # fmt: skip
        after = min(rows, key=lambda row: row["started_at"], default=None)
        return (after["started_at"], agent, after["started_by_id"]) if after else None

    # --- passing on -------------------------------------------------------------

    def start_transfer(self, transfer: int, to_team: int, at: datetime) -> None:
        """X3: it counts under the policy of the team that is asked, where that sets a time."""
        self.desk.asked_teams[transfer] = to_team
        facts = replace(self.facts(), team_id=to_team)
        version = self.desk.promises.policy(facts, at)
        if version.target_for(Metric.TRANSFER, facts.priority) is not None:
            self.begin(Metric.TRANSFER, at, None, facts=facts).row["transfer_id"] = transfer

    def stop_transfer(self, transfer: int, at: datetime, *, by: int | None) -> None:
        """Accepted, refused, taken back, or over."""
        for clock in self.running(Metric.TRANSFER):
            if clock.row["transfer_id"] == transfer:
                self.stop(clock, at, agent=by, entry=None)
                clock.row["team_id"] = self.desk.asked_teams[transfer]

    # --- merging ----------------------------------------------------------------

    def move_to(self, target: LivingClocks, at: datetime) -> None:
        """T11: the earliest unanswered message of both sets the target's response clock; these clocks end."""
        waiting = min(self.running(*RESPONSES), key=lambda clock: clock.row["started_at"], default=None)
        if waiting is not None:
            target.take_over(waiting)
        self.cancel(at)
        mine, theirs = self.ticket, target.ticket
        for name, pick in (("unanswered_since", min), ("last_customer_at", max), ("last_staff_at", max)):
            theirs[name] = pick((when for when in (mine[name], theirs[name]) if when), default=None)
        mine["unanswered_since"] = None

    def take_over(self, waiting: Running) -> None:
        """Another ticket's wait becomes this one's, from when it began."""
        start, entry = waiting.row["started_at"], waiting.row["started_by_id"]
        own = next(self.running(*RESPONSES), None)
        if own is None:
            answered = any(self.counted(Metric.FIRST_RESPONSE))
            self.begin(Metric.NEXT_RESPONSE if answered else Metric.FIRST_RESPONSE, start, entry)
        elif start < own.row["started_at"]:
            self.begin_earlier(own, start, entry)

    # --- taking back ----------------------------------------------------------

    def snapshot(self) -> list[Kept]:
        """The clocks that count, as they are now."""
        return [
            Kept(clock, dict(clock.row), [dict(one) for one in clock.pauses], clock.not_before, clock.reinstated_at)
            for clock in self.counted()
        ]

    def give_back(self, before: Sequence[Kept], at: datetime) -> None:
        """The clocks run as they ran; later ones are cancelled."""
        known = {id(kept.clock) for kept in before}
        for clock in self.counted():
            if id(clock) not in known:
                clock.row["cancelled_at"] = at
        self.give_back_these(before)

    def give_back_these(self, before: Sequence[Kept]) -> None:
        """These clocks as they were; what they have missed meanwhile stays missed (S5)."""
        for kept in before:
            stays = {name: kept.clock.row[name] for name in STAYS if kept.clock.row[name] is not None}
            kept.clock.row.clear()
            kept.clock.row.update({**kept.row, **stays})
            kept.clock.pauses[:] = [dict(one) for one in kept.pauses]
            kept.clock.hours = hours.of_version(kept.row["hours_id"])
            kept.clock.not_before, kept.clock.reinstated_at = kept.not_before, kept.reinstated_at
            if kept.clock.is_running:
                kept.clock.recounted()

    def give_back_starts(self, before: Sequence[Kept], brought: Collection[int]) -> None:
        """As ``tickets.lifecycle._snapshots``: waits that count from what was brought count from their own again."""
        running = list(self.running(*RESPONSES))
        for kept in before:
            if any(kept.clock is one for one in running) and kept.clock.row["started_by_id"] in brought:
                self.begin_earlier(kept.clock, kept.row["started_at"], kept.row["started_by_id"])

    def counted(self, *metrics: str) -> Iterator[Running]:
        """The clocks that were not cancelled, stopped ones too."""
        return (
            clock for clock in self.all
            if clock.row["cancelled_at"] is None and (not metrics or clock.row["metric"] in metrics)
        )  # fmt: skip

    def apply_terms(self, at: datetime, only: Sequence[int] | None, *, as_of: datetime) -> None:
        """As ``clocks.applying``: the versions in force ``as_of`` then, for ``only`` these policies, if named."""
        is_open = False
        for clock in self.running():
            row, facts = clock.row, self._facts_of(clock)
            version = self.desk.promises.policy(facts, as_of)
            if row["terms_at"] >= as_of or (only is not None and not {row["policy_id"], version.policy_id} & set(only)):
                continue
            is_open = is_open or row["metric"] == Metric.RESOLUTION
            row["terms_at"], row["terms_known_at"] = as_of, self.desk.promises.known_at
            same = version.pk == row["policy_version_id"]
            self.retarget(clock, facts, at, cause=DueChange.Cause.CALENDAR if same else DueChange.Cause.POLICY)

        if is_open and self.ticket["last_staff_at"]:
            self.begin_informing(at)

    def _facts_of(self, clock: Running) -> Facts:
        """A transfer counts for the team that it was passed to."""
        if clock.row["metric"] == Metric.TRANSFER:
            return replace(self.facts(), team_id=self.desk.asked_teams[clock.row["transfer_id"]])
        return self.facts()

    def retarget(self, clock: Running, facts: Facts, at: datetime, *, cause: str) -> bool:
        """Left to enforcement, a breach is looked at again: no event says whether a pass had seen it before."""
        is_moved = super().retarget(clock, facts, at, cause=cause)
        if is_moved and clock.row["breached_at"]:
            clock.reinstated_at = at
        return is_moved

    # --- what enforcement did --------------------------------------------------

    def warned(self, metric: str, whom: str, at: datetime) -> Running | None:
        """The clock that was warned of, if it runs."""
        clock = next(self.running(metric), None)
        if clock is not None:
            clock.row["warned_75_at" if whom == "owner" else "warned_90_at"] = at
            clock.recounted()
        return clock

    def breached(self, metric: str, at: datetime, recorded_at: datetime) -> Running | None:
        """The clock whose breach was recorded, if it runs and was due then."""
        clock = next(self.running(metric), None)
        if clock is not None and clock.due() != at:
            return None
        if clock is not None:
            clock.row.update(breached_at=at, breach_recorded_at=recorded_at)
            clock.recounted()
        return clock

    def join(self, at: datetime) -> None:
        """An imported ticket joins enforcement: its clocks are looked at from now on."""
        for clock in self.running():
            clock.recounted(not_before=at)


def _resolved(clock: Running) -> Iterator[datetime]:
    """When the need was met: where a resolution clock stopped, for now or until it was reopened."""
    if clock.row["stopped_at"]:
        yield clock.row["stopped_at"]
    for pause in clock.pauses:
        if pause["cause"] == ClockPause.Cause.RESOLVED:
            yield pause["started_at"]
