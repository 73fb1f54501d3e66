"""Events in words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.utils import timezone

import tickets
from desk.tickets import story
from events.models import Event

ROOM = Path(tickets.__file__).parent


def kinds() -> set[str]:
    """Every kind of event that the code of tickets tells of."""
    found = set()
    for path in ROOM.rglob("*.py"):
        if "tests" in path.relative_to(ROOM).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            named = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("tell", "_tell", "_tell_placed")
            if named and len(node.args) > 1:
                words = (w.value for w in ast.walk(node.args[1]) if isinstance(w, ast.Constant))
                found |= {f"ticket.{word}" for word in words if isinstance(word, str)}
    return found


def test_every_kind_has_words():
    told = kinds()

    assert len(told) > 40
    assert told - set(story.WORDS) == set()


@pytest.mark.parametrize("kind", sorted(story.WORDS))
def test_an_event_without_data_still_reads(kind):
    event = Event(kind=kind, actor_kind="system", happened_at=timezone.now(), data={})

    line = story.line(event, story.Names({}, {}, "Carol"))

    assert line.text
    assert "%(" not in line.text
