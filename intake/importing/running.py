"""One run over one file: staged, built, loaded in batches, each of which stands or falls as a whole."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import Refused
from events.models import Event
from intake.importing.eventlog import EventLog
from intake.importing.mapping import EventMap, RecordMap
from intake.importing.people import People
from intake.importing.plan import Act, BadRow, Plan, digest, fact
from intake.importing.reading import CsvFile, JsonFile, Read, TextFile, Unusable
from intake.importing.records import Records
from intake.importing.rejected import Rejected
from intake.importing.staging import Stage, Staged, has_nul, longest
from intake.models import ImportedCase, ImportRun
from tickets import loading
from tickets.loading import TEXT_LIMIT, LoadedTicket

LOCK = 0x1A4E
Progress = Callable[[str, int, int], None]
"""Told the stage (``read`` or ``load``), how far it is, and how far it goes."""


@dataclass(slots=True)
class Outcome:
    """Tickets by what became of them, and exact duplicates among the rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    duplicates: int = 0


@dataclass(slots=True)
class Job:
    """What is asked for: ``rejected`` None writes no file of rejected rows."""

    path: Path
    format: str
    mapping: EventMap | RecordMap
    time_zone: str
    is_live: bool = False
    is_dry: bool = False
    rejected: Path | None = None
    progress: Progress = field(default=lambda _stage, _done, _total: None)


def run(job: Job) -> Outcome:
    """Import the file. Raises ``Unusable`` before any ticket was made; run it again after a crash."""
    with TextFile(job.path) as text, _alone(job.mapping.source):
        file: CsvFile | JsonFile = JsonFile(text) if job.format == "json" else CsvFile(text, job.mapping.delimiter)
        rejected = Rejected(job.rejected, list(file.header))
        try:
            if job.is_dry:
                with transaction.atomic():
                    outcome = Run(job, text, file, rejected).carry_out()
                    transaction.set_rollback(True)
            else:
                outcome = Run(job, text, file, rejected).carry_out()
        except BaseException:
            rejected.abandon()
            raise
        rejected.finish()
        return outcome


class Run:
    """The state of one run."""

    def __init__(self, job: Job, text: TextFile, file: CsvFile | JsonFile, rejected: Rejected) -> None:
        self.job, self.text, self.file, self.rejected = job, text, file, rejected
        header = None if isinstance(file, JsonFile) else list(file.header)
        self.dialect: EventLog | Records
        if isinstance(job.mapping, EventMap):
            self.dialect = EventLog(job.mapping, header or [], file.twice, job.time_zone)
        else:
            self.dialect = Records(job.mapping, header, file.twice, job.time_zone)
        self.outcome, self.now = Outcome(), timezone.now()
        self.source = job.mapping.source
        self.people = People(self.source, now=self.now)

    def carry_out(self) -> Outcome:
        """Stage all rows, then build and load case by case."""
        row = ImportRun.objects.create(
            source=self.source, file_name=self.job.path.name[:255], started_at=self.now, is_dry=self.job.is_dry,
            first_response_from=self.job.mapping.first_response_from,
        )  # fmt: skip
        self.stage = Stage(row)
        self.stage.clear()
        try:
            self._read()
            self._load()
        finally:
            if not connection.needs_rollback:
                self.stage.clear()
        ended, told = timezone.now(), self.outcome
        ImportRun.objects.filter(pk=row.pk).update(
            ended_at=ended, created=told.created, updated=told.updated, unchanged=told.unchanged, rejected=told.rejected
        )
        return told

    def _read(self) -> None:
        rows = 0
        for rows, read in enumerate(self.file.rows(), start=1):
            case, at, problem = self._judge(read)
            if case:
                self.stage.put(read, case, at, problem)
            else:
                self.outcome.rejected += 1
                self.rejected.add(read.line, problem, read.values)
            if rows % 1000 == 0:
                self.job.progress("read", self.text.position, self.text.size)
        if not rows:
            raise Unusable(_("%(file)s has no rows.") % {"file": self.job.path})
        self.stage.flush()
        self.job.progress("read", self.text.size, self.text.size)

    def _judge(self, read: Read) -> tuple[str, datetime | None, str]:
        try:
            case, at, problem = self.dialect.stage(read.values)
        except ValueError as error:
            case, at, problem = "", None, str(error)
        if has_nul(read.values):
            problem = _("It holds a NUL character.")
        elif longest(read.values) > TEXT_LIMIT:
            problem = _("A field is longer than %(limit)d characters.") % {"limit": TEXT_LIMIT}
        if not case:
            problem = problem or _("It belongs to no case.")
        return case.replace("\0", "\u2400"), at, read.problem or problem

    # --- case by case -------------------------------------------------------

    def _load(self) -> None:
        total, done = self.stage.count(), 0
        self.job.progress("load", 0, total)
        for batch in self.stage.batches():
            plans: list[Plan] = []
            kept: dict[str, list[Staged]] = {}
            for case, rows in self.stage.cases([case for case, fits in batch if fits]):
                plan = self._build(case, rows)
                if plan is not None:
                    plans.append(plan)
                    kept[case] = rows
            for case in (case for case, fits in batch if not fits):
                self._reject(self.stage.rows(case), None, _("Its case has more rows than a ticket can have."))
            self._write(plans, kept)
            done += len(batch)
            self.job.progress("load", done, total)

    def _build(self, case: str, rows: list[Staged]) -> Plan | None:
        bad = next(((line, problem) for line, _at, _values, problem in rows if problem), None)
        if bad is not None:
            self._reject(iter(rows), bad[0], bad[1])
            return None
        distinct: list[tuple[int, datetime, Any]] = []
        seen: set[str] = set()
        for line, at, values, _problem in rows:
            if at is not None and (whole := fact(values)) not in seen:
                seen.add(whole)
                distinct.append((line, at, values))
        self.outcome.duplicates += len(rows) - len(distinct)
        try:
            return self.dialect.build(case, distinct)
        except BadRow as bad_row:
            self._reject(iter(rows), bad_row.line, bad_row.reason)
            return None

    def _reject(self, rows: Iterator[Staged], line: int | None, reason: str) -> None:
        """The whole case stays out; each of its rows says why."""
        self.outcome.rejected += 1
        for at_line, _at, values, problem in rows:
            why = problem or (reason if line is None or at_line == line else "")
            why = why or _("Line %(line)d of the same case: %(reason)s") % {"line": line, "reason": reason}
            self.rejected.add(at_line, why, values)

    def _write(self, plans: list[Plan], kept: dict[str, list[Staged]]) -> None:
        """All of them in one transaction; when that fails, each in its own, so that only the bad ones stay out."""
        if not plans:
            return
        try:
            with transaction.atomic():
                told = Batch(self, plans).write()
        except (Refused, DatabaseError) as error:
            if isinstance(error, DatabaseError) and not connection.is_usable():
                raise
            if len(plans) > 1:
                for plan in plans:
                    self._write([plan], kept)
                return
            self._reject(iter(kept[plans[0].case_id]), None, _one_line(error))
            return
        self.outcome.created += told.created
        self.outcome.updated += told.updated
        self.outcome.unchanged += told.unchanged


class Batch:
    """Some plans, written together."""

    def __init__(self, run: Run, plans: list[Plan]) -> None:
        self.run, self.plans, self.told = run, plans, Outcome()

    def write(self) -> Outcome:
        """Create what is new, go on with what has more to tell, leave what is the same."""
        known = {
            row.case_id: row
            for row in ImportedCase.objects.select_for_update().filter(
                source=self.run.source, case_id__in=[plan.case_id for plan in self.plans]
            )
        }
        new = [plan for plan in self.plans if plan.case_id not in known]
        more: list[tuple[Plan, ImportedCase]] = []
        for plan in self.plans:
            if (before := known.get(plan.case_id)) is None:
                continue
            if (digest(plan.facts), plan.state) == (before.digest, before.state):
                self.told.unchanged += 1
            elif digest(plan.facts[: before.facts]) == before.digest:
                more.append((plan, before))
            else:
                raise Refused(
                    _("Rows that were imported before have changed; history is never rewritten."),
                    code="rewritten", rule="T6",
                )  # fmt: skip
        self.run.people.learn([*new, *(plan for plan, _before in more)])
        self._create(new)
        self._extend(more)
        return self.told

    def _create(self, plans: list[Plan]) -> None:
        self.told.created = len(plans)
        if not plans or self.run.job.is_dry:
            return
        loaded = loading.load([self._ticket(plan, plan.acts) for plan in plans], **self._how())
        ImportedCase.objects.bulk_create(
            ImportedCase(
                source=self.run.source, case_id=plan.case_id, ticket_id=ticket, digest=digest(plan.facts),
                facts=len(plan.facts), state=plan.state, imported_at=self.run.now,
            )
            for plan, ticket in zip(plans, loaded.ticket_ids, strict=True)
        )  # fmt: skip

    def _extend(self, more: list[tuple[Plan, ImportedCase]]) -> None:
        self.told.updated = len(more)
        if not more:
            return
        loading.refuse_worked_on([before.ticket_id for _plan, before in more])
        if self.run.job.is_dry:
            return
        batch = []
        for plan, before in more:
            acts = [act for act in plan.acts if act.item >= before.facts or act.item < 0]
            batch.append((before.ticket_id, self._ticket(plan, acts)))
        loading.extend(batch, **self._how())
        for plan, before in more:
            before.digest, before.facts, before.state = digest(plan.facts), len(plan.facts), plan.state
            before.save(update_fields=["digest", "facts", "state"])

    def _how(self) -> dict[str, Any]:
        return {"origin": Event.Origin.IMPORT, "is_enforced": self.run.job.is_live, "now": self.run.now}

    def _ticket(self, plan: Plan, acts: list[Act]) -> LoadedTicket:
        people = self.run.people
        return LoadedTicket(
            requester=people.persons[plan.requester.key], subject=plan.subject, text=plan.text, html=plan.html,
            channel=plan.channel, at=plan.at, steps=[self._step(act) for act in acts],
            opened_by=people.agents[plan.opened_by.key] if plan.opened_by else None,
            type=plan.type, impact=plan.impact, urgency=plan.urgency,
            team=people.teams[plan.team.key] if plan.team else None, language=plan.language, custom=plan.custom,
            external_source=self.run.source, external_id=plan.case_id,
        )  # fmt: skip

    def _step(self, act: Act) -> loading.Step:
        people, more = self.run.people, dict(act.said)
        if act.person:
            more["person"] = people.persons[act.person.key]
        if act.to:
            more["to"] = people.agents[act.to.key]
        if act.team:
            more["team"] = people.teams[act.team.key]
        return act.kind(at=act.at, by=people.agents[act.by.key] if act.by else None, **more)


@contextmanager
def _alone(source: str) -> Iterator[None]:
    """One import of a source at a time: a second one would stage the same cases."""
    key = zlib.crc32(source.encode()) & 0x7FFFFFFF
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, key])
        (got,) = cursor.fetchone()
    if not got:
        raise Unusable(_("Another import from “%(source)s” is running.") % {"source": source})
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, key])


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
