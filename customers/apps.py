from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "customers"

    def ready(self) -> None:
        """Whoever signs in with a verified address may be a customer that the desk knows."""
        from accounts import hooks
        from customers.operations import link_user

        hooks.on_verified(link_user)
