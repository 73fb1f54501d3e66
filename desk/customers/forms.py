"""Forms about people: they read and check; the operations decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from customers import policy
from customers.models import CustomerType, Department, Flag, Organisation, Person, SupportPlan
from desk.account.forms import zones


class PersonForm(forms.Form):
    """What is known of a person beside how to reach them."""

    name = forms.CharField(label=_("Name"), max_length=150, required=False)
    called = forms.CharField(label=_("Wants to be called"), max_length=80, required=False)
    kind = forms.ChoiceField(
        label=_("Customer"), choices=CustomerType.choices, widget=forms.RadioSelect, initial=CustomerType.EXTERNAL
    )
    organisation = forms.CharField(
        label=_("Organisation"),
        max_length=200,
        required=False,
        help_text=_("Of an external customer. A new name makes a new one."),
    )
    department = forms.ModelChoiceField(
        Department.objects.all(), label=_("Department"), required=False, help_text=_("Of an internal customer.")
    )
    plan = forms.ModelChoiceField(
        SupportPlan.objects.all(), label=_("Support plan"), required=False,
        empty_label=_("Their organisation's, if any"), help_text=_("New tickets have it; those that run keep theirs."),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, choices=lambda: [("", "–"), *zones()])
    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The customer never sees these."),
    )

    def __init__(self, *args: Any, by: User, person: Person | None = None, **kwargs: Any) -> None:
        if person:
            names = ("name", "called", "kind", "department", "plan", "language", "time_zone", "notes")
            kwargs["initial"] = {name: getattr(person, name) for name in names} | {
                "organisation": person.organisation or ""
            }
        super().__init__(*args, **kwargs)
        _let_entitle(self, by)
        languages: dict[str, Any] = dict(settings.LANGUAGES)
        if person and person.language:
            languages.setdefault(person.language, person.language)
        cast("forms.ChoiceField", self.fields["language"]).choices = [("", "–"), *languages.items()]


class NewPersonForm(PersonForm):
    """A new person, with a first address and number."""

    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=60, required=False)
    anyway = forms.BooleanField(label=_("This is somebody else: add them anyway"), required=False)

    field_order = ("name", "called", "email", "phone", "kind", "organisation", "department")


def _let_entitle(form: forms.BaseForm, by: User) -> None:
    """Who may not give a plan is not asked for one; nor is anybody where there is none to give."""
    if not policy.may_entitle(by) or not SupportPlan.objects.exists():
        del form.fields["plan"]


class ReviewForm(forms.Form):
    """It was looked at and stands. Times are days, at their end in the agent's zone."""

    review_on = forms.DateField(label=_("Review on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    expires_on = forms.DateField(label=_("Ends on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        today = timezone.localdate()
        days = {"review_on": today + timedelta(days=30), "expires_on": today + timedelta(days=90)}
        kwargs["initial"] = days | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)


class FlagForm(ReviewForm):
    """C4: which, why, when it is looked at again, when it ends."""

    kind = forms.ChoiceField(label=_("Flag"), choices=Flag.Kind.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The next handler reads this before the conversation. The customer never sees it."),
    )  # fmt: skip

    field_order = ("kind", "reason", "review_on", "expires_on")


class OrganisationForm(forms.ModelForm):
    """An organisation; its operation refuses a second one of the same name."""

    class Meta:
        model = Organisation
        fields = ("name", "domain", "shares_tickets", "plan", "notes")
        widgets = {"notes": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"plan": _("All its people have it. New tickets have it; those that run keep theirs.")}

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _let_entitle(self, by)

    def validate_unique(self) -> None:
        """The operation's matter."""
