"""A browser for each person of the story, against the real processes."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, expect

from accounts.models import User
from helpdesk.launch.prepare import UNSERVED
from helpdesk.screens.shooting import ABORTED
from helpdesk.testing import LiveDesk

PATIENCE = 300.0  # seconds, for a machine that has other things to do
HURRIED = ("feedback.tasks.send_due_surveys", "tickets.tasks.enforce_sla")
Found = TypeVar("Found")

expect.set_options(timeout=60_000)


@pytest.fixture(scope="session", autouse=True)
def _static_files() -> None:
    """Style and scripts as they are served: collected once for all test workers."""
    with (settings.VAR_DIR / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (settings.STATIC_ROOT / "staticfiles.json").exists():
            call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNSERVED)


@pytest.fixture
def troubles() -> Iterator[list[str]]:
    """What no page may do: errors of scripts, breaches of the content policy, answers of 500. Looked at in the end."""
    seen: list[str] = []
    yield seen
    assert seen == []


@pytest.fixture
def visitor(
    new_context: Callable[..., BrowserContext], live_desk: LiveDesk, troubles: list[str]
) -> Callable[..., Page]:
    """``visitor()`` is a browser of somebody who is not signed in; ``width=390`` is a phone."""

    def open_browser(*, width: int = 1280, height: int = 900) -> Page:
        context = new_context(base_url=live_desk.url, viewport={"width": width, "height": height})
        context.set_default_timeout(60_000)
        page = context.new_page()
        watch(page, troubles)
        return page

    return open_browser


@pytest.fixture
def signed_in(visitor: Callable[..., Page], live_desk: LiveDesk) -> Callable[..., Page]:
    """``signed_in(alice)`` is a browser in which Alice has signed in before."""

    def open_browser(user: User, **size: int) -> Page:
        page, client = visitor(**size), Client()
        client.force_login(user)
        page.context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_desk.url}]
        )
        return page

    return open_browser


def watch(page: Page, troubles: list[str]) -> None:
    """Note what goes wrong on a page; a refused form (409, 422) is no trouble."""

    def console(message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 4" not in message.text and not message.text.startswith(ABORTED):
            troubles.append(f"{page.url}: {message.text}")

    def answered(response: Response) -> None:
        if response.status >= 500:
            troubles.append(f"{response.request.method} {response.url}: {response.status}")

    page.on("console", console)
    page.on("response", answered)
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))


def press(page: Page, key: str) -> None:
    """A key pressed once the page's scripts are there to hear it."""
    page.wait_for_load_state("load")
    page.keyboard.press(key)


def hurry_beat() -> None:
    """Beat looks every second instead of every minute, as an admin could set it; what it starts is the same."""
    eventually(lambda: PeriodicTask.objects.filter(task__in=HURRIED).count() == len(HURRIED))
    soon, _made = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.filter(task__in=HURRIED).update(interval=soon)
    PeriodicTasks.update_changed()


def eventually(find: Callable[[], Found], *, patience: float = PATIENCE) -> Found:
    """What ``find`` finds, as soon as it finds something; workers are at it meanwhile."""
    deadline = time.monotonic() + patience
    while not (found := find()):
        if time.monotonic() > deadline:
            raise AssertionError("The workers did not do it in time.")
        time.sleep(0.1)
    return found


def axe(page: Page, source: str) -> list[str]:
    """The serious and critical findings of axe-core on this page, each with its place."""
    page.evaluate(source)
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{page.url} {violation['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
