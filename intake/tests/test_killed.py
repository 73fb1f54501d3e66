"""An import that is killed and run again ends as one that was not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from events.models import Event
from helpdesk import testing
from intake.importing import staging
from intake.models import ImportedCase, StagedRow
from intake.tests.conftest import HEADER, Importer
from tickets import loading
from tickets.models import Clock, Entry, Ticket

ROOT = Path(__file__).resolve().parents[2]
MONDAY = datetime(2012, 6, 4, 9)  # noqa: DTZ001 (a wall time, as in the file)


def log_of(cases: int) -> str:
    """A log whose cases lie scattered: all first rows, then all second rows, and so on."""
    acts = ("open", "take", "wait", "take", "resolve", "close")
    rows = [
        f"{case},{act},agent {case % 7},{MONDAY + timedelta(minutes=case, hours=hour):%Y-%m-%d %H:%M},c{case % 50},1,"
        for hour, act in enumerate(acts)
        for case in range(cases)
    ]
    return "\n".join([HEADER, *rows]) + "\n"


def dump(source: str) -> dict[str, Any]:
    """What stands on the desk from one source, without ids."""
    tickets = Ticket.objects.filter(external_source=source)
    names = dict(tickets.values_list("pk", "external_id"))
    events = Event.objects.filter(subject_kind="ticket", subject_id__in=names)
    return {
        "tickets": sorted(
            tickets.values_list("external_id", "status", "opened_at", "closed_at", "version", "event_seq")
        ),
        "events": sorted(
            (names[pk], seq, kind, at)
            for pk, seq, kind, at in events.values_list("subject_id", "subject_seq", "kind", "happened_at")
        ),
        "clocks": sorted(
            Clock.objects.filter(ticket__in=names).values_list(
                "ticket__external_id", "metric", "started_at", "stopped_at", "elapsed_seconds"
            )
        ),
        "entries": Entry.objects.filter(ticket__in=names).count(),
        "cases": sorted(ImportedCase.objects.filter(source=source).values_list("case_id", "digest", "facts")),
    }


def test_stopped_between_batches_and_run_again(importing, counts, monkeypatch):
    monkeypatch.setattr(staging, "CASES", 10)
    real, calls = loading.load, iter(range(100))

    def dies(*arguments: Any, **options: Any) -> Any:
        loaded = real(*arguments, **options)
        if next(calls) == 2:
            raise RuntimeError("as if the machine had stopped before the commit")
        return loaded

    monkeypatch.setattr(loading, "load", dies)
    with pytest.raises(RuntimeError):
        importing(log_of(50), "--map", str(importing.mapping()))
    assert Ticket.objects.count() == ImportedCase.objects.count() == 20
    monkeypatch.setattr(loading, "load", real)

    told = importing(log_of(50), "--map", str(importing.mapping()))

    assert told.counts == counts(created=30, unchanged=20)
    importing(log_of(50), "--map", str(importing.mapping(source="unkilled")))
    assert dump("old-desk") == dump("unkilled")


@pytest.mark.django_db(transaction=True)
def test_killed_and_run_again(tmp_path, counts):
    importing = Importer(tmp_path)
    (tmp_path / "log.csv").write_text(log_of(1500))
    environment = {**os.environ, "DATABASE_URL": testing.database_url(), "HELPDESK_VAR": str(settings.VAR_DIR)}
    process = subprocess.Popen(
        [
            sys.executable, "manage.py", "import_tickets", str(tmp_path / "log.csv"), "--map", str(importing.mapping()),
        ],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 300
    while not ImportedCase.objects.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    done = ImportedCase.objects.count()
    assert 0 < done < 1500

    while True:  # the server notices within moments that its client is gone
        try:
            told = importing(log_of(1500), "--map", str(importing.mapping()))
            break
        except Exception as error:
            if "Another import" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)

    assert told.counts["unchanged"] >= done
    assert told.counts["unchanged"] + told.counts["created"] == 1500
    assert not StagedRow.objects.exists()
    assert importing(log_of(1500), "--map", str(importing.mapping(source="unkilled"))).counts == counts(created=1500)
    assert dump("old-desk") == dump("unkilled")
