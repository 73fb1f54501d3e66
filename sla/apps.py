from django.apps import AppConfig


class SlaConfig(AppConfig):
    name = "sla"

    def ready(self) -> None:
        from events import values
        from sla import policies, warning
        from staff import calendar_use

        calendar_use.register_users("policy", policies.counting_with)
        calendar_use.register_promises(policies.promised_in)
        values.guard(warning.check_desk, *warning.KEYS)
