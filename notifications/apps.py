from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        """Tell the apps below what of theirs stands here."""
        from notifications import people  # noqa: F401
