"""What those who watch the desk read: how late it is, from the database, by any process (S4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from helpdesk import health
from tickets import enforcement
from tickets.enforcement import lateness
from tickets.models import Clock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def read(client: Client, **headers: str) -> dict[tuple[str, ...], float]:
    """Every sample by its name and labels."""
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.content
    families = text_string_to_metric_families(answer.content.decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


@pytest.fixture
def late_by(client: Client, printer_ticket, now):
    """One clock, due so long ago."""

    def _late_by(span: timedelta) -> None:
        Clock.objects.filter(ticket=printer_ticket, metric="first_response").update(next_at=now - span)

    return _late_by


@pytest.mark.django_db
def test_a_desk_on_which_nothing_ever_fell_due(client):
    found = read(client)

    assert found["helpdesk_enforcement_passes_total",] == 0
    assert found["helpdesk_enforcement_oldest_due_seconds", "clock"] == 0
    assert found["helpdesk_oldest_waiting_seconds", "mail"] == 0
    assert found["helpdesk_enforcement_max_lateness_seconds",] == 300


def test_tells_what_is_due_and_not_done_though_no_worker_lives__S4(client, late_by):
    late_by(HOUR)

    assert 3600 <= read(client)["helpdesk_enforcement_oldest_due_seconds", "clock"] < 3700


def test_counts_what_was_done_and_how_late_it_was__S4(client, make_ticket, carol, sara, tier1, monday):
    for minutes in (0, 1, 1):
        make_ticket(carol, at=monday + timedelta(minutes=minutes), team=tier1)

    enforcement.enforce(at=monday + DAY + timedelta(seconds=90))
    enforcement.enforce(at=monday + DAY + timedelta(seconds=95))

    found = read(client)
    name = "helpdesk_enforcement_lateness_seconds"
    late = 6 * 3600 + 90  # the owner's warning was due at 75 %
    assert found[f"{name}_count", "clock"] == 3
    assert found[f"{name}_sum", "clock"] == late + 2 * (late - 60)
    assert (found[f"{name}_bucket", "clock", "14400.0"], found[f"{name}_bucket", "clock", "86400.0"]) == (0, 3)
    assert found[f"{name}_bucket", "clock", "+Inf"] == 3
    assert found["helpdesk_enforcement_failures_total", "clock"] == 0
    assert found["helpdesk_enforcement_passes_total",] == 2
    assert found["helpdesk_enforcement_last_pass_rows",] == 0


def test_counts_failures(client, db):
    lateness.note_failure("clock")
    lateness.note([("clock", 20.0)])
    lateness.note_failure("clock")

    found = read(client)
    assert found["helpdesk_enforcement_failures_total", "clock"] == 2
    assert found["helpdesk_enforcement_lateness_seconds_count", "clock"] == 1
    assert found["helpdesk_enforcement_lateness_seconds_bucket", "clock", "15.0"] == 0
    assert found["helpdesk_enforcement_lateness_seconds_bucket", "clock", "30.0"] == 1


def test_says_nothing_of_anybody(client, printer_ticket, late_by):
    late_by(HOUR)
    text = client.get("/metrics").content.decode().lower()

    assert not any(word in text for word in ("carol", "@", "printer", "tier"))


@pytest.mark.django_db
def test_is_read_from_this_machine_alone_unless_a_token_is_set(client, settings):
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 403
    assert client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="").status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200

    settings.METRICS_TOKEN = "a long token"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"authorization": "Bearer another"}).status_code == 403
    assert client.get("/metrics", headers={"authorization": "Bearer ключ"}).status_code == 403
    with_token = {"authorization": "Bearer a long token", "x-forwarded-for": "203.0.113.9"}
    assert client.get("/metrics", headers=with_token, REMOTE_ADDR="203.0.113.9").status_code == 200


@pytest.mark.django_db
def test_behind_a_proxy_that_names_nobody_only_the_token_counts(client, settings):
    settings.BEHIND_PROXY = True
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 403

    settings.METRICS_TOKEN = "a long token"
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 403
    assert client.get("/metrics", headers={"authorization": "Bearer a long token"}).status_code == 200


@pytest.mark.django_db
def test_says_so_when_the_database_is_gone(client, monkeypatch):
    def gone() -> None:
        raise DatabaseError("no route to host 10.0.0.7")

    monkeypatch.setattr(lateness, "tallies", gone)

    answer = client.get("/metrics")

    assert (answer.status_code, b"10.0.0.7" in answer.content) == (503, False)


# --- /readyz ----------------------------------------------------------------------


@pytest.fixture
def alive():
    health.beat(health.WORKER)
    health.beat(health.BEAT)


def test_a_late_sweep_is_named_and_the_web_stays_up__S4(client, alive, late_by):
    late_by(timedelta(seconds=280))
    assert client.get("/readyz").json() == {"status": "ready"}

    late_by(HOUR)
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "late")
    assert "the oldest clock was due 36" in answer.json()["late"]["enforcement"]
    assert client.get("/readyz?strict").status_code == 503


def test_what_is_done_is_late_no_more__S4(client, alive, late_by, settings):
    settings.ENFORCEMENT_MAX_LATENESS = 60
    late_by(HOUR)
    assert "late" in client.get("/readyz").json()

    enforcement.enforce()

    assert client.get("/readyz?strict").json() == {"status": "ready"}


@pytest.mark.django_db
def test_a_heartbeat_of_the_future_proves_nothing__S4(client, alive, time_machine, now):
    time_machine.move_to(now - HOUR)

    assert set(client.get("/readyz").json()["missing"]) == {"worker", "beat"}
