"""What an act on many tickets asks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from desk.tickets.forms.base import ActForm
from staff.access import viewer
from tickets.models import Level


class AssignManyForm(ActForm):
    """To one colleague; each ticket's own team decides whether that may be."""

    title, icon, button = gettext_lazy("Assign"), "user-round-check", gettext_lazy("Assign")

    to = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("To whom"), required=False, empty_label=gettext_lazy("Nobody: the team")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who = viewer(user)
        people: QuerySet[User] = User.objects.filter(is_active=True, memberships__isnull=False)
        if not who.supervises(None):
            people = people.filter(memberships__team__in=who.team_ids | who.supervised_team_ids)
        self.fields["to"].queryset = people.distinct().order_by("name")  # type: ignore[attr-defined]


class PriorityManyForm(ActForm):
    """From impact and urgency alone (C6)."""

    title, icon, button = gettext_lazy("Set the priority"), "signal-high", gettext_lazy("Set it")

    impact = forms.TypedChoiceField(
        label=gettext_lazy("Impact"), choices=Level.choices, coerce=int, widget=forms.RadioSelect
    )
    urgency = forms.TypedChoiceField(
        label=gettext_lazy("Urgency"), choices=Level.choices, coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
