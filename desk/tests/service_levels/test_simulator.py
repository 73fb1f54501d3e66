"""The simulator promises what a ticket is then promised, and says why (S6, S7)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from sla import operations
from sla.models import HOUR
from sla.operations import Terms
from staff.calendars import publish
from staff.models import Holiday, StaffProfile
from tests import cast
from tickets import lifecycle

URL = "/settings/service-levels/simulator/"


@pytest.fixture
def office(office_hours):
    """Mon-Fri 8-17 UTC, closed at Christmas."""
    Holiday.objects.create(calendar=office_hours, date="2026-12-25", name="Christmas Day")
    publish(office_hours, at=datetime(2026, 11, 1, tzinfo=UTC))  # known at Christmas, whenever this is run
    return office_hours


@pytest.fixture
def promised(make_policy, gold, office):
    return make_policy(
        "Gold", plan=gold, customer_type="external", calendar=office, first_response={"": 10 * HOUR, "4": HOUR},
        next_response=4 * HOUR, keep_informed=20 * HOUR, resolution=30 * HOUR, transfer=2 * HOUR,
    )  # fmt: skip


def shown(client, **asked):
    answer = client.get(URL, {"zone": "UTC", "at": "2026-12-24T16:00", **asked})
    return answer, re.sub(r"\s+", " ", strip_tags(answer.content.decode()))


def test_a_ticket_then_opened_has_the_same_due_times__S6(as_manager, promised, gold, carol, tier1):
    at = datetime(2026, 12, 24, 16, tzinfo=UTC)
    ticket = lifecycle.open_ticket(
        requester=carol, subject="Smoke", text="It smokes", channel="email", by=carol, team=tier1, impact=3, urgency=3,
        at=at,
    )  # fmt: skip
    asked = {"plan": gold.pk, "organisation": "Acme", "team": tier1.pk, "priority": 4, "channel": "email"}

    answer, _text = shown(as_manager, **asked)

    foreseen = {one.clock.metric: one for one in answer.context["found"].clocks}
    assert {"first_response", "resolution"} <= set(foreseen)
    for clock in ticket.clocks.all():
        one = foreseen[clock.metric]
        assert (one.at.due, one.clock.policy_version_id, one.clock.hours_id, one.clock.target_seconds) == (
            clock.due_at, clock.policy_version_id, clock.hours_id, clock.target_seconds,
        )  # fmt: skip
        assert one.at.owner == clock.next_at
    assert foreseen["first_response"].at.due == datetime(2026, 12, 24, 17, tzinfo=UTC)


def test_it_names_the_holiday_and_the_weekend_step_by_step__S7(as_manager, promised, gold):
    _answer, text = shown(as_manager, plan=gold.pk)

    assert "Thu 24 Dec 2026, 16:00 – 17:00 1 h counted" in text
    assert "closed: Christmas Day, weekend" in text
    assert "Tue 29 Dec 2026, 08:00" not in text.split("Next response")[0].split("Step by step")[0]
    assert "Mon 28 Dec 2026, 17:00" in text  # an hour on Thursday, nine on Monday


def test_it_says_why_not_the_others_and_why_later__S7(as_manager, promised, gold, make_policy, policy, tier1):
    make_policy("Mail", channel="email")
    make_policy("Chat", channel="chat", team=tier1)
    make_policy("Also two", channel="email", customer_type="external")
    operations.retire_policy(make_policy("Old", channel="email"), by=None)

    answer, text = shown(as_manager, plan=gold.pk)

    assert answer.context["picked"]["version"].policy == promised
    why = {one.name: one.why for one in answer.context["others"]}
    assert why["Mail"] == "It fits, too, but asks for less (1 against 2)."
    assert why["Also two"] == "It fits, too, and asks for as much, but stands later in the order."
    assert why["Chat"] == (
        "Team: it asks for Tier 1, the ticket has none; Channel: it asks for Live chat, the ticket has E-mail"
    )
    assert why[policy.name] == "It fits every ticket, and holds only where no other fits."
    assert "Everything it asks for fits: Gold customers, external." in text
    _answer, plain = shown(as_manager)
    assert "Support plan: it asks for Gold, the ticket has none" in plain


def test_waiting_moves_the_resolution_alone_and_only_where_the_rules_let_it__H6(as_manager, promised, gold):
    def due(**more):
        answer, text = shown(as_manager, plan=gold.pk, at="2026-12-21T08:00", **more)
        return {one.clock.metric: one.at.due for one in answer.context["found"].clocks}, text

    plain, _text = due()
    waits = {"pause_from": "2026-12-21T10:00", "pause_to": "2026-12-21T12:00"}
    pending, text = due(pause="pending", **waits)
    assert (pending["resolution"] - plain["resolution"]).total_seconds() == 2 * HOUR
    assert {name: at for name, at in pending.items() if name != "resolution"} == {
        name: at for name, at in plain.items() if name != "resolution"
    }
    assert "Only resolution pauses" in text
    assert due(pause="theirs", **waits)[0] == pending
    ours, text = due(pause="ours", **waits)
    assert ours == plain
    assert "our reasons cost our time" in text
    assert due(pause="pending", pause_from="2026-12-21T10:00")[0]["resolution"] is None

    newest = operations.latest(promised)
    operations.revise_policy(promised, Terms(**{**vars(Terms.of(newest)), "pauses_on_pending": False}), by=None,
                             since_ever=True)  # fmt: skip
    assert due(pause="pending", **waits)[0] == plain


def test_the_facts_come_from_a_ticket_and_the_address_can_be_sent(as_manager, promised, printer_ticket, tier1):
    answer = as_manager.get(URL, {"number": printer_ticket.number, "zone": "UTC"})

    assert answer.status_code == 302
    assert f"team={tier1.pk}" in answer["Location"]
    assert "organisation=Acme" in answer["Location"]
    assert as_manager.get(answer["Location"]).status_code == 200


def test_a_ticket_that_one_may_not_see_gives_no_facts__T13(client, sara, billing, carol, make_ticket):
    billing.is_restricted = True
    billing.save(update_fields=["is_restricted"])
    hidden = make_ticket(carol, "Secret", team=billing)
    client.force_login(sara)

    answer = client.get(URL, {"number": hidden.number})

    assert answer.status_code == 422
    assert "no ticket of this number" in answer.content.decode()


@pytest.mark.parametrize(
    "asked",
    [
        {"at": "soon"}, {"at": "0001-01-01T00:00"}, {"at": "9999-12-31T23:59"}, {"zone": "Mars/Olympus"},
        {"priority": "9"}, {"channel": "pigeon"}, {"plan": "x"}, {"plan": "9" * 30}, {"team": "-1"},
        {"organisation": "Nobody"}, {"number": "9" * 40}, {"number": "x"}, {"customer_type": "martian"},
        {"pause": "pending"}, {"pause": "pending", "pause_from": "2026-12-23T10:00"},
        {"pause": "pending", "pause_from": "2026-12-25T10:00", "pause_to": "2026-12-25T09:00"}, {"pause": "nap"},
    ],
)  # fmt: skip
def test_what_cannot_be_gets_a_clear_answer(as_manager, asked):
    answer, text = shown(as_manager, **asked)

    assert answer.status_code == 422
    assert "Mend what is marked" in text


def test_a_target_of_years_shows_the_beginning_and_the_end(as_manager, make_policy, office):
    make_policy("Slow", channel="letter", calendar=office, resolution=400 * 24 * HOUR)

    answer, text = shown(as_manager, channel="letter")

    assert "more stretches like these" in text
    assert len(answer.content) < 60_000


def test_it_costs_the_same_however_many_policies_there_are(
    as_manager, promised, gold, make_policy, django_assert_num_queries
):
    for n in range(10):
        make_policy(f"P{n}", channel="email", priority=4)
    shown(as_manager, plan=gold.pk)

    with django_assert_num_queries(14):
        shown(as_manager, plan=gold.pk)


@pytest.mark.parametrize("role", ["sara", "mia", "adam"])
def test_who_leads_may_look_and_it_leads_back_for_who_may_change(client, role, request):
    user = request.getfixturevalue(role)
    client.force_login(user)

    html = client.get(URL).content.decode()

    assert (f'href="{reverse("desk:service_levels")}"' in html) == (role != "sara")


def test_another_houses_supervisor_reads_of_no_promise_and_no_organisation__T13(client, make_user, billing, promised):
    tess = make_user("tess", team=billing, team_role=cast.SUPERVISOR, provider=StaffProfile.Provider.THIRD_PARTY)
    client.force_login(tess)

    assert [client.get(URL, asked).status_code for asked in ({}, {"organisation": "Acme"})] == [404, 404]


def test_a_team_that_one_may_not_know_of_is_not_offered_nor_named__T13(client, sara, billing, make_policy, policy):
    billing.is_restricted = True
    billing.save(update_fields=["is_restricted"])
    make_policy("Quiet work", team=billing)
    client.force_login(sara)

    answer, text = shown(client)
    guessed, _text = shown(client, team=billing.pk)

    assert billing not in answer.context["form"].fields["team"].queryset
    assert str(billing) not in text
    assert "Quiet work" not in text
    assert guessed.status_code == 422


def test_an_organisation_brings_its_plan__S2(as_manager, promised, gold, acme):
    acme.plan = gold
    acme.save(update_fields=["plan"])

    answer, _text = shown(as_manager, organisation="Acme")

    assert answer.context["found"].clocks[0].clock.policy == promised


def test_of_a_ticket_it_says_as_of_when_what_holds_by_now_and_what_its_clocks_follow__S7(
    as_manager, make_policy, make_ticket, carol, policy
):
    mail = make_policy("Mail", channel="email", first_response=2 * HOUR)
    ticket = make_ticket(carol, "Smoke", at=timezone.now() - timedelta(days=1))
    operations.retire_policy(mail, by=None)

    answer = as_manager.get(URL, {"number": ticket.number, "zone": "UTC"}, follow=True)

    text = re.sub(r"\s+", " ", strip_tags(answer.content.decode()))
    assert answer.context["picked"]["version"].policy == mail
    assert answer.context["holds"] == "Held then"
    assert f"“Mail” is not in use by now. By now “{policy}” holds for such a ticket." in text
    assert f"What the clocks of ticket {ticket.number} follow" in text
    assert "First response: “Mail”, due" in text
    assert answer.context["followed"]
    assert "Holds" in shown(as_manager, channel="chat")[1]


@pytest.mark.parametrize("number", ["x", "²", "9" * 40, "-1", "999999"])
def test_a_ticket_that_is_not_there_is_left_out(as_manager, number):
    answer, _text = shown(as_manager, ticket=number)

    assert answer.status_code == 200
    assert "followed" not in answer.context
