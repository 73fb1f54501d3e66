from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "feedback"

    def ready(self) -> None:
        """Register the reactions, and tell the apps below what of theirs stands here."""
        from feedback import people, reactions  # noqa: F401
