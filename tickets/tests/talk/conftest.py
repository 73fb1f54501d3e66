"""What the tests of the conversation share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from customers.models import Person
from events.models import Event
from staff.models import Team
from tickets import lifecycle
from tickets.models import Channel, Ticket


@pytest.fixture(autouse=True)
def attachments_folder(settings: Any, tmp_path: Path) -> Path:
    """Files of a test go to a folder of its own."""
    folder = tmp_path / "attachments"
    settings.STORAGES = {
        **settings.STORAGES,
        "attachments": {"BACKEND": "tickets.storage.DurableFiles", "OPTIONS": {"location": folder}},
    }
    return folder


@pytest.fixture
def file() -> Callable[..., ContentFile]:
    """``file("a.txt", b"bytes")``."""

    def make(name: str = "a.txt", content: bytes = b"Some words.") -> ContentFile:
        return ContentFile(content, name=name)

    return make


@pytest.fixture
def mailed(carol: Person, tier1: Team, monday: datetime) -> Ticket:
    """Carol wrote on Monday at nine; the ticket is new."""
    return lifecycle.open_ticket(
        requester=carol, subject="Printer", text="It smokes.", channel=Channel.EMAIL, by=carol, team=tier1, at=monday
    )


@pytest.fixture
def events_of() -> Callable[[Ticket], list[Event]]:
    """The events of a ticket in their order."""
    return lambda ticket: list(Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk))
