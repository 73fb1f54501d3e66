"""Announcements come after the commit, of what was committed alone, and never stand in anybody's way."""

import pytest
from django.db import transaction
from django.utils import timezone

from events import announcing, dispatch
from events.models import Event
from events.recording import record


@pytest.fixture
def heard(monkeypatch):
    found = []
    monkeypatch.setattr(announcing, "_announcer", found.append)
    return found


def happens(subject, **more):
    with transaction.atomic():
        return record(subject, "team.tested", by=None, at=timezone.now(), **more)


def test_what_was_committed_is_announced(heard, tier1, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        event = happens(tier1, to=7)
        assert heard == []

    assert heard == [
        {"id": event.pk, "kind": "team.tested", "subject": "team", "pk": tier1.pk, "seq": event.subject_seq,
         "actor": None, "data": {"to": 7}}
    ]  # fmt: skip


def test_imports_and_loading_are_silent(heard, tier1, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        happens(tier1, origin=Event.Origin.IMPORT)
    with dispatch.silenced(), django_capture_on_commit_callbacks(execute=True):
        happens(tier1)

    assert heard == []


def test_an_announcer_that_fails_harms_nobody(monkeypatch, tier1, django_capture_on_commit_callbacks):
    def broken(_announcement):
        raise OSError("no way out")

    monkeypatch.setattr(announcing, "_announcer", broken)

    with django_capture_on_commit_callbacks(execute=True):
        event = happens(tier1)

    assert Event.objects.filter(pk=event.pk).exists()


def test_silences_that_overlap_end_with_the_last_of_them(monkeypatch):
    heard = []
    monkeypatch.setattr(announcing, "_announcer", heard.append)
    one, other = dispatch.silenced(), dispatch.silenced()
    event = Event(pk=1, kind="ticket.opened", subject_kind="ticket", subject_id=1, subject_seq=1)

    for step in (one.__enter__, other.__enter__, lambda: one.__exit__(None, None, None)):
        step()
        announcing.announce(event)
    assert heard == []

    other.__exit__(None, None, None)
    announcing.announce(event)
    assert [said["id"] for said in heard] == [1]
