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
