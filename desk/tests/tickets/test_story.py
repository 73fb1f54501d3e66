"""Events in words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

import tickets
from desk.tickets import story
from events.models import Event
from tickets import lifecycle

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


@pytest.mark.django_db
def test_a_bare_thank_you_offers_to_reopen_and_leaves_it_resolved__T3(client, alice, carol, taken_ticket):
    lifecycle.reply(taken_ticket, by=alice, text="Put the fire out.")
    lifecycle.resolve(taken_ticket, by=alice)
    lifecycle.receive(taken_ticket, person=carol, text="Thank you!")
    client.force_login(alice)

    html = client.get(reverse("desk:ticket", args=[taken_ticket.number])).content.decode()

    taken_ticket.refresh_from_db()
    assert taken_ticket.status == "resolved"
    assert "The customer only said thank you" in html
    assert reverse("desk:reopen", args=[taken_ticket.number]) in html


@pytest.mark.django_db
def test_without_thanks_there_is_no_such_offer__T3(client, alice, taken_ticket):
    lifecycle.reply(taken_ticket, by=alice, text="Put the fire out.")
    lifecycle.resolve(taken_ticket, by=alice)
    client.force_login(alice)

    html = client.get(reverse("desk:ticket", args=[taken_ticket.number])).content.decode()

    assert "only said thank you" not in html
