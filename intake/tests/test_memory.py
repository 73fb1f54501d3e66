"""A file five times as long takes no more memory."""

from __future__ import annotations

import tracemalloc

from intake.importing import staging
from intake.tests.test_killed import log_of


def test_memory_does_not_grow_with_the_file(importing, counts, monkeypatch):
    monkeypatch.setattr(staging, "CASES", 20)
    monkeypatch.setattr(staging, "AT_ONCE", 100)
    importing(log_of(5), "--map", str(importing.mapping()), "--dry-run")  # what is loaded once is loaded

    peaks = []
    for cases in (200, 1000):
        content = log_of(cases).encode()
        tracemalloc.start()
        told = importing(content, "--map", str(importing.mapping()), "--dry-run")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert told.counts == counts(created=cases)

    assert peaks[1] < 2 * peaks[0]  # rows held at once would be four times as much; ids are drawn in growing portions
