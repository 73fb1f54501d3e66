"""Writing a contact down in under ten seconds (T7): who, what, done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.clock import parse_when
from desk.forms import WholeNumber
from desk.tickets import moments
from desk.tickets.forms.base import OTHER, Moment, QuickMoment, moment_of
from staff.hours import business_hours
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
LIVE = ("phone", "in_person")
DIRECTIONS = [(Contact.Direction.INBOUND, _("They came to us")), (Contact.Direction.OUTBOUND, _("We went to them"))]


def kind_of(typed: str) -> str:
    """What somebody who is not found was looked for by: ``email``, ``phone`` or ``name``."""
    digits = sum(sign.isdecimal() for sign in typed)
    if "@" in typed:
        return "email"
    return "phone" if digits > 4 and not any(sign.isalpha() for sign in typed) else "name"


class ContactForm(forms.Form):
    """The short form. Nothing but the way it came is asked for: an unknown caller is served too."""

    way = forms.ChoiceField(label=_("Channel"), choices=WAYS, initial="phone", widget=forms.RadioSelect)
    direction = forms.ChoiceField(
        label=_("Direction"),
        choices=DIRECTIONS,
        initial=Contact.Direction.INBOUND,
        widget=forms.RadioSelect,
    )
    q = forms.CharField(required=False)
    person = forms.IntegerField(required=False, widget=forms.HiddenInput)
    person_name = forms.CharField(
        label=_("Name of a new person"),
        required=False,
        max_length=150,
        widget=forms.TextInput(attrs={"class": "input", "dir": "auto", "autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("Their number"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "tel", "autocomplete": "off"}),
    )
    email = forms.CharField(
        label=_("Their e-mail"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "email", "autocomplete": "off"}),
    )
    text = forms.CharField(
        label=_("What they say"),
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 6, "dir": "auto", "data-draft": "log-contact"}),
        help_text=_("Repeat it back before you go on: “As I understand it, …”"),
    )
    agreed = forms.CharField(
        label=_("What was agreed"),
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 2, "dir": "auto", "data-draft": "log-contact-agreed"}),
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
    minutes = WholeNumber(
        label=_("How long, in minutes"),
        required=False,
        min_value=0,
        max_value=24 * 60,
        widget=forms.NumberInput(attrs={"class": "input"}),
        help_text=_("Empty: what the timer says"),
    )
    seconds = forms.IntegerField(required=False, min_value=0, max_value=24 * 3600, widget=forms.HiddenInput)
    ago = forms.IntegerField(required=False, min_value=0, max_value=24 * 3600, widget=forms.HiddenInput)
    live = forms.BooleanField(required=False)
    call_back_other = Moment(label=_("Another time"), required=False)

    def __init__(self, *args: Any, zone: str = "UTC", their_zone: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        ready = moments.for_promise_in(their_zone, now=timezone.now(), hours=business_hours())
        self.fields["call_back"] = promise = QuickMoment(label=_("Promise a call back"), moments=ready, required=False)
        promise.choices = [("", _("No")), *((at.isoformat(), words) for at, words in ready), (OTHER, _("Another time"))]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._keep_what_was_typed(data)
        data["call_back_at"] = moment_of(self, "call_back")
        if data["call_back_at"] and data.get("belongs_to") == ALONE:
            self.add_error("call_back", _("A promise needs a ticket: choose one, or a new one."))
        return data

    def _keep_what_was_typed(self, data: dict[str, Any]) -> None:
        """Who was typed and not picked is somebody new of that name, number or address: nothing typed is lost."""
        typed = data.get("q", "").strip()[:150]
        if not typed or data.get("person") or any(data.get(name) for name in ("person_name", "phone", "email")):
            return
        kind = kind_of(typed)
        if kind == "email":
            try:
                validate_email(typed)
            except ValidationError:
                kind = "name"
        data["phone" if kind == "phone" else "email" if kind == "email" else "person_name"] = typed

    @property
    def is_still_on(self) -> bool:
        """They are on the line, or at the desk, while this is written down."""
        data = self.cleaned_data
        return data["live"] and data["way"] in LIVE and data["minutes"] is None

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
        happened_at = data["happened_at"]
        since = data["ago"] or seconds
        if happened_at is None and since and data["way"] in LIVE:
            happened_at = timezone.now() - timedelta(
                seconds=since
            )  # it began when the timer did, not when it was saved
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
            "happened_at": happened_at,
            "duration_seconds": seconds,
            "subject": (subject or str(dict(WAYS)[data["way"]])) if opens else "",
            "ticket_fields": {"type": data["type"] or TicketType.QUESTION} if opens else None,
        }
