"""The desk changes how early it warns, while clocks run."""

from datetime import timedelta

from django.utils import timezone

from events import values
from sla.values import SLA_WARN_OWNER_PERCENT, SLA_WARN_SUPERVISOR_PERCENT
from tickets import enforcement, lifecycle
from tickets.models import Clock
from tickets.rebuilding import rebuild

HOUR = timedelta(hours=1)


def test_clocks_that_run_warn_by_the_desks_new_percents__S4(carol, alice, tier1):
    now = timezone.now()
    ticket = lifecycle.open_ticket(
        requester=carol, subject="Dark", text="No light.", channel="email", by=carol, team=tier1, at=now - 13 * HOUR
    )
    assert enforcement.enforce(at=now)["warned"] == 0

    values.put_many({SLA_WARN_OWNER_PERCENT: 50, SLA_WARN_SUPERVISOR_PERCENT: 60}, by=None)

    assert rebuild([ticket.pk]).differences == 0
    assert enforcement.enforce(at=timezone.now())["warned"] == 1
    assert enforcement.enforce(at=now + 2 * HOUR)["warned"] == 1
    assert rebuild([ticket.pk]).differences == 0


def test_a_policys_own_percents_and_what_is_over_are_left_alone__S4(carol, alice, tier1, make_policy):
    make_policy("Mail", channel="email", warn_owner_percent=80, warn_supervisor_percent=85, first_response=24 * 3600)
    lifecycle.open_ticket(
        requester=carol, subject="Dark", text="No light.", channel="email", by=carol, team=tier1,
        at=timezone.now() - 13 * HOUR,
    )  # fmt: skip
    before = list(Clock.objects.order_by("pk").values_list("next_at", flat=True))

    values.put(SLA_WARN_OWNER_PERCENT, 50, by=None)

    assert list(Clock.objects.order_by("pk").values_list("next_at", flat=True)) == before
