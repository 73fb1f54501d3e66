from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "feedback"

    def ready(self) -> None:
        """Tell the apps below what of theirs stands here."""
        from feedback import people  # noqa: F401
