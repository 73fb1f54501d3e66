"""Running clocks move only when a manager asks, and the page says before what it would do (S2, S5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sla import operations
from sla.operations import Terms
from tickets.models import DueChange, TermsApplication

URL = "/settings/service-levels/apply/"


@pytest.fixture
def revised(policy, printer_ticket, mia):
    """Two hours instead of a day, while Carol's ticket of ten minutes ago waits."""
    newest = operations.latest(policy)
    operations.revise_policy(policy, replace(Terms.of(newest), targets={"first_response": {"": 7200}}), by=mia)
    return policy


def first(ticket):
    return ticket.clocks.get(metric="first_response")


def test_nothing_moves_by_itself_and_the_preview_counts__S5(as_manager, revised, printer_ticket):
    html = as_manager.get(URL, {"policy": revised.pk})

    found = html.context["found"]
    assert (found.tickets, found.earlier, found.overdue) == (1, 1, 0)
    assert "There is no undo" in html.content.decode()
    assert "To return, let the policy or the calendar say again what it said before" in html.content.decode()
    assert first(printer_ticket).target_seconds == 86_400
    assert not TermsApplication.objects.exists()


def test_asked_for_they_move_once_and_the_page_says_how_many__S5(as_manager, revised, printer_ticket, mia):
    before = first(printer_ticket).due_at
    sent = {"policy": revised.pk, "idempotency_key": "k"}

    answers = [as_manager.post(URL, sent) for _twice in range(2)]

    assert answers[0]["Location"] == answers[1]["Location"]
    clock = first(printer_ticket)
    assert (clock.target_seconds, clock.due_at) == (7200, clock.started_at + timedelta(hours=2))
    assert DueChange.objects.get(clock=clock).due_before == before
    html = as_manager.get(answers[0]["Location"]).content.decode()
    assert "Finished" in html
    assert TermsApplication.objects.get().asked_by == mia
    assert as_manager.get(URL).context["found"].tickets == 0


def test_what_is_under_way_looks_again_by_itself(as_manager, mia):
    asked = TermsApplication.objects.create(asked_by=mia, at=timezone.now(), policies=None)

    html = as_manager.get(reverse("desk:policy_applied", args=[asked.pk])).content.decode()

    assert 'hx-trigger="every 2s"' in html
    assert "Look again" in html


@pytest.mark.parametrize("gone", ["999999", "x", "9" * 40, "-1", "\x00"])
def test_a_policy_that_is_gone_is_not_all_of_them__S5(as_manager, revised, printer_ticket, gone):
    named = {"policy": [str(revised.pk), gone]}

    assert as_manager.get(URL, named).status_code == 404
    assert as_manager.post(URL, {"policy": gone, "idempotency_key": "k"}).status_code == 404
    assert not TermsApplication.objects.exists()


def test_who_loses_the_time_is_named_before_and_told_after__S5(as_manager, policy, printer_ticket):
    newest = operations.latest(policy)
    operations.revise_policy(policy, replace(Terms.of(newest), targets={"first_response": {"": 7200}}), by=None)

    html = as_manager.get(URL).content.decode()
    assert "They lose their time" in html
    assert f'href="{reverse("desk:ticket", args=[printer_ticket.number])}"' in html
    assert "Apply to 1 ticket<" in html

    html = as_manager.post(URL, {"idempotency_key": "k"}, follow=True).content.decode()
    assert "2 clocks moved: 1 earlier, 0 later, 1 promised no time any more, in 1 ticket." in html


def test_tickets_of_others_are_counted_and_not_named__T13(as_manager, policy, printer_ticket, billing):
    newest = operations.latest(policy)
    operations.revise_policy(policy, replace(Terms.of(newest), targets={"first_response": {"": 7200}}), by=None)
    billing.is_restricted = True
    billing.save(update_fields=["is_restricted"])
    printer_ticket.team = billing
    printer_ticket.save(update_fields=["team"])

    html = as_manager.get(URL).content.decode()

    assert "And 1 more ticket." in html
    assert printer_ticket.subject not in html


def test_where_no_due_time_would_move_no_button_promises_much__S5(as_manager, policy, printer_ticket):
    newest = operations.latest(policy)
    operations.revise_policy(policy, replace(Terms.of(newest), warn_owner_percent=50), by=None)

    html = as_manager.get(URL).content.decode()
    assert "No due time would move." in html
    assert "Apply to 0 tickets" not in html
    assert "Let 2 clocks count by what holds now" in html

    html = as_manager.post(URL, {"idempotency_key": "k"}, follow=True).content.decode()
    assert "0 clocks moved." in html
    assert "2 count by what holds now, due as before." in html
    assert "Every running clock counts by what holds now already." in as_manager.get(URL).content.decode()


def test_the_story_of_a_ticket_says_what_changed_and_nothing_where_nothing_did__S7(as_manager, policy, printer_ticket):
    page = reverse("desk:ticket", args=[printer_ticket.number])
    operations.revise_policy(policy, replace(Terms.of(operations.latest(policy)), warn_owner_percent=50), by=None)
    as_manager.post(URL, {"idempotency_key": "k"})
    assert "applied what is promised by now" not in as_manager.get(page).content.decode()

    terms = replace(Terms.of(operations.latest(policy)), targets={"first_response": {"": 7200}})
    operations.revise_policy(policy, terms, by=None)
    as_manager.post(URL, {"idempotency_key": "l"})

    html = as_manager.get(page).content.decode()
    assert "applied what is promised by now: " in html
    assert "first response is due" in html
    assert "resolution is promised no time any more, before:" in html
