"""Canned replies and their places: nothing goes to a customer while one is not filled (T9)."""

from datetime import timedelta

import pytest

from common.errors import Refused
from events.models import Event
from tickets import canned, lifecycle
from tickets.models import CannedReply, Channel, Consent, Contact, Entry, Hold, Transfer
from tickets.placeholders import fill, left_in

HELLO = (
    "<p>Hello {{ customer.first_name }}, {{ ?date of delivery }} for #{{ ticket.number }}. {{agent.name}} "
    "{{ nobody.knows }}</p>"
)


def refused(act):
    before = Event.objects.count(), Entry.objects.count()
    with pytest.raises(Refused) as refusal:
        act()
    assert (refusal.value.code, refusal.value.rule) == ("placeholder_left", "T9")
    assert (Event.objects.count(), Entry.objects.count()) == before
    return refusal.value.message


def test_a_reply_with_an_unfilled_place_is_not_sent__T9(mailed, alice):
    message = refused(lambda: lifecycle.reply(mailed, by=alice, text="It comes on {{ ?date of delivery }}."))
    refused(lambda: lifecycle.reply(mailed, by=alice, text="", html="<div>Dear {{&nbsp;customer.nam }}</div>"))
    refused(lambda: lifecycle.resolve(mailed, by=alice, text="Done on {{ ?day }}."))

    assert "“date of delivery”" in message


def test_no_announcement_is_sent_with_one_either__T9(taken_ticket, alice, billing, hold_reasons, tomorrow):
    words = "We wait until {{ ?day }}."
    refused(
        lambda: lifecycle.hold(
            taken_ticket, by=alice, contact=None, reason=hold_reasons["research"], consent=Consent.TOLD,
            until=tomorrow, text=words,
        )
    )  # fmt: skip
    refused(
        lambda: lifecycle.transfer(
            taken_ticket, by=alice, to_team=billing, reason=Transfer.Reason.EXPERTISE, consent=Consent.TOLD,
            understood="Smoke", tried="Water", text=words,
        )
    )  # fmt: skip

    assert not Hold.objects.exists()
    assert not Transfer.objects.exists()


def test_no_first_message_or_letter_is_sent_with_one__T9(alice, carol):
    refused(
        lambda: lifecycle.open_ticket(
            requester=carol, by=alice, channel=Channel.EMAIL, subject="News", text="On {{ ?day }}", outbound=True
        )
    )
    refused(
        lambda: lifecycle.log_contact(
            by=alice, person=carol, channel=Channel.LETTER, direction=Contact.Direction.OUTBOUND, text="{{ ?day }}",
            subject="A letter",
        )
    )  # fmt: skip


def test_whose_words_they_are_is_theirs__T9(mailed, alice, carol):
    """A customer may write braces, a colleague may note them, and code or a quotation means what it says."""
    lifecycle.receive(mailed, person=carol, text="What is {{ name }}?")
    lifecycle.add_note(mailed, by=alice, text="They mean {{ name }}.")
    lifecycle.reply(mailed, by=alice, text="> What is {{ name }}?\nWrite `{{ name }}` there.")
    lifecycle.reply(mailed, by=alice, text="", html="<blockquote>{{ a }}</blockquote><pre>{{ b }}</pre>Like this.")

    assert Entry.objects.filter(ticket=mailed).count() == 5


def test_what_is_known_is_filled_and_the_rest_waits__T9(mailed, alice, carol):
    carol.name = "Carol <b>Cole</b>"
    carol.called = ""
    carol.save(update_fields=["name", "called"])
    mailed.refresh_from_db()
    reply = canned.write(CannedReply(), by=_leader(alice), html=HELLO, name="Hi", shortcut="hi", language="", team=None)

    filled = canned.filled(reply, mailed, by=alice)

    assert filled.left == ["date of delivery", "nobody.knows"]
    assert filled.text.startswith(f"Hello Carol, {{{{ ?date of delivery }}}} for #{mailed.number}. Alice")
    whole = fill("{{ customer.name }}", "<p>{{ customer.name }}</p>", canned.values_for(mailed, alice))
    assert whole.html == "<p>Carol &lt;b&gt;Cole&lt;/b&gt;</p>"


def test_values_are_not_filled_again__T9():
    assert fill("{{ a }}", "", {"a": "{{ b }}", "b": "secret"}).text == "{{ b }}"
    assert left_in("{{ }} {{}} {{\n}} {{ 7|add:7 }} plain") == []


def test_the_customers_language_comes_first(mailed, carol):
    carol.language = "de"
    carol.save(update_fields=["language"])
    mailed.language = "de"
    for language, used in (("en", 9), ("", 3), ("de", 0)):
        CannedReply.objects.create(
            name=f"Zeta {language}", shortcut=f"z{language}", html="x", text="x", language=language, times_used=used
        )

    assert [row.language for row in canned.found(mailed, "zeta")] == ["de", "", "en"]


def test_another_teams_and_unused_ones_are_not_offered(mailed, billing):
    CannedReply.objects.create(name="Zeta", shortcut="z1", html="x", text="x", team=billing)
    CannedReply.objects.create(name="Zeta", shortcut="z2", html="x", text="x", is_active=False)

    assert canned.found(mailed, "zeta") == []


def test_an_agent_changes_none(alice, bob):
    with pytest.raises(Refused) as refusal:
        canned.write(CannedReply(), by=bob, text="x", name="Mine", shortcut="mine", team=None)

    assert refusal.value.code == "not_a_leader"
    assert not CannedReply.objects.filter(shortcut="mine").exists()


def test_a_mention_tells_who_may_read_it__T13(mailed, alice, bob, bella, sara, events_of, tier1):
    from events import dispatch
    from notifications.models import Notice

    entry = lifecycle.add_note(mailed, by=alice, text="@Bob look", mentions=[bob, bob, alice])
    dispatch.sweep()

    assert events_of(mailed)[-1].data["mentions"] == [bob.pk, alice.pk]
    assert list(Notice.objects.filter(kind="ticket.note_added").values_list("user", flat=True)) == [bob.pk]
    tier1.is_restricted = True
    tier1.save(update_fields=["is_restricted"])
    with pytest.raises(Refused, match="cannot see this ticket"):
        lifecycle.add_note(mailed, by=alice, text="@Bella", mentions=[bella])
    with pytest.raises(Refused, match="only you and supervisors"):
        lifecycle.add_note(mailed, by=alice, text="@Bob", mentions=[bob], restricted=True)
    lifecycle.add_note(mailed, by=alice, text="@Sara", mentions=[sara], restricted=True)
    assert mailed.entries.filter(kind="note").count() == 2
    assert entry.event.happened_at + timedelta(days=1) > entry.happened_at


def _leader(user):
    from accounts.models import Role, RoleGrant

    RoleGrant.objects.create(user=user, role=Role.MANAGER)
    user.__dict__.pop("_viewer", None)
    user.__dict__.pop("_roles", None)
    return user
