from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        """Announce the settings, register the reactions, and tell the apps below what of theirs stands here."""
        from notifications import people, presence, reactions, values  # noqa: F401
        from staff import access

        access.register_duty(presence.there)
