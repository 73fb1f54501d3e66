"""Every door through which somebody may push words, with what else its form needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from events import dispatch
from events.models import Event
from feedback.links import token_of
from feedback.models import Invitation
from tickets import lifecycle
from tickets.links import closure_token
from tickets.models import Entry, Ticket


@dataclass(frozen=True, slots=True)
class Door:
    """Who knocks (a fixture; nobody: ""), where, which field takes the words, and the rest of the form."""

    who: str
    path: Callable[[SimpleNamespace], str]
    takes: str
    rest: Callable[[SimpleNamespace], dict[str, Any]] = field(default=lambda _house: {})


def _ticket(route: str) -> Callable[[SimpleNamespace], str]:
    return lambda house: reverse(f"desk:{route}", args=[house.ticket.number])


def _desk(route: str) -> Callable[[SimpleNamespace], str]:
    return lambda _house: reverse(f"desk:{route}")


def _person(route: str) -> Callable[[SimpleNamespace], str]:
    return lambda house: reverse(f"desk:{route}", args=[house.carol.pk])


def _hold(house: SimpleNamespace) -> dict[str, Any]:
    return {"reason": house.reason.pk, "consent": "told", "until": (house.now + timedelta(hours=2)).isoformat()}


def _promise(house: SimpleNamespace) -> dict[str, Any]:
    return {"kind": "call_back", "due": (house.now + timedelta(hours=2)).isoformat()}


def _transfer(house: SimpleNamespace) -> dict[str, Any]:
    return {"to_team": house.billing.pk, "reason": "expertise", "consent": "told", "tried": "Water"}


def _understood(house: SimpleNamespace) -> dict[str, Any]:
    return {**_transfer(house), "understood": "Fire"}


def _properties(_house: SimpleNamespace) -> dict[str, Any]:
    return {"subject": "Fire", "type": "question", "impact": 2, "urgency": 2}


def _call(_house: SimpleNamespace) -> dict[str, Any]:
    return {"way": "phone", "direction": "in", "belongs_to": "new"}


def _submit(_house: SimpleNamespace) -> dict[str, Any]:
    return {"subject": "Help", "text": "Help me.", "type": "question", "name": "Zoe", "email": "zoe@z.example"}


DOORS: dict[str, Door] = {
    "reply": Door("alice", _ticket("reply"), "text"),
    "note": Door("alice", _ticket("note"), "text"),
    "hold": Door("alice", _ticket("hold"), "text", _hold),
    "promise": Door("alice", _ticket("promise"), "text", _promise),
    "transfer": Door("alice", _ticket("transfer"), "understood", _transfer),
    "transfer: words to the customer": Door("alice", _ticket("transfer"), "text", _understood),
    "escalate": Door("alice", _ticket("escalate"), "note_text", lambda _h: {"reason": "limit", "kind": "hierarchical"}),
    "ask for approval": Door("alice", _ticket("ask_approval"), "reason", lambda _h: {"rule": "H4"}),
    "resolve": Door("alice", _ticket("resolve"), "text"),
    "subject": Door("alice", _ticket("properties"), "subject", _properties),
    "tags": Door("alice", _ticket("properties"), "tags", _properties),
    "log a contact": Door("alice", _desk("log_contact"), "text", _call),
    "log: agreed": Door("alice", _desk("log_contact"), "agreed", lambda h: {**_call(h), "text": "They called."}),
    "log: subject": Door("alice", _desk("log_contact"), "subject", _call),
    "log: name": Door("alice", _desk("log_contact"), "person_name", lambda h: {**_call(h), "text": "They called."}),
    "new customer": Door("alice", _desk("customer_add"), "name", lambda _h: {"kind": "external"}),
    "customer's notes": Door("alice", _person("customer_edit"), "notes", lambda _h: {"name": "C", "kind": "external"}),
    "flag": Door(
        "alice", _person("customer_flag"), "reason",
        lambda h: {"kind": "vip", "review_on": f"{h.tomorrow:%Y-%m-%d}", "expires_on": f"{h.tomorrow:%Y-%m-%d}"},
    ),
    "request: text": Door("", lambda _h: reverse("portal:submit"), "text", _submit),
    "request: subject": Door("", lambda _h: reverse("portal:submit"), "subject", _submit),
    "request: name": Door("", lambda _h: reverse("portal:submit"), "name", _submit),
    "request: signed in": Door(
        "customer", lambda _h: reverse("portal:submit"), "text", lambda _h: {"subject": "Help", "type": "question"}
    ),
    "message": Door("customer", lambda h: reverse("portal:reply", args=[h.ticket.number]), "text"),
    "confirm: why": Door(
        "", lambda h: reverse("portal:confirm", args=[h.closure_token]), "why", lambda _h: {"solved": "no"}
    ),
    "survey": Door("", lambda h: reverse("portal:survey", args=[h.survey_token]), "comment", lambda _h: {"score": "2"}),
}  # fmt: skip


@pytest.fixture
def customer(carol: Any) -> User:
    """Carol, signed in at the portal."""
    user = User.objects.create_user("carol@acme.example", "a long pass phrase", name="Carol Cole")
    carol.user = user
    carol.save(update_fields=["user"])
    return user


@pytest.fixture
def house(
    taken_ticket: Ticket, make_ticket: Any, carol: Any, oscar: Any, alice: User, sara: User, customer: User, tier1: Any,
    billing: Any, hold_reasons: dict[str, Any], now: Any, tomorrow: Any, settings: Any,
) -> SimpleNamespace:  # fmt: skip
    """Carol's open ticket of Alice's, one that waits for her answer, and one whose survey was sent."""
    settings.ACCOUNT_RATE_LIMITS = {}
    asked = make_ticket(carol, "Asked", team=tier1, assignee=alice, status="open")
    closure = lifecycle.resolve(asked, by=alice)
    closed = make_ticket(oscar, "Closed", team=tier1, assignee=alice, status="open")
    lifecycle.resolve(closed, by=alice)
    lifecycle.confirm(closed, by=oscar, solved=True, via="link")
    dispatch.sweep()
    invitation = Invitation.objects.get(ticket=closed)
    invitation.status, invitation.sent_at, invitation.expires_at = "sent", now, now + timedelta(days=7)
    invitation.save(update_fields=["status", "sent_at", "expires_at"])
    return SimpleNamespace(
        ticket=taken_ticket, asked=asked, closed=closed, closure=closure, closure_token=closure_token(closure),
        invitation=invitation, survey_token=token_of(invitation), carol=carol, alice=alice, customer=customer,
        tier1=tier1, billing=billing, reason=next(iter(hold_reasons.values())), now=now, tomorrow=tomorrow,
    )  # fmt: skip


@pytest.fixture
def knock(house: SimpleNamespace) -> Callable[..., HttpResponse]:
    """``knock(door, words, **more)`` sends the form of a door; an exception in a view is a 500, as it is for people."""

    def send(door: Door, words: str, **more: Any) -> HttpResponse:
        client = Client(raise_request_exception=False)
        if door.who:
            client.force_login(getattr(house, door.who))
        return client.post(door.path(house), {**door.rest(house), door.takes: words, **more})  # type: ignore[return-value]

    return send


@pytest.fixture
def written() -> Callable[[], tuple[int, int, int]]:
    """How much stands in the books: a refusal leaves it as it was."""
    return lambda: (Event.objects.count(), Entry.objects.count(), Ticket.objects.count())
