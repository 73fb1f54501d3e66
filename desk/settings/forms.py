"""Forms of the settings: they read and check; the operations decide."""

from __future__ import annotations

from itertools import count
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from common.errors import Refused
from desk import language as languages
from desk.account.forms import zones
from desk.forms import WholeNumber
from desk.settings.measures import SizeField, SpanField
from events.values import Definition
from staff.models import Membership, StaffProfile, Team
from tickets.models import Category, HoldReason

SAME_INSTANT = 5
"""So many colleagues may take the code of a new row between two looks."""
SPANS = _("A number with its unit: 30 min, 2 h, 3 d.")


def colleagues() -> Any:
    """Everybody who serves."""
    return User.objects.filter(is_active=True, staff_profile__isnull=False).order_by("name")


def choices_of(form: forms.BaseForm, name: str) -> forms.ModelChoiceField:
    """A field that offers rows, for the type checker."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    return field


class TeamForm(forms.ModelForm):
    """A team; who serves in it stands beside."""

    class Meta:
        model = Team
        fields = ("name", "parent", "supervisor", "calendar", "brand", "is_restricted", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices_of(self, "supervisor").queryset = colleagues()
        self.fields["supervisor"].help_text = _("Escalations of the team go to them first.")
        choices_of(self, "parent").queryset = Team.objects.exclude(pk=self.instance.pk)

    def validate_unique(self) -> None:
        """The operation's matter."""

    def _post_clean(self) -> None:
        """Nothing is written to the instance here: the operation does, under its lock."""


class MemberForm(forms.Form):
    """Somebody joins a team."""

    user = forms.ModelChoiceField(User.objects.none(), label=_("Colleague"))
    role = forms.ChoiceField(label=_("As"), choices=Membership.TeamRole.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices_of(self, "user").queryset = colleagues()


ACCOUNT = ("email", "name", "called", "language", "time_zone")
PROFILE = ("provider", "job_title", "capacity", "is_duty_supervisor")


class ColleagueForm(forms.Form):
    """A colleague: who they are, what they may do, how the desk speaks to them."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, help_text=_("They sign in with it."))
    name = forms.CharField(label=_("Name"), max_length=150)
    called = forms.CharField(label=_("Called"), max_length=80, required=False)
    roles = forms.MultipleChoiceField(
        label=_("Roles on the whole desk"), choices=Role.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    language = forms.ChoiceField()
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zones)
    provider = forms.ChoiceField(label=_("Employed"), choices=StaffProfile.Provider.choices)
    job_title = forms.CharField(label=_("Title"), max_length=80, required=False)
    capacity = WholeNumber(label=_("Open tickets at once"), min_value=0, max_value=1000, initial=10)
    is_duty_supervisor = forms.BooleanField(
        label=_("Duty supervisor"),
        required=False,
        help_text=_("Stands in where a team has no supervisor who is there."),
    )

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        if user:
            profile = user.staff_profile
            kwargs["initial"] = {
                **{name: getattr(user, name) for name in ("email", "name", "called", "language", "time_zone")},
                **{
                    name: getattr(profile, name) for name in ("provider", "job_title", "capacity", "is_duty_supervisor")
                },
                "roles": sorted(user.roles),
            }
        super().__init__(*args, **kwargs)
        self.fields["language"] = languages.field(user)
        if user:
            self.fields["email"].disabled = True


class CategoryForm(forms.ModelForm):
    """What a ticket may be about."""

    class Meta:
        model = Category
        fields = ("name", "parent", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices_of(self, "parent").queryset = Category.objects.exclude(pk=self.instance.pk).order_by("name")

    def clean_parent(self) -> Category | None:
        """A category does not stand below itself."""
        above = parent = self.cleaned_data["parent"]
        while above:
            if above.pk == self.instance.pk and above.pk:
                raise forms.ValidationError(_("A category cannot stand below itself."))
            above = above.parent
        return parent


class HoldReasonForm(forms.ModelForm):
    """Why a customer may be asked to wait (H6, H7)."""

    class Meta:
        model = HoldReason
        fields = ("name", "say", "side", "position", "is_active")
        labels = {"position": _("Place in the list")}
        help_texts = {
            "say": _("Ends the sentence: your request has to wait: …"),
            "position": _("The smallest stands first. The first nine have the keys 1 to 9."),
        }

    def save(self, commit: bool = True) -> HoldReason:
        """A new reason gets its code from its name; programs know it by that, people never see it."""
        if self.instance.code:
            return super().save(commit)
        for _try in range(SAME_INSTANT):
            self.instance.code = _free_code(self.cleaned_data["name"])
            try:
                with transaction.atomic():
                    return super().save(commit)
            except IntegrityError:  # a colleague took this code since it was looked for
                continue
        raise Refused(str(_("Others are adding reasons of this name just now. Save once more.")), code="code_taken")


def _free_code(name: str) -> str:
    stem = slugify(name).replace("-", "_")[:30].strip("_") or "reason"
    taken = set(HoldReason.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return next(code for n in count(1) if (code := stem if n == 1 else f"{stem}_{n}") not in taken)


class ValuesForm(forms.Form):
    """One group of settings, each with its kind of field; the old values stay in the history."""

    def __init__(self, definitions: list[Definition], values: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_field = {one.key.replace(".", "__"): one for one in definitions}
        for name, one in self.by_field.items():
            self.fields[name] = _field(one, values[one.key])

    def changed(self) -> dict[str, Any]:
        """What differs from what is in force, by key."""
        return {self.by_field[name].key: self.cleaned_data[name] for name in self.changed_data}


class WordsField(forms.CharField):
    """A list of words, separated by commas."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # words, where the text was one
        """The words."""
        return [word.strip() for word in str(value or "").split(",") if word.strip()]

    def prepare_value(self, value: Any) -> str:
        """As it is typed."""
        return ", ".join(value) if isinstance(value, list) else value or ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Blanks and commas alone change nothing."""
        return self.to_python(data) != initial


def _field(one: Definition, value: Any) -> forms.Field:
    if one.kind == "words":
        return WordsField(label=str(one.label), initial=value, required=False, max_length=2000)
    if one.kind == "text":
        return forms.CharField(label=str(one.label), initial=value, required=False, max_length=2000)
    bounds = {"label": str(one.label), "initial": value, "minimum": one.minimum, "maximum": one.highest}
    if one.kind == "seconds":
        return SpanField(**bounds, help_text=SPANS)
    if one.kind == "bytes":
        return SizeField(**bounds, help_text=_("A number with its unit, such as 25 MB."))
    return WholeNumber(
        label=str(one.label),
        initial=value,
        min_value=one.minimum,
        max_value=one.highest,
        help_text=_("Days") if one.kind == "days" else "",
    )
