"""One's own letters, or none at all (WCAG 2.1.4), and one's own light."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import reverse

from accounts import own_keys
from common.errors import Malformed
from desk.account.letters import MEANINGS
from events.models import Event
from helpdesk.launch.install import ROOT

BOUND = re.compile(r'data-key="([^"{]+)"|\bkey="([a-z/])"')


def test_every_key_of_a_page_can_be_changed():
    sources = [*Path(ROOT / "templates").rglob("*.html"), *Path(ROOT / "desk").rglob("*.py")]
    bound = {a or b for path in sources for a, b in BOUND.findall(path.read_text(encoding="utf-8"))}

    assert {"c", "/", "h", "n"} <= bound
    assert bound <= set(own_keys.LETTERS)
    assert set(MEANINGS) == set(own_keys.LETTERS)


def test_only_what_differs_is_kept():
    assert own_keys.cleaned({"h": "R", "r": "h", "c": " ", "t": "ф", "e": "e"}) == {
        "h": "r",
        "r": "h",
        "c": "",
        "t": "ф",
    }


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"h": "r"}, "key_taken"),
        ({"h": "?"}, "bad_key"),
        ({"h": "1"}, "bad_key"),
        ({"h": "ab"}, "bad_key"),
        ({"h": "\u200b"}, "bad_key"),
    ],
)
def test_a_key_does_one_thing_and_is_one_sign(wanted, code):
    with pytest.raises(Malformed) as refused:
        own_keys.cleaned(wanted)

    assert (refused.value.code, refused.value.field[:4]) == (code, "key_")


@pytest.fixture
def desk(client, alice):
    client.force_login(alice)
    return client


def typed(**changes: str) -> dict[str, str]:
    return {f"key_{letter}": changes.get(letter, letter) for letter in own_keys.LETTERS} | {"keys_enabled": "on"}


def test_one_changes_ones_own_keys(desk, alice):
    assert desk.post(reverse("desk:account_keys"), typed(h="y", c="")).status_code == 302

    alice.refresh_from_db()
    assert (alice.own_keys, alice.keys_enabled) == ({"h": "y", "c": ""}, True)
    assert 'data-own-keys="{&quot;' in desk.get(reverse("desk:account")).content.decode()
    assert Event.objects.get(kind="staff.account_changed").data["fields"] == ["own_keys"]


def test_two_acts_on_one_key_are_refused_and_nothing_is_kept(desk, alice):
    response = desk.post(reverse("desk:account_keys"), typed(h="r"))

    assert response.status_code == 422
    assert "is taken already" in response.content.decode()
    alice.refresh_from_db()
    assert alice.own_keys == {}


def test_the_keys_come_back_as_they_came(desk, alice):
    desk.post(reverse("desk:account_keys"), typed(h="y") | {"keys_enabled": ""})
    desk.post(reverse("desk:account_keys"), {"then": "reset"})

    alice.refresh_from_db()
    assert (alice.own_keys, alice.keys_enabled) == ({}, True)


@pytest.mark.parametrize(("theme", "kept"), [("dark", "dark"), ("", ""), ("pink", "")])
def test_the_theme_is_ones_own(desk, alice, theme, kept):
    response = desk.post(reverse("desk:account_theme"), {"theme": theme, "next": "/account/"})

    assert response["Location"] == "/account/"
    alice.refresh_from_db()
    assert alice.theme == kept
    assert (f'data-theme="{theme}"' in desk.get("/account/").content.decode()) == bool(kept)
