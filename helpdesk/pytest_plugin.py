"""Loaded before the settings are read: what must differ between the workers of one test run."""

import gc
import os
from collections.abc import Iterator
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
os.environ["REDIS_PREFIX"] = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
# Playwright's own loop runs in the thread of the test, which Django would take for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

# A million rounds for every user of every test are most of a run's time. A hash names its own number of rounds, so the
# real desk of a browser test still takes these passwords.
PBKDF2PasswordHasher.iterations = 1


@pytest.fixture(scope="session", autouse=True)
def _collected_files_are_not_listed_for_each_client() -> None:
    """Every client of a test makes the middleware anew; WhiteNoise would read a folder of a thousand files each time.

    The real desk of a browser test serves them as ever.
    """
    from django.conf import settings

    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session", autouse=True)
def _a_slow_redis_is_not_a_lost_one() -> None:
    """The desk goes on without a Redis that is silent for a second; on a busy machine a test would see that by chance.

    A test of a lost Redis brings its own.
    """
    from django.conf import settings

    from helpdesk import health

    patience = {"socket_connect_timeout": 60, "socket_timeout": 60}
    options: Any = settings.CACHES["default"]["OPTIONS"]
    options.update(patience)
    health.client().connection_pool.connection_kwargs.update(patience)


@pytest.fixture(scope="session", autouse=True)
def _fields_are_not_noted(django_test_environment: None) -> Iterator[None]:
    """The tests' client keeps a copy of the context for every template drawn: of each field and option, too.

    Nobody asks for those; a page of forms has hundreds.
    """
    from django.template import base

    template_class: Any = base.Template
    noted = template_class._render

    def render(template: Any, context: Any) -> Any:
        is_field = (template.name or "").startswith("django/forms/")
        return template.nodelist.render(context) if is_field else noted(template, context)

    template_class._render = render
    yield
    template_class._render = noted


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end; a sixth of a run went into looking through it for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
