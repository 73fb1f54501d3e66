"""The form of one's own account."""

from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User


def zones() -> list[tuple[str, str]]:
    """Time zones as people know them: by continent and town, UTC first."""
    named = sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix", "right"))
    )
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in named)]


class AccountForm(forms.ModelForm):
    """How the desk speaks to a colleague, and in which time."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zones)
    keys_enabled = forms.BooleanField(
        label=_("Single-letter shortcuts"),
        required=False,
        help_text=_("Keys such as c and / act on the page. Switch them off if you dictate or use sticky keys."),
    )

    class Meta:
        model = User
        fields = ("name", "called", "language", "time_zone", "keys_enabled")
