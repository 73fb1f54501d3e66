"""A small log and the command that imports it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

HEADER = "case,activity,who,when,customer,group,note"
MAPPING: dict[str, Any] = {
    "source": "old-desk",
    "timezone": "Europe/Rome",
    "columns": {"case": "case", "activity": "activity", "resource": "who", "time": "when", "text": "note"},
    "ticket": {
        "subject": "{case}", "channel": "email",
        "customer": {"column": "customer", "name": "Customer {value}"},
        "team": {"column": "group", "name": "Group {value}"},
    },
    "agent": {"name": "Agent {value}"},
    "activities": {
        "open": "opens", "take": "takes", "answer": "answers", "write": "writes", "wait": "waits",
        "escalate": "escalates", "resolve": "resolves", "close": "closes", "reopen": "reopens", "note": "notes",
    },
    "first_response_from": "take",
}  # fmt: skip


@dataclass
class Imported:
    """What one run printed and left."""

    counts: dict[str, int]
    errors: str
    rejected: list[list[str]]


@dataclass
class Importer:
    """Writes a file and imports it."""

    folder: Path

    def __call__(self, content: str | bytes, *arguments: str, name: str = "log.csv") -> Imported:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        out, err = StringIO(), StringIO()
        call_command("import_tickets", str(path), *arguments, stdout=out, stderr=err)
        (line,) = out.getvalue().splitlines()
        rejected = path.with_name(f"{path.name}.rejected.csv")
        rows: list[list[str]] = []
        if rejected.exists():
            with rejected.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.reader(file))[1:]
        return Imported(json.loads(line), err.getvalue(), rows)

    def log(self, *rows: str, extra: tuple[str, ...] = (), **changes: Any) -> Imported:
        """Import these rows of a log, below ``HEADER``."""
        return self("\n".join([HEADER, *rows]) + "\n", "--map", str(self.mapping(**changes)), *extra)

    def mapping(self, **changes: Any) -> Path:
        """The mapping of the small log, with changes."""
        path = self.folder / "map.json"
        path.write_text(json.dumps(MAPPING | changes))
        return path


@pytest.fixture
def importing(tmp_path: Path, db: None) -> Importer:
    return Importer(tmp_path)


@pytest.fixture
def counts() -> Callable[..., dict[str, int]]:
    def make(created: int = 0, updated: int = 0, unchanged: int = 0, rejected: int = 0) -> dict[str, int]:
        return {"created": created, "updated": updated, "unchanged": unchanged, "rejected": rejected}

    return make
