from django.apps import AppConfig


class SlaConfig(AppConfig):
    name = "sla"

    def ready(self) -> None:
        from sla import policies
        from staff import calendar_use

        calendar_use.register_users("policy", policies.counting_with)
        calendar_use.register_promises(policies.promised_in)
