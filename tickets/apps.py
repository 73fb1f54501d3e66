from importlib import import_module

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"

    def ready(self) -> None:
        """Announce the settings, and tell the apps below what of theirs stands here."""
        for room in ("values", "people", "reactions"):
            import_module(f"tickets.{room}")

        from events import values
        from sla import warning
        from tickets.clocks.looking import look_again

        values.follow(look_again, *warning.KEYS)
