"""Loaded before the settings are read: what must differ between the workers of one test run."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
os.environ["REDIS_PREFIX"] = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
# Playwright's own loop runs in the thread of the test, which Django would take for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from django.contrib.auth.hashers import PBKDF2PasswordHasher

# A million rounds for every user of every test are most of a run's time. A hash names its own number of rounds, so the
# real desk of a browser test still takes these passwords.
PBKDF2PasswordHasher.iterations = 1
