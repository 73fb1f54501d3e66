"""What customers fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.models import TicketType


class Files(forms.ClearableFileInput):
    """Several files in one field."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A list of uploaded files, perhaps empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=Files(attrs={"class": "input"}), required=False, **kwargs)

    def clean(self, data: object, initial: object = None) -> list[object]:
        """Every file that was sent; an empty one is kept too, so that nothing is lost."""
        many = data if isinstance(data, (list, tuple)) else [data]
        return [item for item in many if item]


def _input(**attrs: object) -> dict[str, object]:
    return {"class": "input", "dir": "auto", **attrs}


class RequestForm(forms.Form):
    """A new request. Who is signed in is not asked for a name and an address."""

    subject = forms.CharField(
        label=_("What is it about?"),
        max_length=250,
        widget=forms.TextInput(attrs=_input()),
        help_text=_("A few words, such as: heating control shows E7"),
    )
    text = forms.CharField(
        label=_("Tell us more"),
        widget=forms.Textarea(attrs=_input(rows=7)),
        help_text=_("What happened, since when, what you tried. Our answer comes by e-mail."),
    )
    type = forms.ChoiceField(
        label=_("What kind of request is it?"),
        choices=TicketType.choices,
        initial=TicketType.QUESTION,
        widget=forms.Select(attrs={"class": "input"}),
    )
    name = forms.CharField(
        label=_("Your name"), max_length=150, widget=forms.TextInput(attrs=_input(autocomplete="name"))
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )
    files = FilesField(  # type: ignore[assignment]  # a field; Django takes it out of the class
        label=_("Files"), help_text=_("Pictures or documents that show the problem")
    )

    def __init__(self, *args: Any, known: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            del self.fields["name"], self.fields["email"]


class MessageForm(forms.Form):
    """A customer's reply on the web."""

    text = forms.CharField(label=_("Your message"), widget=forms.Textarea(attrs=_input(rows=4)))
    files = FilesField(label=_("Files"))  # type: ignore[assignment]  # a field; Django takes it out of the class


class ConfirmForm(forms.Form):
    """Solved, or not and why."""

    solved = forms.ChoiceField(choices=[("yes", _("Yes, it is solved")), ("no", _("No, it is not"))])
    why = forms.CharField(
        label=_("What is still wrong?"), required=False, max_length=5000, widget=forms.Textarea(attrs=_input(rows=3))
    )


SCORES = [
    (1, _("Not at all")),
    (2, _("A little")),
    (3, _("Partly")),
    (4, _("Mostly")),
    (5, _("Completely")),
]


class SurveyForm(forms.Form):
    """One score, and words if they want to give any."""

    score = forms.TypedChoiceField(
        choices=SCORES, coerce=int, error_messages={"required": _("Choose a number from 1 to 5.")}
    )
    comment = forms.CharField(
        label=_("What would have made it a five?"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs=_input(rows=4)),
    )
