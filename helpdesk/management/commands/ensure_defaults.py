"""``python manage.py ensure_defaults``: what a desk needs before its first ticket."""

from typing import Any

from django.core.management.base import BaseCommand

from helpdesk import defaults


class Command(BaseCommand):
    help = "Make what a desk needs before its first ticket, where it is missing. Harmless to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        made = defaults.ensure()
        self.stdout.write(", ".join(made) if made else "Nothing was missing.")
