from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        """Register what this door mails."""
        from portal import mails  # noqa: F401
