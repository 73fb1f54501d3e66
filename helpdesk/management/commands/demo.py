"""``manage.py demo``: a desk to look at."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from customers.models import Person
from helpdesk.demo import desk
from helpdesk.demo.cast import DOMAIN, PASSWORD
from tickets.models import Ticket

SIGN_INS = [
    ("agent", f"ingrid@{DOMAIN}"),
    ("supervisor", f"samir@{DOMAIN}"),
    ("manager", f"marta@{DOMAIN}"),
    ("admin", f"ada@{DOMAIN}"),
    ("customer", "ruth.adeyemi@aurorahousing.example"),
]


class Command(BaseCommand):
    help = "Fill an empty desk with demo data: three teams, a dozen colleagues, eight weeks of tickets."

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse on a desk that holds anything; else make the demo and print the sign-ins."""
        if Ticket.objects.exists() or Person.objects.exists() or User.objects.exists():
            raise CommandError("This desk is not empty. The demo fills empty desks only; nothing was changed.")
        made = desk.make(timezone.now())
        lines = [f"{role:<10} {address}  {PASSWORD}" for role, address in SIGN_INS]
        Path(settings.VAR_DIR).mkdir(parents=True, exist_ok=True)
        (Path(settings.VAR_DIR) / "demo-signins.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.stdout.write(f"{made['tickets']} tickets. Sign in with one of:")
        for line in lines:
            self.stdout.write(f"  {line}")
