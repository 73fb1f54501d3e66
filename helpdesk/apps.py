from django.apps import AppConfig


class HelpdeskConfig(AppConfig):
    """The project: what joins the apps, without a rule of its own."""

    name = "helpdesk"

    def ready(self) -> None:
        """Bind the task queue, so that every process publishes to it, and give the events their way out."""
        from events import announcing, dispatch  # they read the settings and the apps, which are complete only now
        from helpdesk import celery, checks, live  # noqa: F401

        dispatch.set_dispatcher(celery.hurry)
        dispatch.set_task_sender(celery.hurry_task)
        announcing.set_announcer(live.announcer)
