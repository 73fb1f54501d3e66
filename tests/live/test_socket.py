"""The socket against the real web process: hints for those who may see, the end of a session, beats, presence."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from functools import partial

import pytest
from django.conf import settings
from django.test import Client
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from events import announcing
from tickets import lifecycle

PATIENCE = 90.0  # seconds, for a machine that has other things to do


class Page:
    """An open page of somebody: what it says, what it hears."""

    def __init__(self, stack, desk, user, **more):
        client = Client()
        client.force_login(user)
        self.client, self.seq, self.last = client, 0, 0
        headers = {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
        address = desk.url.replace("http", "ws") + "/live/"
        origin = more.get("origin", desk.url)
        opened = connect(address, origin=origin, additional_headers=headers, proxy=None, open_timeout=PATIENCE)
        self.line = stack.enter_context(opened)

    def say(self, **what):
        self.line.send(json.dumps(what))

    def watch(self, ticket, seq=None):
        ticket.refresh_from_db()
        self.say(watch={"ticket": ticket.number, "seq": ticket.event_seq if seq is None else seq})
        return self.hear("beat")

    def hear(self, name, having=lambda what: True):
        """The next message of this name; others are passed over."""
        deadline = time.monotonic() + PATIENCE
        while True:
            said = json.loads(self.line.recv(timeout=max(0.1, deadline - time.monotonic())))
            if name in said and having(said[name]):
                return said[name]

    def hears(self, seconds=0.8):
        """Everything that is said for a while."""
        found, deadline = [], time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                found.append(json.loads(self.line.recv(timeout=left)))
            except TimeoutError:
                break
        return found

    def ends(self):
        """The code that the socket is closed with."""
        try:
            while True:
                self.line.recv(timeout=PATIENCE)
        except ConnectionClosed as closed:
            return closed.rcvd.code


@pytest.fixture
def opened(live_desk):
    """``opened(alice)`` is a page of Alice's."""
    with ExitStack() as stack:
        yield partial(Page, stack, live_desk)


def test_hints_presence_and_what_concerns_one(opened, alice, bob, carol, printer_ticket):
    alices, bobs = opened(alice), opened(bob)
    alices.watch(printer_ticket)
    bobs.watch(printer_ticket)

    alices.hear("presence", lambda said: said["people"] == [{"id": bob.pk, "name": "Bob", "doing": "looks"}])
    bobs.say(doing="writes")
    alices.hear("presence", lambda said: [one["doing"] for one in said["people"]] == ["writes"])
    second = opened(bob)  # another tab of Bob's: no stranger to him, no second Bob to Alice
    second.watch(printer_ticket)

    lifecycle.assign(printer_ticket, by=bob, to=alice)

    heard = alices.hear("ticket")
    printer_ticket.refresh_from_db()
    assert (heard["number"], heard["seq"], heard["mine"]) == (printer_ticket.number, printer_ticket.event_seq, False)
    assert bobs.hear("ticket")["mine"] is True
    assert alices.hear("desk")["tickets"] == [printer_ticket.number]
    assert not any("presence" in said and len(said["presence"]["people"]) > 1 for said in alices.hears())

    bobs.line.close()
    second.line.close()
    alices.hear("presence", lambda said: said["people"] == [])

    alices.say(watch=None)  # elsewhere on the desk she hears of what concerns her
    alices.hear("beat")
    lifecycle.receive(printer_ticket, person=carol, text="Are you there?")
    assert alices.hear("notice")["number"] == printer_ticket.number


def test_a_beat_finds_what_was_never_announced(opened, alice, bob, printer_ticket, monkeypatch):
    monkeypatch.setattr(announcing, "_announcer", None)  # all news are lost, those that would come late, too
    lifecycle.add_note(printer_ticket, by=bob, text="Before")
    alices = opened(alice)
    last = alices.watch(printer_ticket)["last"]
    lifecycle.take(printer_ticket, by=bob)
    printer_ticket.refresh_from_db()

    alices.say(beat={"seq": printer_ticket.event_seq - 1, "last": last})

    assert alices.hear("ticket") == {"number": printer_ticket.number, "seq": printer_ticket.event_seq}
    assert alices.hear("desk") == {"tickets": [printer_ticket.number]}
    alices.say(beat={"seq": printer_ticket.event_seq, "last": alices.hear("beat")["last"]})
    assert [said for said in alices.hears(0.5) if "beat" not in said] == []


def test_what_one_may_not_see_is_silent__T13(opened, alice, theo, sven, billing, printer_ticket):
    theos, alices = opened(theo), opened(alice)
    printer_ticket.refresh_from_db()
    theos.say(watch={"ticket": printer_ticket.number, "seq": 0})
    assert theos.hear("gone") == {"number": printer_ticket.number}
    alices.watch(printer_ticket)
    assert not [said for said in alices.hears(0.3) if "presence" in said]

    billing.is_restricted = True
    billing.save(update_fields=["is_restricted"])
    printer_ticket.team = billing
    printer_ticket.save(update_fields=["team"])
    alices.say(beat={"seq": 0, "last": 0})
    assert alices.hear("gone") == {"number": printer_ticket.number}
    sven_page = opened(sven)
    sven_page.watch(printer_ticket)
    lifecycle.take(printer_ticket, by=sven)
    assert sven_page.hear("ticket")["number"] == printer_ticket.number
    assert not [said for said in alices.hears() if said.keys() & {"ticket", "desk", "presence", "notice"}]


def test_strangers_and_the_signed_out_are_sent_away(opened, live_desk, alice, bob, make_user):
    with pytest.raises(InvalidStatus):
        opened(alice, origin="https://else.example")
    with pytest.raises(InvalidStatus):
        connect(live_desk.url.replace("http", "ws") + "/nowhere/", origin=live_desk.url, proxy=None).__enter__()
    assert opened(make_user("zoe")).ends() == 4401  # signed in, but not of the desk

    alices, bobs = opened(alice), opened(bob)
    alices.client.logout()
    alices.say(beat={"seq": 0, "last": 0})
    assert alices.ends() == 4401
    bob.is_active = False
    bob.save(update_fields=["is_active"])
    bobs.say(beat={"seq": 0, "last": 0})
    assert bobs.ends() == 4401


def test_nonsense_ends_the_line(opened, alice):
    for nonsense in ("no json", "[]", "x" * 5000):
        alices = opened(alice)
        alices.line.send(nonsense)
        assert alices.ends() == 1008


def test_the_layer_is_the_one_that_survives_redis():
    assert settings.CHANNEL_LAYERS["default"]["BACKEND"] == "channels_redis.pubsub.RedisPubSubChannelLayer"
