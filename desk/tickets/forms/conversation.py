"""Writing to the customer, or for colleagues alone."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from common.files import safe_name
from common.html import html_to_text
from desk.tickets.forms.base import LONGEST_TEXT, ActForm, Files, Words
from events import values
from tickets.values import ATTACHMENT_BYTES, ATTACHMENT_COUNT, ATTACHMENT_REFUSED

LONGEST_HTML = 400_000
EMPTY = re.compile(r"(?:<(?!img\b)[^<>]*>|&nbsp;|\s)*", re.IGNORECASE)


def limits() -> dict[str, Any]:
    """How much fits: said before one tries."""
    known = values.many(ATTACHMENT_BYTES, ATTACHMENT_COUNT, ATTACHMENT_REFUSED)
    refused = sorted("." + word.lower().lstrip(".") for word in known[ATTACHMENT_REFUSED])
    return {
        "bytes": known[ATTACHMENT_BYTES],
        "megabytes": known[ATTACHMENT_BYTES] // 2**20,
        "files": known[ATTACHMENT_COUNT],
        "refused": " ".join(refused),
        "text": LONGEST_TEXT,
    }


class Unechoed(forms.HiddenInput):
    """A hidden field that forgets: who mends the plain text of a form that came back means what they typed."""

    def format_value(self, value: Any) -> str | None:
        """Nothing."""
        return None


class Markup(forms.CharField):
    """The same words as the editor writes them; an empty paragraph is no words. The verb makes it safe."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, strip=False, widget=Unechoed, **kwargs)

    def clean(self, value: Any) -> str:
        """Without NUL bytes; too long is said before anything is tried."""
        html = super().clean(str(value or "").replace("\x00", ""))
        if len(html) > LONGEST_HTML:
            raise forms.ValidationError(too_long(), code="too_long")
        return "" if EMPTY.fullmatch(html) else html


class FewFiles(Files):
    """As many and as large as a message may carry: the others are named, and nothing is sent without them."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files, known = super().clean(data, initial), limits()
        if len(files) > known["files"]:
            raise forms.ValidationError(
                ngettext(
                    "One message carries at most %(most)d file; you chose %(many)d. Send the others in another.",
                    "One message carries at most %(most)d files; you chose %(many)d. Send the others in another.",
                    known["files"],
                )
                % {"most": known["files"], "many": len(files)},
                code="too_many",
            )
        for file in files:
            name = safe_name(file.name or "")
            if (file.size or 0) > known["bytes"]:
                words = _("“%(name)s” is larger than %(megabytes)d MB. Send a link to it instead.")
                raise forms.ValidationError(words % {"name": name, "megabytes": known["megabytes"]}, code="too_large")
            if PurePosixPath(name.lower().rstrip(". ")).suffix in known["refused"].split():
                words = _("“%(name)s” could run on the reader's machine, so it is not sent. Pack it, or send a link.")
                raise forms.ValidationError(words % {"name": name}, code="refused_kind")
        return files


class WritingForm(ActForm):
    """Words that the editor gives as markup; without it as plain text."""

    text = Words(label=gettext_lazy("Your text"))
    html = Markup()
    files = FewFiles()  # type: ignore[assignment]  # a field; Django takes it out of the class

    def clean(self) -> dict[str, Any]:
        """Markup says it all; the plain text is its twin, also where the form comes back."""
        data = super().clean() or self.cleaned_data
        if data.get("html"):
            self.errors.pop("text", None)
            data["text"] = html_to_text(data["html"])
            if len(data["text"]) > LONGEST_TEXT:
                self.add_error("text", too_long())
        return data


class ReplyForm(WritingForm):
    """A reply; ``seen`` is the highest entry that the page showed (T10)."""

    title, icon, button = gettext_lazy("Reply"), "send", gettext_lazy("Send")

    text = Words(label=gettext_lazy("Your reply"))
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=forms.HiddenInput)
    then = forms.ChoiceField(required=False, choices=[("", ""), ("pending", "pending")], widget=forms.HiddenInput)

    def words(self) -> dict[str, Any]:
        """What ``lifecycle.reply`` wants to know."""
        return {name: self.cleaned_data[name] for name in ("text", "html", "files", "seen", "then")}


class NoteForm(WritingForm):
    """An internal note (T13); ``mentions`` are colleagues who are told of it."""

    title, icon, button = gettext_lazy("Internal note"), "sticky-note", gettext_lazy("Add the note")

    text = Words(label=gettext_lazy("Your note"))
    restricted = forms.BooleanField(label=gettext_lazy("Only for me and supervisors"), required=False)
    mentions = forms.ModelMultipleChoiceField(
        User.objects.filter(is_active=True), required=False, widget=forms.MultipleHiddenInput,
        error_messages={"invalid_choice": gettext_lazy("A colleague you mention is not here any more.")},
    )  # fmt: skip


def too_long() -> str:
    """The limit of a text in words."""
    return _("This is too long: at most %(limit)d characters fit. Send the rest as a file.") % {"limit": LONGEST_TEXT}
