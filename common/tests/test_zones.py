"""The list of time zones."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest

from common import zones


def test_names_are_the_machines() -> None:
    assert zones.names() == available_timezones()


def test_the_files_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    known = zones.names()

    monkeypatch.setattr("common.zones.available_timezones", lambda: pytest.fail("The files were read again."))

    assert zones.names() is known
