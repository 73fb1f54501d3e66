"""``/metrics``: what those who watch the desk measure, in Prometheus' text. Numbers alone: no ticket and no person.

Every process answers alike, because each reads the database when it is asked; nothing is counted in memory.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from events.models import Delivery
from helpdesk import health
from notifications.models import OutgoingMail
from tickets.enforcement import lateness
from tickets.models import EnforcementTally

PLAIN = "text/plain; charset=utf-8"
FORWARDED = ("X-Forwarded-For", "Forwarded")


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The measures; 403 for who may not read them, 503 while the database does not answer."""
    if not _may_read(request):
        return HttpResponse(
            "Metrics are read with METRICS_TOKEN, or from this machine where no proxy stands in front.\n",
            PLAIN,
            status=403,
        )
    registry = CollectorRegistry()
    try:
        registry.register(Desk())
        return HttpResponse(generate_latest(registry), CONTENT_TYPE_LATEST)
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", PLAIN, status=503)


def _may_read(request: HttpRequest) -> bool:
    """With the token; without one set, from this machine alone, and never where a proxy may ask for somebody else."""
    if settings.METRICS_TOKEN:
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        return kind.lower() == "bearer" and hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    if settings.BEHIND_PROXY or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class Desk(Collector):
    """Reads the measures when it is asked for them."""

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        yield from _enforcement(now)
        yield from _queues(now)
        heartbeats = GaugeMetricFamily(
            "helpdesk_heartbeat_age_seconds", "Seconds since the last sign of life.", labels=["part"]
        )
        for part, key in (("worker", health.WORKER), ("beat", health.BEAT)):
            if (age := health.age(key)) is not None:
                heartbeats.add_metric([part], age)
        yield heartbeats

    def describe(self) -> list[Metric]:
        """Nothing: it would read the database before anybody asks."""
        return []


def _enforcement(now: datetime) -> Iterator[Metric]:
    done = HistogramMetricFamily(
        "helpdesk_enforcement_lateness_seconds", "How late rows were when enforcement did them.", labels=["job"]
    )
    failed = CounterMetricFamily(
        "helpdesk_enforcement_failures", "Attempts at a row that failed; each is tried again.", labels=["job"]
    )
    for tally in lateness.tallies():
        if tally.buckets:
            done.add_metric([tally.job], _cumulated(tally), sum_value=tally.late_seconds)
        failed.add_metric([tally.job], tally.failures)
    yield done
    yield failed
    waits = GaugeMetricFamily(
        "helpdesk_enforcement_oldest_due_seconds",
        "By how much the oldest row that is due and not done is late; 0 when nothing is due.",
        labels=["job"],
    )
    for job, seconds in lateness.waiting(now).items():
        waits.add_metric([job], seconds)
    yield waits
    yield GaugeMetricFamily(
        "helpdesk_enforcement_max_lateness_seconds", "From when on /readyz names enforcement as late.",
        value=settings.ENFORCEMENT_MAX_LATENESS,
    )  # fmt: skip
    last = lateness.last_pass()
    yield CounterMetricFamily("helpdesk_enforcement_passes", "Passes that ended.", value=last.passes if last else 0)
    if last is not None:
        yield GaugeMetricFamily(
            "helpdesk_enforcement_last_pass_timestamp_seconds", "When the last pass ended, Unix time.",
            value=last.last_ended_at.timestamp(),
        )  # fmt: skip
        yield GaugeMetricFamily(
            "helpdesk_enforcement_last_pass_duration_seconds", "How long the last pass took.", value=last.last_seconds
        )
        yield GaugeMetricFamily(
            "helpdesk_enforcement_last_pass_rows", "Rows that the last pass did.", value=last.last_rows
        )


def _cumulated(tally: EnforcementTally) -> list[tuple[str, float]]:
    total, found = 0, []
    bounds = [*(str(float(bound)) for bound in lateness.BOUNDS), "+Inf"]
    for bound, rows in zip(bounds, tally.buckets, strict=False):
        total += rows
        found.append((bound, float(total)))
    return found


def _queues(now: datetime) -> Iterator[Metric]:
    """What else waits in rows for a worker: reactions to events, and mails."""
    waits = GaugeMetricFamily(
        "helpdesk_oldest_waiting_seconds", "By how much the oldest that waits for a worker is late.", labels=["queue"]
    )
    reaction = Delivery.objects.filter(done_at=None).order_by("due_at").values_list("due_at", flat=True).first()
    unsent = OutgoingMail.objects.filter(status__in=(OutgoingMail.Status.QUEUED, OutgoingMail.Status.SENDING))
    mail = unsent.order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()
    for queue, oldest in (("reactions", reaction), ("mail", mail)):
        waits.add_metric([queue], lateness.seconds(oldest, now) if oldest else 0.0)
    yield waits
