"""Events hold ids, codes and times, never what people wrote: every verb is done with words that a search would find."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile

from events.models import Approval, Event
from tickets import lifecycle
from tickets.models import Category, Entry, Ticket

pytestmark = pytest.mark.django_db

WORD = "Zebrafinkmarker"
"""One word without a blank, which might be taken for a code."""


class Verbs:
    """``lifecycle``, noting which verbs were used."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        self.used.add(name)
        return getattr(lifecycle, name)  # type: ignore[no-any-return]


@pytest.fixture
def fresh(make_ticket, carol, alice, tier1, now) -> Callable[[], Ticket]:
    """Another open ticket of Carol's with Alice."""
    return lambda: make_ticket(
        carol, WORD, text=WORD, at=now - timedelta(minutes=5), team=tier1, assignee=alice, first_agent=alice,
        status="open",
    )  # fmt: skip


@pytest.fixture
def cast(carol, oscar, alice, bob, bella, sara, sven, tier1, billing, hold_reasons, now):
    """Everybody is called by the word, and so is everything."""
    for person in (carol, oscar):
        person.name = person.called = WORD
        person.save(update_fields=["name", "called"])
    for thing in (alice, bob, bella, sara, sven, tier1, billing):
        thing.name = f"{WORD}-{thing.pk}"
        thing.save(update_fields=["name"])
    return {"carol": carol, "oscar": oscar, "alice": alice, "bob": bob, "bella": bella, "sara": sara, "sven": sven,
            "billing": billing, "tier1": tier1, "now": now}  # fmt: skip


def test_no_event_of_any_verb_holds_a_word__T6(cast, fresh):
    verbs = Verbs()

    for walk in (_talk, _hold, _pass_on, _escalate, _promise, _approve, _describe, _end, _merge):
        walk(verbs, fresh, **cast)

    assert set(lifecycle.__all__) - verbs.used == set()
    assert Entry.objects.filter(text=WORD).count() > 10
    for event in Event.objects.all():
        assert WORD.lower() not in json.dumps(event.data).lower(), event.kind
    assert len(set(Event.objects.values_list("kind", flat=True))) > 50


def _talk(do, fresh, *, carol, oscar, alice, bob, now, **_) -> None:
    file = [ContentFile(WORD.encode(), name=f"{WORD}.txt")]
    do.open_ticket(requester=carol, subject=WORD, text=WORD, channel="email", by=carol, tags=[WORD], files=file,
                   external_ids=[("mail", WORD)], mailbox=f"{WORD}@desk.example")  # fmt: skip
    ticket = fresh()
    do.receive(ticket, person=carol, text=WORD, external_ids=[("mail", f"{WORD}2")])
    do.withdraw_reply(do.reply(ticket, by=alice, text=WORD), by=alice)
    do.reply(ticket, by=alice, text=WORD, files=file)
    do.add_note(ticket, by=alice, text=WORD, restricted=True)
    do.await_customer(ticket, by=alice)
    do.end_contact(do.begin_contact(by=alice, person=carol, channel="phone", direction="in"), by=alice)
    do.log_contact(by=alice, person=None, channel="phone", direction="in", text=WORD, agreed=WORD, subject=WORD,
                   phone="+4930123456")  # fmt: skip
    do.log_contact(by=alice, person=carol, channel="letter", outcome="written", direction="in", text=WORD,
                   tickets=[ticket])  # fmt: skip
    do.add_participant(ticket, by=alice, person=oscar)
    do.remove_participant(ticket, by=alice, person=oscar)
    do.take(Ticket.objects.exclude(pk=ticket.pk).filter(assignee=None).first() or ticket, by=alice)
    do.assign(fresh(), by=alice, to=bob)


def _hold(do, fresh, *, alice, now, **_) -> None:
    terms = {"by": alice, "reason": "research", "consent": "told", "text": WORD}
    ticket = fresh()
    do.hold(ticket, until=now + timedelta(hours=1), **terms)
    do.extend_hold(ticket, until=now + timedelta(hours=2), **terms)
    do.resume(ticket, by=alice)
    do.refuse_consent(ticket, by=alice, act="hold")
    held = do.hold(fresh(), until=now + timedelta(hours=1), **terms)
    assert do.end_due_hold(held.pk, now + timedelta(hours=2))


def _pass_on(do, fresh, *, alice, bella, billing, now, **_) -> None:
    terms = {"by": alice, "to_team": billing, "reason": "expertise", "consent": "told", "understood": WORD,
             "tried": WORD, "promised": WORD, "text": WORD}  # fmt: skip
    ticket = fresh()
    do.refuse_transfer(do.transfer(ticket, **terms), by=bella, why=WORD)
    do.take_back_transfer(do.transfer(ticket, **terms), by=alice)
    do.accept_transfer(do.transfer(ticket, **terms), by=bella)
    do.resolve(ticket, by=bella, text=WORD)
    duty = ticket.follow_ups.get()
    do.follow_up(duty, by=alice, solved=None, text=WORD)
    do.hand_on_follow_ups(alice, at=now)
    late = do.transfer(fresh(), **terms)
    assert do.return_due_transfer(late.pk, at=late.accept_by + timedelta(days=1))


def _escalate(do, fresh, *, alice, bob, sara, now, **_) -> None:
    def raised():
        return do.escalate(fresh(), by=alice, reason="limit", note=WORD)

    do.coach_escalation(do.take_escalation(raised(), by=sara), by=sara, guidance=WORD)
    do.assign_escalation(raised(), by=sara, to=bob, guidance=WORD)
    do.decline_escalation(raised(), by=sara, why=WORD)
    waiting = raised()
    do.climb_escalation(waiting.pk, at=waiting.climbs_at + timedelta(days=1))


def _promise(do, fresh, *, alice, bob, carol, now, **_) -> None:
    ticket = fresh()

    def made():
        return do.promise(ticket, by=alice, kind="call_back", due_at=now + timedelta(hours=1), text=WORD)

    do.keep_promise(made(), by=alice)
    do.release_promise(made(), by=carol)
    call = do.begin_contact(by=alice, person=carol, channel="phone", direction="in", tickets=[ticket])
    do.take_promise(do.renew_promise(made(), by=alice, due_at=now + timedelta(hours=3), contact=call), by=bob)
    do.break_promise(made(), by=None, at=now + timedelta(days=9))
    last = made()
    do.break_due_promise(last.pk, now + timedelta(days=9))


def _approve(do, fresh, *, alice, sara, carol, now, **_) -> None:
    def asked():
        return do.ask_approval(fresh(), by=alice, rule="H4", act="hold", reason=WORD)

    do.give_approval(asked(), by=sara, note=WORD)
    do.deny_approval(asked(), by=sara, note=WORD)
    do.withdraw_approval(asked(), by=alice)
    ticket = fresh()
    for _n in range(2):
        do.hold(ticket, by=alice, reason="research", consent="told", until=now + timedelta(hours=1))
        do.resume(ticket, by=alice)
    call = do.begin_contact(by=alice, person=carol, channel="phone", direction="in", tickets=[ticket])
    do.hold(ticket, by=alice, reason="research", consent="given", until=now + timedelta(minutes=3), contact=call,
            text=WORD, named_supervisor=sara)  # fmt: skip
    do.confirm_approval(Approval.objects.get(named=sara), by=sara)


def _describe(do, fresh, *, alice, **_) -> None:
    ticket = fresh()
    do.set_subject(ticket, by=alice, subject=f"{WORD}{WORD}")
    do.set_tags(ticket, by=alice, tags=[WORD, "pump"])
    do.set_category(ticket, by=alice, category=Category.objects.first())
    do.set_priority(ticket, by=alice, impact=3, urgency=3)
    do.set_type(ticket, by=alice, type="complaint")
    do.take_step(ticket, by=alice, step="understood", text=WORD)
    do.unmark_spam(do.mark_spam(ticket, by=alice), by=alice)
    do.restore(do.trash(ticket, by=alice), by=alice)


def _end(do, fresh, *, alice, carol, now, **_) -> None:
    ticket = fresh()
    do.resolve(ticket, by=alice, text=WORD)
    do.confirm(ticket, by=carol, solved=False, via="link", why=WORD)
    do.resolve(ticket, by=alice, text=WORD)
    do.undo_confirmation(do.confirm(ticket, by=carol, solved=True, via="link", why=WORD), by=carol)
    do.reopen(ticket, by=alice, why=WORD)
    silent = do.resolve(fresh(), by=alice)
    assert do.close_silent(silent.pk, silent.silence_at + timedelta(days=1))
    do.close(do.mark_spam(fresh(), by=alice), by=alice, cause="spam")


def _merge(do, fresh, *, alice, **_) -> None:
    do.unmerge(do.merge(fresh(), into=fresh(), by=alice), by=alice)
