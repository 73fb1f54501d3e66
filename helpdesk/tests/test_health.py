import pytest
from django.test import Client

from helpdesk import health


def test_alive_asks_for_nothing(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}


@pytest.mark.django_db
def test_ready_names_what_is_missing(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert set(answer.json()["missing"]) == {"worker", "beat"}


@pytest.mark.django_db
def test_ready_when_worker_and_beat_have_shown_themselves(client: Client) -> None:
    health.beat(health.WORKER)
    health.beat(health.BEAT)

    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_an_old_heartbeat_is_a_missing_part(client: Client, settings) -> None:
    settings.HEARTBEAT_MAX_AGE = -1
    health.beat(health.WORKER)
    health.beat(health.BEAT)

    assert set(client.get("/readyz").json()["missing"]) == {"worker", "beat"}
