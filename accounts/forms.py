"""The forms of signing in, in our words: a label says it once, and nothing stands in the field before it is filled."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as theirs
from django.utils.translation import gettext_lazy as _

LABELS = {
    "login": _("Your e-mail address"),
    "email": _("Your e-mail address"),
    "oldpassword": _("Current password"),
    "password1": _("New password"),
    "password2": _("New password, once more"),
}


class InOurWords:
    """Labels of ours; a placeholder would only repeat them, and is gone once one types."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = LABELS.get(name, field.label)


class LoginForm(InOurWords, theirs.LoginForm):
    """E-mail and password."""


class RequestLoginCodeForm(InOurWords, theirs.RequestLoginCodeForm):
    """Where the code of a sign-in goes."""


class ResetPasswordForm(InOurWords, theirs.ResetPasswordForm):
    """Where the link to a new password goes."""


class ResetPasswordKeyForm(InOurWords, theirs.ResetPasswordKeyForm):
    """A new password, after the link."""


class ChangePasswordForm(InOurWords, theirs.ChangePasswordForm):
    """A new password instead of the old one."""


class SetPasswordForm(InOurWords, theirs.SetPasswordForm):
    """A first password."""
