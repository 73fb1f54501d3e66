"""An object for each word that a URL may need: carol's, in the first team. Rooms add a line for a word of theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sla.models import Policy
from staff.models import Brand
from tickets.models import Category, HoldReason

NO_TEST_OBJECT: frozenset[str] = frozenset({"desk:notice"})
"""Routes whose objects their own room tests instead; keep this empty if you can."""

BY_WORD: dict[str, Callable[[pytest.FixtureRequest], Any]] = {
    "person_id": lambda request: request.getfixturevalue("carol").pk,
    "number": lambda request: request.getfixturevalue("printer_ticket").number,
    "organisation_id": lambda request: request.getfixturevalue("acme").pk,
    "department_id": lambda request: request.getfixturevalue("warehouse").pk,
    "address_id": lambda request: request.getfixturevalue("carol").addresses.first().pk,
    "phone_id": lambda request: request.getfixturevalue("carol").phones.first().pk,
    "flag_id": lambda request: _flag(request).pk,
    "team_id": lambda request: request.getfixturevalue("tier1").pk,
    "user_id": lambda request: request.getfixturevalue("bob").pk,
    "category_id": lambda _request: Category.objects.first().pk,
    "reason_id": lambda _request: HoldReason.objects.first().pk,
    "policy_id": lambda _request: Policy.objects.first().pk,
    "brand_id": lambda _request: Brand.objects.first().pk,
    "group": lambda _request: "holds",
    "key": lambda request: "no-such-key",
    "uidb36": lambda request: "1",
    "token": lambda request: "not-a-link-of-ours",
    "pk": lambda request: request.getfixturevalue("call").pk,
}

BY_ROUTE: dict[tuple[str, str], Callable[[pytest.FixtureRequest], Any]] = {
    ("portal:attachment", "public_id"): lambda request: _attachment(request).public_id,
    ("desk:outbox_mail", "public_id"): lambda request: _mail(request).public_id,
    ("desk:outbox_again", "public_id"): lambda request: _mail(request).public_id,
}
"""Where one word means something else in one route: ``("desk:settings_value", "key")``."""


def examples(request: pytest.FixtureRequest) -> Callable[[str, str], Any]:
    """A finder: ``find(route_name, word)``; a word nobody gave an object for fails with its name."""

    def find(route: str, word: str) -> Any:
        maker = BY_ROUTE.get((route, word)) or BY_WORD.get(word)
        if maker is None:
            pytest.fail(f"Give an object for <{word}> of {route} in tests/route_examples.py.")
        return maker(request)

    return find


def _flag(request: pytest.FixtureRequest) -> Any:
    from datetime import timedelta

    from customers import flags

    carol, now = request.getfixturevalue("carol"), request.getfixturevalue("now")
    flag = carol.flags.first()
    soon = now + timedelta(days=1)
    return flag or flags.set_flag(
        carol, by=request.getfixturevalue("alice"), kind="vip", reason="Board", review_at=soon, expires_at=soon
    )


def _attachment(request: pytest.FixtureRequest) -> Any:
    from django.core.files.base import ContentFile

    from tickets import attachments

    entry = request.getfixturevalue("printer_ticket").entries.first()
    return entry.attachments.first() or attachments.keep(entry, [ContentFile(b"smoke", name="smoke.txt")])[0]


def _mail(request: pytest.FixtureRequest) -> Any:
    from notifications.models import OutgoingMail
    from notifications.outbox import queue

    ticket = request.getfixturevalue("printer_ticket")
    fields = {"sender": "desk@desk.example", "subject": "Hello", "text": "Hello", "ticket": ticket}
    return OutgoingMail.objects.first() or queue(event=None, template="reply", recipient="carol@acme.example", **fields)
