"""What higher apps want done when somebody signs in, and how a mail about signing in leaves the house."""

from __future__ import annotations

from collections.abc import Callable

from django.core.mail import EmailMessage

from accounts.models import User

Verified = Callable[[User, str], object]
Mailer = Callable[[str, str, EmailMessage], None]

_on_verified: list[Verified] = []
_mailer: list[Mailer] = []


def on_verified(function: Verified) -> Verified:
    """Register what happens when a user signs in with an address they have verified."""
    _on_verified.append(function)
    return function


def verified(user: User, address: str) -> None:
    """Tell everybody who asked; called in the request of the sign-in."""
    for function in _on_verified:
        function(user, address)


def set_mailer(function: Mailer | None) -> None:
    """Name who sends mails about signing in: called with the template, the address and the finished message."""
    _mailer[:] = [function] if function else []


def send(template: str, address: str, message: EmailMessage) -> None:
    """Through the mailer where there is one, else at once."""
    if _mailer:
        _mailer[0](template, address, message)
    else:
        message.send()
