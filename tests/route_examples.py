"""An object for each word that a URL may need: carol's, in the first team. Rooms add a line for a word of theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from customers.models import SupportPlan
from sla.models import Policy
from staff.branding import STYLE_VERSION
from staff.models import Brand
from tickets.clocks.applying import apply as apply_terms
from tickets.models import CannedReply, Category, HoldReason

NO_TEST_OBJECT: frozenset[str] = frozenset({"desk:notice"})
"""Routes whose objects their own room tests instead; keep this empty if you can."""

BY_WORD: dict[str, Callable[[pytest.FixtureRequest], Any]] = {
    "person_id": lambda request: request.getfixturevalue("carol").pk,
    "number": lambda request: _ticket(request).number,
    "entry_id": lambda request: _ticket(request).entries.first().pk,
    "promise_id": lambda request: _ticket(request).promises.first().pk,
    "approval_id": lambda request: _approval(request).pk,
    "merge_id": lambda request: _ticket(request).merges_in.first().pk,
    "participant_id": lambda request: _ticket(request).participants.first().pk,
    "contact_id": lambda request: _ticket(request).contacts.first().pk,
    "clock_id": lambda request: _ticket(request).clocks.first().pk,
    "public_id": lambda request: _file(request).public_id,
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
    "application_id": lambda _request: apply_terms(by=None).pk,
    "plan_id": lambda _request: SupportPlan.objects.get_or_create(name="Gold")[0].pk,
    "version_id": lambda _request: Policy.objects.first().versions.first().pk,
    "calendar_id": lambda request: request.getfixturevalue("office_hours").pk,
    "brand_id": lambda _request: Brand.objects.first().pk,
    "colour": lambda _request: "3b5bdb",
    "version": lambda _request: STYLE_VERSION,
    "group": lambda _request: "holds",
    "kind": lambda _request: "reply",
    "canned_id": lambda _request: CannedReply.objects.first().pk,
    "key": lambda request: "no-such-key",
    "uidb36": lambda request: "1",
    "token": lambda request: "not-a-link-of-ours",
    "pk": lambda request: request.getfixturevalue("call").pk,
}

BY_ROUTE: dict[tuple[str, str], Callable[[pytest.FixtureRequest], Any]] = {
    ("portal:attachment", "public_id"): lambda request: _attachment(request).public_id,
    ("portal:brand_logo", "digest"): lambda _request: _logo(),
    ("desk:outbox_mail", "public_id"): lambda request: _mail(request).public_id,
    ("desk:outbox_html", "public_id"): lambda request: _mail(request).public_id,
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


def _logo() -> Any:
    from staff.branding import put_logo

    dot = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU"
    return put_logo(Brand.objects.order_by("pk")[0], dot, by=None).logo_digest


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
    fields = {"sender": "desk@desk.example", "subject": "Hello", "text": "Hello", "html": "<p>Hi</p>", "ticket": ticket}
    return OutgoingMail.objects.first() or queue(event=None, template="reply", recipient="carol@acme.example", **fields)


def _ticket(request: pytest.FixtureRequest) -> Any:
    """Carol's ticket with one of everything that an address may name."""
    from datetime import timedelta

    from staff.models import Team
    from tickets.models import Closure, Escalation, FollowUp, Participant, Promise, TicketMerge, Transfer

    ticket, alice, now = (request.getfixturevalue(name) for name in ("printer_ticket", "alice", "now"))
    if ticket.promises.exists():
        return ticket
    soon = now + timedelta(hours=4)
    elsewhere = Team.objects.create(name="Elsewhere")
    Transfer.objects.create(
        ticket=ticket, sender=alice, from_team=ticket.team, to_team=elsewhere, reason="expertise", consent="told",
        understood="Fire", tried="Water", sent_at=now, accept_by=soon,
    )  # fmt: skip
    Escalation.objects.create(ticket=ticket, kind="hierarchical", raised_by=alice, raised_at=now)
    Promise.objects.create(ticket=ticket, made_by=alice, owner=alice, made_at=now, due_at=soon, break_at=soon)
    FollowUp.objects.create(ticket=ticket, owner=alice, status="due", due_at=soon)
    Closure.objects.create(ticket=ticket, asked_at=now, asked_by=alice)
    Participant.objects.create(ticket=ticket, person=request.getfixturevalue("oscar"))
    other = request.getfixturevalue("make_ticket")(ticket.requester, "The same", team=ticket.team)
    TicketMerge.objects.create(source=other, target=ticket, merged_by=alice)
    return ticket


def _approval(request: pytest.FixtureRequest) -> Any:
    from events.models import Approval

    asked = {"act": "hold", "asked_by": request.getfixturevalue("alice")}
    return Approval.objects.get_or_create(subject_id=_ticket(request).pk, rule="H4", defaults=asked)[0]


def _file(request: pytest.FixtureRequest) -> Any:
    from django.core.files.base import ContentFile

    from tickets import attachments
    from tickets.models import Attachment

    entry = _ticket(request).entries.first()
    found = Attachment.objects.filter(entry=entry).first()
    return found or attachments.keep(entry, [ContentFile(b"smoke", name="smoke.txt")])[0]
