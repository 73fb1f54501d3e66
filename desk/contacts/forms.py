"""Writing a contact down in under ten seconds (T7): who, what, done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.clock import parse_when
from tickets.models import Channel, Contact, TicketType

WAYS = [
    ("phone", _("Phone")),
    ("in_person", _("At the desk")),
    ("letter", _("Letter")),
    ("voicemail", _("They left a message")),
    ("missed", _("Missed call")),
]
"""What one picks with one key; voicemail and missed calls are phone calls that nobody picked up (T1)."""

_CHANNEL = {"voicemail": Channel.PHONE, "missed": Channel.PHONE}
_OUTCOME = {
    "phone": Contact.Outcome.TALKED,
    "in_person": Contact.Outcome.TALKED,
    "letter": Contact.Outcome.WRITTEN,
    "voicemail": Contact.Outcome.VOICEMAIL,
    "missed": Contact.Outcome.MISSED,
}
NEW, ALONE = "new", "none"


class ContactForm(forms.Form):
    """The short form. Nothing but the way it came is asked for: an unknown caller is served too."""

    way = forms.ChoiceField(label=_("Channel"), choices=WAYS, initial="phone", widget=forms.RadioSelect)
    direction = forms.ChoiceField(
        label=_("Direction"),
        choices=Contact.Direction.choices,
        initial=Contact.Direction.INBOUND,
        widget=forms.RadioSelect,
    )
    person = forms.IntegerField(required=False, widget=forms.HiddenInput)
    person_name = forms.CharField(required=False, max_length=150)
    phone = forms.CharField(
        label=_("Their number"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "tel", "autocomplete": "off"}),
    )
    text = forms.CharField(
        label=_("What they say"),
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 5, "dir": "auto", "data-draft": "log-contact"}),
        help_text=_("Repeat it back before you go on: “As I understand it, …”"),
    )
    agreed = forms.CharField(
        label=_("What was agreed"),
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 2, "dir": "auto"}),
    )
    belongs_to = forms.CharField(required=False, initial=NEW)
    subject = forms.CharField(
        label=_("Subject"),
        required=False,
        max_length=250,
        widget=forms.TextInput(attrs={"class": "input", "dir": "auto"}),
        help_text=_("Left empty, the first words of what they say become the subject"),
    )
    type = forms.ChoiceField(
        label=_("Type"),
        choices=TicketType.choices,
        initial=TicketType.QUESTION,
        required=False,
        widget=forms.Select(attrs={"class": "input"}),
    )
    happened_at = forms.CharField(
        label=_("When it happened"),
        required=False,
        widget=forms.TextInput(attrs={"class": "input", "type": "datetime-local"}),
        help_text=_("Empty: now. A letter: when it was received"),
    )
    minutes = forms.IntegerField(
        label=_("How long, in minutes"),
        required=False,
        min_value=0,
        max_value=24 * 60,
        widget=forms.NumberInput(attrs={"class": "input"}),
    )
    seconds = forms.IntegerField(required=False, min_value=0, max_value=24 * 3600, widget=forms.HiddenInput)

    def __init__(self, *args: Any, zone: str = "UTC", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def clean_happened_at(self) -> Any:
        """An aware time, or None for now; never in the future."""
        typed = self.cleaned_data["happened_at"]
        if not typed:
            return None
        when = parse_when(typed, self.zone, field="happened_at")
        if when > timezone.now() + timedelta(minutes=1):
            raise forms.ValidationError(_("It has happened already: choose a time that is past."))
        return when

    def contact_fields(self) -> dict[str, Any]:
        """The arguments of ``lifecycle.log_contact`` that this form knows."""
        data = self.cleaned_data
        seconds = data["seconds"] if data["minutes"] is None else data["minutes"] * 60
        text = data["text"].strip()
        subject = data["subject"].strip() or text.splitlines()[0][:120] if text or data["subject"].strip() else ""
        opens = data["belongs_to"] in ("", NEW)
        return {
            "channel": _CHANNEL.get(data["way"], data["way"]),
            "outcome": _OUTCOME[data["way"]],
            "direction": data["direction"],
            "text": text,
            "agreed": data["agreed"],
            "phone": data["phone"],
            "happened_at": data["happened_at"],
            "duration_seconds": seconds,
            "subject": (subject or str(dict(WAYS)[data["way"]])) if opens else "",
            "ticket_fields": {"type": data["type"] or TicketType.QUESTION} if opens else None,
        }
