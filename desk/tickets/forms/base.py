"""What the forms of acts share: refusals at their field, moments, the words around them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.clock import for_input, format_when, parse_when
from common.errors import Malformed, Refused

OTHER = "other"
LONGEST_TEXT = 100_000
UNANSWERED = gettext_lazy("Their message stays unanswered until somebody writes words of their own.")


class ActForm(forms.Form):
    """A form beside a conversation: what the act is called, and in ``say`` the words for the customer."""

    title: str | Lazy = ""
    icon = "check"
    button: str | Lazy = gettext_lazy("Save")
    tone = "primary"
    say = ""
    note: str | Lazy = ""
    required_css_class = "required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"act-{type(self).__name__.lower()}-%s")
        super().__init__(*args, **kwargs)

    def refuse(self, refusal: Refused) -> None:
        """Put a rule's answer at the field it belongs to, or above the form."""
        name = refusal.field or ""
        is_shown = name in self.fields and not self.fields[name].widget.is_hidden
        self.add_error(name if is_shown else None, refusal.message)


class SureForm(ActForm):
    """An act that asks nothing but to be pressed."""


class Words(forms.CharField):
    """A text of several lines; too long is said here, before anything is tried."""

    def __init__(self, *, rows: int = 3, draft: str = "", **kwargs: Any) -> None:
        attrs = {"rows": rows, "dir": "auto", **({"data-draft": draft} if draft else {})}
        kwargs.setdefault("widget", forms.Textarea(attrs=attrs))
        kwargs.setdefault("max_length", LONGEST_TEXT)
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """NUL bytes are taken out, not refused: people paste all sorts of things."""
        return super().clean(str(value or "").replace("\x00", ""))


class Moment(forms.CharField):
    """A date and time as ``datetime-local``, read in the reader's zone."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return for_input(value, timezone.get_current_timezone_name()) if isinstance(value, datetime) else value

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_when(text, timezone.get_current_timezone_name())
        except Malformed as error:
            raise forms.ValidationError(error.message, code=error.code) from error


class QuickMoment(forms.ChoiceField):
    """A moment from a few ready ones (ISO instants), or ``other``: then the form's ``…_other`` field says it."""

    def __init__(self, *, moments: list[tuple[datetime, str]], **kwargs: Any) -> None:
        choices = [(at.isoformat(), label) for at, label in moments]
        super().__init__(choices=[*choices, (OTHER, _("Another time"))], widget=forms.RadioSelect, **kwargs)

    def valid_value(self, value: Any) -> bool:
        """A ready moment of the page that was shown, which may have been some minutes ago."""
        try:
            return value == OTHER or parse_when(str(value), "UTC") is not None
        except Malformed:
            return False


def moment_of(form: forms.Form, name: str) -> datetime | None:
    """What a ``QuickMoment`` and its ``…_other`` say together; an error at the field where they say nothing."""
    picked = form.cleaned_data.get(name)
    if not picked:
        return None
    if picked != OTHER:
        return parse_when(picked, "UTC")
    typed: datetime | None = form.cleaned_data.get(f"{name}_other")
    if typed is None and f"{name}_other" not in form.errors:
        form.add_error(f"{name}_other", _("Give the date and the time."))
    return typed


def when_for_both(at: datetime, their_zone: str, span: str = "") -> str:
    """A ready moment in words: on the reader's clock, and on the customer's where it shows another time."""
    mine = timezone.localtime(at)
    words = f"{span} · {mine:%H:%M}" if span else f"{_day(mine)} {mine:%H:%M}"
    try:
        theirs = format_when(at, their_zone).rsplit(", ", 1)[-1] if their_zone else ""
    except Malformed:
        theirs = ""
    return words if not theirs or theirs == f"{mine:%H:%M}" else _("%(when)s (theirs %(theirs)s)") % {
        "when": words, "theirs": theirs,
    }  # fmt: skip


def _day(moment: datetime) -> str:
    """The day as one says it: today, tomorrow, or its name and date."""
    days = (moment.date() - timezone.localdate()).days
    return {0: _("Today"), 1: _("Tomorrow")}.get(days) or date_format(moment, "D j M")


class Keyed(forms.RadioSelect):
    """Choices with a letter of their own: ``Keyed(y="given", n="refused")``."""

    def __init__(self, **keys: str) -> None:
        super().__init__()
        self.keys = {value: key for key, value in keys.items()}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if key := self.keys.get(str(value)):
            option["attrs"]["data-choice-key"] = option["key"] = key
        return option


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class Files(forms.FileField):
    """Any number of files, none required."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", ManyFiles(attrs={"multiple": True}))
        kwargs.setdefault("label", gettext_lazy("Files"))
        super().__init__(required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, (list, tuple)) else [data]
        return [file for file in given if file]


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, if something was; a form of nothing but a button is sent too."""
    return request.POST if request.method == "POST" else None


def sure(request: HttpRequest, title: str, icon: str, button: str, say: str = "", tone: str = "primary") -> SureForm:
    """The form of an act that asks nothing."""
    form = SureForm(posted(request))
    form.title, form.icon, form.button, form.note, form.tone = title, icon, button, say, tone
    return form
