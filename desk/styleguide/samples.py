"""What the examples of the style guide show: invented people, short and very long words, several scripts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PARTS = settings.BASE_DIR / "templates/desk/styleguide/parts"
NAMES = tuple(sorted(path.stem for path in PARTS.glob("*.html")))
"""One example per file of ``static/css/components``, by the same name; a test compares the two."""

LONG = (
    "The heating in the stairwell of the house at the corner has not come on since the first frost of this autumn, " * 3
)


class SampleForm(forms.Form):
    """Every kind of field, some of them with what went wrong."""

    subject = forms.CharField(label=_("Subject"), help_text=_("In a few words"))
    address = forms.EmailField(label=_("E-mail"))
    text = forms.CharField(label=_("Message"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("q", _("Question")), ("i", _("Incident"))])
    until = forms.ChoiceField(
        label=_("Until"),
        choices=[("1", _("Today 16:00")), ("2", _("Tomorrow 9:00")), ("3", _("Another time"))],
        widget=forms.RadioSelect,
    )
    share = forms.BooleanField(label=_("Share with the organisation"), required=False)
    papers = forms.FileField(label=_("Files"), required=False)


def context() -> dict[str, Any]:
    """The objects of the examples; times are counted from now, so that countdowns run."""
    now = timezone.now()
    wrong = SampleForm({"address": "not an address", "kind": "q"}, prefix="wrong")
    wrong.is_valid()
    wrong.add_error(None, _("Nothing was sent yet: look at the two marked fields."))
    return {
        "now": now,
        "begun": now - timedelta(hours=10),
        "soon": now + timedelta(minutes=50),
        "later": now + timedelta(hours=14),
        "past": now - timedelta(minutes=25),
        "long": LONG,
        "hebrew": "אין מים חמים בדירה 4 מאז הבוקר",
        "thai": "เครื่องทำความร้อนไม่ทำงานตั้งแต่เช้านี้",
        "form": SampleForm(prefix="plain", initial={"until": "2", "subject": "Radiator"}),
        "wrong": wrong,
        "scores": range(1, 6),
    }
