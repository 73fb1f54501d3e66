"""Writing to the customer, or for colleagues alone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.tickets.forms.base import ActForm, Files, Words


class ReplyForm(ActForm):
    """A reply; ``seen`` is the highest entry that the page showed (T10)."""

    title, icon, button = _("Reply"), "send", _("Send")

    text = Words(label=_("Your reply"))
    files = Files()  # type: ignore[assignment]  # a field; Django takes it out of the class
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=forms.HiddenInput)
    then = forms.ChoiceField(required=False, choices=[("", ""), ("pending", "pending")], widget=forms.HiddenInput)

    def words(self) -> dict[str, Any]:
        """What ``lifecycle.reply`` wants to know."""
        return {name: self.cleaned_data[name] for name in ("text", "files", "seen", "then")}


class NoteForm(ActForm):
    """An internal note (T13)."""

    title, icon, button = _("Internal note"), "sticky-note", _("Add the note")

    text = Words(label=_("Your note"))
    files = Files()  # type: ignore[assignment]  # a field; Django takes it out of the class
    restricted = forms.BooleanField(label=_("Only for me and supervisors"), required=False)
