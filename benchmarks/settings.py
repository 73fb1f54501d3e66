"""The desk's own settings with one route more: the floor that everything is compared with. Never a real desk's."""

from helpdesk.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
