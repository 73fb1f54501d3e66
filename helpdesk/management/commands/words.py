"""``manage.py words``: bring the files of translations up to date with what customers read, and compile them."""

from typing import Any

from django.core.management.base import BaseCommand

from helpdesk import words
from helpdesk.launch import translations


class Command(BaseCommand):
    """Write every sentence for customers into each language's file."""

    help = "Put today's sentences for customers into locale/*/LC_MESSAGES/django.po and compile them."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many are left to translate in each language."""
        for path in sorted(words.LOCALE.glob("*/LC_MESSAGES/django.po")):
            left = words.update(path)
            self.stdout.write(f"{path.parent.parent.name}: {left} to translate")
        translations.compile_all()
