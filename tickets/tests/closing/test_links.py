"""The signed link (T4): one ticket, one question, for a time; reading it changes nothing."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.core import signing

from common.errors import Refused
from tickets import links
from tickets.lifecycle import closing

pytestmark = pytest.mark.django_db


def token_of(link: str) -> str:
    return link.rstrip("/").rsplit("/", 1)[1]


def test_a_link_leads_to_its_question_and_changes_nothing__T4(resolved, taken_ticket, told, django_assert_num_queries):
    token = token_of(links.closure_link(resolved))

    with django_assert_num_queries(2):  # setting, closure with ticket and customer
        found = links.read_closure_token(token)

    assert found == resolved
    assert told(taken_ticket) == ["resolved"]


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "x" * 5000, "\x00", "WzEsMV0:1abc:zzz", "é:ü:ß"])
def test_a_forged_link_is_refused__T4(resolved, token):
    with pytest.raises(Refused) as caught:
        links.read_closure_token(token)

    assert caught.value.code == "link_invalid"


def test_one_letter_changed_is_refused__T4(resolved):
    token = links.closure_token(resolved)

    for index in (0, len(token) // 2, -1):
        letters = list(token)
        letters[index] = "A" if letters[index] != "A" else "B"
        with pytest.raises(Refused, match="not complete"):
            links.read_closure_token("".join(letters))


@pytest.mark.parametrize("payload", [[1, 2, 3], "text", {"a": 1}, [None, None], 7])
def test_what_we_signed_for_something_else_is_refused__T4(resolved, payload):
    with pytest.raises(Refused):
        links.read_closure_token(signing.dumps(payload, salt=links.SALT))
    with pytest.raises(Refused):
        links.read_closure_token(signing.dumps([resolved.ticket_id, resolved.pk], salt="other"))


def test_of_another_ticket_is_refused__T4(resolved, make_ticket, carol, alice, tier1):
    other = closing.resolve(make_ticket(carol, team=tier1), by=alice)

    with pytest.raises(Refused):
        links.read_closure_token(signing.dumps([other.ticket_id, resolved.pk], salt=links.SALT))


def test_an_old_link_has_expired__T4(resolved):
    token = links.closure_token(resolved)

    with time_machine.travel(time.time() + timedelta(days=91).total_seconds()), pytest.raises(Refused) as caught:
        links.read_closure_token(token)

    assert caught.value.code == "link_expired"


def test_every_question_has_its_own_link__T4(resolved, taken_ticket, alice):
    closing.reopen(taken_ticket, by=alice)
    again = closing.resolve(taken_ticket, by=alice)

    assert links.closure_token(again).split(":")[0] != links.closure_token(resolved).split(":")[0]
