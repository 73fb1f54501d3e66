"""What allauth asks of the desk."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest, HttpResponse

from accounts import hooks
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Customers may sign up; whom a verified address belongs to, the customers' room decides."""

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        """Once signed in, a verified address may be somebody the desk knows already."""
        addresses = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
        for address in addresses.values_list("email", flat=True):
            hooks.verified(user, address)
        response: HttpResponse = super().post_login(request, user, **how)
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Codes and reset links take the way of all mail: a row first, where the desk has an outbox."""
        about = {"request": self.request, "email": email, "current_site": get_current_site(self.request)}
        message = self.render_mail(template_prefix, email, about | context)
        hooks.send(template_prefix.rsplit("/", 1)[-1], email, message)
