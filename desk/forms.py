"""What all forms of the desk share: a refusal stands at the field it belongs to, and one goes on where one was."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy

from common.errors import Refused


class WholeNumber(forms.IntegerField):
    """A whole number whose bounds are told in our words."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for one in self.validators:
            if isinstance(one, MinValueValidator):
                one.message = gettext_lazy("Write %(limit_value)s or more.")
            elif isinstance(one, MaxValueValidator):
                one.message = gettext_lazy("Write %(limit_value)s or less.")


def refuse(form: forms.BaseForm, refusal: Refused) -> None:
    """Put a rule's answer at its field, or on top of the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def wanted_next(request: HttpRequest) -> str:
    """Where the page that asked wants to go on: ``next``, in this house; else nothing."""
    url = request.POST.get("next") or request.GET.get("next", "")
    return url if url_has_allowed_host_and_scheme(url, allowed_hosts=None) and url.startswith("/") else ""
