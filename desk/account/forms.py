"""The forms of one's own account: how the desk speaks to one, when it tells one what, and its keys."""

from __future__ import annotations

from functools import cache
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _

from accounts.models import Theme, User
from accounts.own_keys import LETTERS
from common.zones import names
from desk import language as languages
from desk.account.letters import MEANINGS
from notifications.models import NoticeChoice
from staff.models import Calendar


@cache
def zones() -> tuple[tuple[str, str], ...]:
    """Time zones as people know them: by continent and town, UTC first."""
    named = sorted(zone for zone in names() if "/" in zone and not zone.startswith(("Etc/", "posix", "right")))
    return (("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in named))


def _clock() -> forms.TimeInput:
    return forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class AccountForm(forms.ModelForm):
    """How the desk speaks to a colleague, in which time and which light."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zones)
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[("", _("As my device has it")), *Theme.choices],
        required=False,
        widget=forms.RadioSelect(attrs={"data-theme-choice": True}),
    )

    class Meta:
        model = User
        fields = ("name", "called", "language", "time_zone", "theme")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = languages.field(self.instance)


class NoticesForm(forms.Form):
    """How one is told, and when not (N1)."""

    by_mail = forms.ChoiceField(
        label=_("By mail, too"),
        choices=NoticeChoice.ByMail.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "Urgent are threats, critical tickets whose time has passed, and what nobody on duty would see in time."
        ),
    )
    quiet_from = forms.TimeField(label=_("Quiet from"), required=False, widget=_clock())
    quiet_to = forms.TimeField(label=_("Quiet until"), required=False, widget=_clock())
    quiet_days = forms.TypedMultipleChoiceField(
        label=_("Quiet hours begin on"),
        choices=sorted(WEEKDAYS_ABBR.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    calendar = forms.ModelChoiceField(
        label=_("Working hours"),
        queryset=Calendar.objects.order_by("name"),
        required=False,
        empty_label=_("As my teams work"),
    )

    def __init__(self, data: Any = None, *, choice: NoticeChoice) -> None:
        initial = {name: getattr(choice, name) for name in ("by_mail", "quiet_from", "quiet_to")}
        days = choice.quiet_days or list(WEEKDAYS_ABBR)
        super().__init__(data, initial={**initial, "quiet_days": days, "calendar": choice.calendar_id})


class KeysForm(forms.Form):
    """One field per key; empty is off. Whether two are the same, the operation says."""

    keys_enabled = forms.BooleanField(
        label=_("Single keys act on the page"),
        required=False,
        help_text=_("Switch them off if you dictate, or if keys get pressed by accident. Ctrl+K works always."),
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        initial = {f"key_{letter}": user.own_keys.get(letter, letter) for letter in LETTERS}
        super().__init__(data, initial={"keys_enabled": user.keys_enabled, **initial})
        for letter in LETTERS:
            what, where = (str(words) for words in MEANINGS[letter])
            marks = {"class": "input key", "data-letter": letter, "autocomplete": "off", "autocapitalize": "none"}
            self.fields[f"key_{letter}"] = forms.CharField(
                label=what, help_text=where, required=False, max_length=4, widget=forms.TextInput(attrs=marks)
            )

    @property
    def letters(self) -> list[forms.BoundField]:
        """The fields of the keys, in the order in which they are explained."""
        return [self[f"key_{letter}"] for letter in MEANINGS]

    def own_keys(self) -> dict[str, str]:
        """From a key as it comes to what was typed for it."""
        return {letter: self.cleaned_data[f"key_{letter}"] for letter in LETTERS}
