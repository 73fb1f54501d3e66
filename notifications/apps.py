from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        """Announce the settings, register the reactions, and tell the apps below what of theirs stands here."""
        from notifications import people, reactions, values  # noqa: F401
