"""What customers fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from events import values
from tickets.models import TicketType
from tickets.values import ATTACHMENT_BYTES, ATTACHMENT_COUNT

SUBJECT_LIMIT = 250


class Files(forms.ClearableFileInput):
    """Several files in one field."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """A list of uploaded files, perhaps empty; too many or too large ones are told before anything is sent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=Files(attrs={"class": "input"}), required=False, **kwargs)

    def clean(self, data: object, initial: object = None) -> list[UploadedFile]:
        """Every file that was sent; an empty one is kept too, so that nothing is lost."""
        many = data if isinstance(data, (list, tuple)) else [data]
        files = [item for item in many if isinstance(item, UploadedFile)]
        if not files:
            return []
        limits = values.many(ATTACHMENT_BYTES, ATTACHMENT_COUNT)
        most, largest = limits[ATTACHMENT_COUNT], limits[ATTACHMENT_BYTES]
        if len(files) > most:
            raise forms.ValidationError(
                _now(
                    "At most %(most)d files fit into one message, and these are %(count)d. What you wrote is still "
                    "here: choose the most telling ones, and send the others in a second message."
                )
                % {"most": most, "count": len(files)}
            )
        if heavy := [file for file in files if (file.size or 0) > largest]:
            raise forms.ValidationError(
                _now(
                    "%(name)s is larger than %(size)d MB, which is more than we can take. What you wrote is still "
                    "here: send it without this file, or with a smaller copy."
                )
                % {"name": heavy[0].name, "size": largest // 2**20}
            )
        return files


def _input(**attrs: object) -> dict[str, object]:
    return {"class": "input", "dir": "auto", **attrs}


class RequestForm(forms.Form):
    """A new request. Who is signed in is not asked for a name and an address."""

    subject = forms.CharField(
        label=_("What is it about?"),
        max_length=SUBJECT_LIMIT,
        widget=forms.TextInput(attrs=_input()),
        help_text=_("A few words, such as: heating control shows E7"),
        error_messages={
            "required": _("Tell us in a few words what it is about."),
            "max_length": _(
                "This is the headline: keep it under %(limit_value)d characters (now %(show_value)d), and tell the "
                "rest below."
            ),
        },
    )
    text = forms.CharField(
        label=_("Tell us more"),
        widget=forms.Textarea(attrs=_input(rows=7)),
        help_text=_("What happened, since when, what you tried."),
        error_messages={"required": _("Tell us what happened, in your own words.")},
    )
    files = FilesField(  # type: ignore[assignment]  # a field; Django takes it out of the class
        label=_("Pictures or documents"), help_text=_("A photo of the problem often says most.")
    )
    type = forms.ChoiceField(
        label=_("What kind of request is it?"),
        choices=[
            (TicketType.QUESTION, _("A question")),
            (TicketType.INCIDENT, _("Something does not work")),
            (TicketType.REQUEST, _("I need something")),
            (TicketType.RETURN, _("A return or a refund")),
            (TicketType.COMPLAINT, _("A complaint")),
            (TicketType.SUGGESTION, _("A suggestion")),
        ],
        initial=TicketType.QUESTION,
        widget=forms.Select(attrs={"class": "input"}),
        help_text=_("If you are not sure, leave it as it is."),
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs=_input(autocomplete="name")),
        error_messages={"required": _("Tell us your name, so that we know how to speak to you.")},
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email", "dir": "ltr"}),
        help_text=_("Our answer comes to this address."),
        error_messages={
            "required": _("Tell us where our answer should go."),
            "invalid": _("An e-mail address looks like anna@example.org."),
        },
    )

    def __init__(self, *args: Any, known: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].widget.attrs.pop("maxlength", None)  # words that are cut off without a word are lost
        if known:
            del self.fields["name"], self.fields["email"]


class MessageForm(forms.Form):
    """A customer's reply on the web."""

    text = forms.CharField(
        label=_("Your message"),
        widget=forms.Textarea(attrs=_input(rows=4)),
        error_messages={"required": _("Write your message first.")},
    )
    files = FilesField(label=_("Pictures or documents"))  # type: ignore[assignment]  # a field, taken out of the class


class ConfirmForm(forms.Form):
    """Solved, or not and why."""

    solved = forms.ChoiceField(
        choices=[("yes", _("Yes, it is solved")), ("no", _("No, it is not"))],
        error_messages={"required": _("Press one of the two buttons.")},
    )
    why = forms.CharField(
        label=_("What is still wrong?"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs=_input(rows=4)),
        help_text=_("It helps us to begin at the right place. You need not tell everything again."),
    )


SCORES = [
    (1, _("Not at all")),
    (2, _("A little")),
    (3, _("Partly")),
    (4, _("Mostly")),
    (5, _("Completely")),
]


class SurveyForm(forms.Form):
    """One score, and afterwards words if they want to give any."""

    score = forms.TypedChoiceField(
        choices=SCORES,
        coerce=int,
        error_messages={
            "required": _("Choose a number from 1 to 5."),
            "invalid_choice": _("Choose a number from 1 to 5."),
        },
    )
    comment = forms.CharField(
        label=_("What would have made it a five?"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs=_input(rows=4)),
    )
