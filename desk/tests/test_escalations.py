"""The supervisors' queue: what waits, in which order, for whom, with its story (E3, E4, T13)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.templatetags.desk_ui import by_when
from tickets import lifecycle
from tickets.models import Clock, Escalation, Ticket

pytestmark = pytest.mark.django_db

URL = "/escalations/"


def subjects(client, user, query="") -> list[str]:
    client.force_login(user)
    response = client.get(f"{URL}{query}")
    assert response.status_code == 200
    return [row.ticket.subject for row in response.context["rows"]]


@pytest.fixture
def raised(alice, carol, tier1, make_ticket, now):
    """``raised("Smoke", reason="limit", minutes=5)``: escalated by alice so many minutes ago."""

    def make(subject: str, *, reason: str = "limit", minutes: int = 1, team=tier1, by=alice) -> Escalation:
        at = now - timedelta(minutes=minutes)
        ticket = make_ticket(carol, subject, at=at - timedelta(hours=1), team=team, text=f"{subject}, says Carol.")
        return lifecycle.escalate(ticket, by=by, reason=reason, note=f"Why: {subject}", at=at)

    return make


def test_threats_come_first_then_what_climbs_next__E3(client, sara, raised):
    raised("Just now", minutes=1)
    raised("Waits longest", minutes=20)
    raised("Threat", reason="legal_threat", minutes=2)

    assert subjects(client, sara) == ["Threat", "Waits longest", "Just now"]


def test_what_climbs_sooner_stands_before_what_was_raised_earlier__E4(client, sara, raised, now):
    raised("Raised first", minutes=30)
    hurried = raised("Climbs first", minutes=2)
    Escalation.objects.filter(pk=hurried.pk).update(climbs_at=now - timedelta(days=1))

    assert subjects(client, sara) == ["Climbs first", "Raised first"]


def test_of_what_climbs_together_the_ticket_that_is_due_first_stands_first__E3(client, sara, raised, now):
    calm, late = raised("Calm", minutes=9), raised("Late", minutes=2)
    Escalation.objects.update(climbs_at=now + timedelta(hours=13))
    Ticket.objects.filter(pk=late.ticket_id).update(queue_at=now - timedelta(hours=22))
    Ticket.objects.filter(pk=calm.ticket_id).update(queue_at=now + timedelta(hours=22))

    assert subjects(client, sara) == ["Late", "Calm"]


@pytest.mark.parametrize("address", ["/escalations/", "/today/"])
def test_the_time_until_the_next_level_is_called_so_and_the_tickets_own_is_the_chip__E4_S6(
    client, sara, raised, now, address
):
    case = raised("Late")
    moment = now + timedelta(hours=13)
    Escalation.objects.update(climbs_at=moment)
    Clock.objects.filter(ticket=case.ticket).update(due_at=now - timedelta(hours=22))
    client.force_login(sara)

    html = client.get(address).content.decode()

    assert f"to level 2: {by_when(moment, now)}" in html
    assert "Overdue 22 h" in html
    assert not re.search(r"1[23] h( \d+ min)? left", html)

    Escalation.objects.update(level=3)
    assert f"told again {by_when(moment, now)}" in (html := client.get(address).content.decode())
    assert "level 4" not in html


def test_each_list_shows_its_own(client, sara, raised):
    raised("Waits")
    lifecycle.take_escalation(raised("Mine"), by=sara)
    lifecycle.decline_escalation(raised("Over"), by=sara, why="It is in the handbook.")

    assert subjects(client, sara) == ["Waits"]
    assert subjects(client, sara, "?list=mine") == ["Mine"]
    assert subjects(client, sara, "?list=ended") == ["Over"]
    assert subjects(client, sara, "?list=nonsense") == ["Waits"]


def test_who_sees_what__E3_T13(client, alice, bob, sara, sven, dora, mia, adam, raised):
    raised("Of tier 1")

    assert subjects(client, sara) == ["Of tier 1"]  # supervises the team
    assert subjects(client, alice) == ["Of tier 1"]  # raised it
    assert subjects(client, mia) == ["Of tier 1"]  # manages
    assert subjects(client, dora) == ["Of tier 1"]  # serves the whole desk
    assert subjects(client, bob) == []
    assert subjects(client, sven) == []
    assert subjects(client, adam) == ["Of tier 1"]  # may step in, so has to see it


def test_third_party_staff_see_none_of_other_teams__T13(client, theo, raised):
    found = raised("Of tier 1")

    assert subjects(client, theo) == []
    client.force_login(theo)
    assert "Of tier 1" not in client.get(URL, {"show": found.pk}).content.decode()


def test_the_expert_team_that_is_asked_sees_it__E2(client, alice, bella, printer_ticket, billing):
    lifecycle.escalate(printer_ticket, by=alice, reason="expertise", kind="functional", to_team=billing)

    assert subjects(client, bella) == ["The printer is on fire"]


def test_the_chosen_case_shows_its_whole_story__E3(client, sara, alice, raised):
    first = raised("First", reason="legal_threat")
    chosen = raised("Second")
    lifecycle.add_note(chosen.ticket, by=alice, text="I offered a refund.")
    client.force_login(sara)

    response = client.get(URL, {"show": chosen.pk})

    assert response.context["chosen"] == chosen != first
    html = response.content.decode()
    for told in ("Second, says Carol.", "Why: Second", "I offered a refund.", "The customer hears back by"):
        assert told in html, told
    story = response.context["story"]
    assert [entry.text for entry in story.entries][-1] == "I offered a refund."
    assert story.promises == []  # but the one that came with it, which has its own line
    assert {clock.metric for clock in story.clocks} >= {"first_response"}


def test_the_acts_are_offered_to_who_may_do_them__E3(client, sara, alice, raised):
    raised("Smoke")
    client.force_login(sara)
    assert "Take over" in client.get(URL).content.decode()

    client.force_login(alice)
    html = client.get(URL).content.decode()
    assert "Take over" not in html
    assert "steps in" in html


def test_what_was_taken_is_not_taken_again(client, sara, raised):
    lifecycle.take_escalation(raised("Smoke"), by=sara)
    client.force_login(sara)

    html = client.get(URL, {"list": "mine"}).content.decode()

    assert "Coach and return" in html
    assert "Take over" not in html


def test_what_others_have_is_asked_of_nobody_twice(client, sara, dora, raised):
    lifecycle.take_escalation(raised("With dora"), by=dora)

    assert subjects(client, sara, "?list=taken") == ["With dora"]
    assert subjects(client, sara, "?list=mine") == []
    assert subjects(client, dora, "?list=mine") == ["With dora"]


def test_the_queue_narrows_to_mine_and_to_a_team(client, dora, sara, raised, tier1, billing):
    raised("Of tier 1")
    raised("Of billing", team=billing)

    assert set(subjects(client, dora)) == {"Of tier 1", "Of billing"}
    assert subjects(client, dora, f"?team={billing.pk}") == ["Of billing"]
    assert subjects(client, dora, "?team=x\x00") == subjects(client, dora)
    assert subjects(client, sara, "?whose=me") == ["Of tier 1"]


def test_one_stays_in_the_queue_after_coaching__E3(client, sara, raised):
    found = raised("Smoke")
    client.force_login(sara)
    address = reverse("desk:coach_escalation", args=[found.ticket.number])

    form = client.get(address, {"next": URL}, headers={"HX-Request": "true"}).content.decode()
    assert f'name="next" value="{URL}"' in form
    answer = client.post(address, {"guidance": "Offer a refund.", "next": URL})

    assert answer["Location"] == URL
    assert "Offer a refund." in client.get(URL, {"list": "ended"}).content.decode()


def test_an_empty_queue_says_so(client, sara):
    client.force_login(sara)

    assert "Nothing waits" in client.get(URL).content.decode()


def test_a_number_that_is_none_shows_the_first(client, sara, raised):
    found = raised("Smoke")
    client.force_login(sara)

    for wanted in ("x", "-1", "9" * 40, ""):
        assert client.get(URL, {"show": wanted}).context["chosen"] == found


@pytest.mark.parametrize("which", ["waiting", "ended"])
def test_costs_the_same_however_much_waits(client, sara, raised, which):
    def more(times: int) -> None:
        for n in range(times):
            made = raised(f"Case {n}")
            if which == "ended":
                lifecycle.decline_escalation(made, by=sara, why="No.")

    client.force_login(sara)
    more(1)
    client.get(URL, {"list": which})
    with CaptureQueriesContext(connection) as few:
        client.get(URL, {"list": which})
    more(7)
    with CaptureQueriesContext(connection) as many:
        response = client.get(URL, {"list": which})

    assert len(response.context["rows"]) == 8
    assert len(few) == len(many)


def test_a_ticket_in_a_restricted_team_stays_hidden__T13(client, mia, tier1, raised):
    raised("Secret")
    tier1.is_restricted = True
    tier1.save(update_fields=["is_restricted"])

    assert subjects(client, mia) == []
    assert Ticket.objects.visible_to(mia).count() == 0
    assert reverse("desk:escalations") == URL
