"""Who may be mentioned in a note on a ticket: colleagues who may read it anyway (T13)."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User
from tickets.models import Ticket
from tickets.policy import talking

LOOKED_AT = 12  # each candidate costs a few small queries


def candidates(ticket: Ticket, words: str, *, by: User, limit: int = 6) -> list[User]:
    """Colleagues whose name or address begins or goes on with these words; those of its team stand first."""
    rows = User.objects.filter(is_active=True, staff_profile__isnull=False).exclude(pk=by.pk)
    for word in words.split()[:4]:
        rows = rows.filter(Q(name__icontains=word) | Q(called__icontains=word) | Q(email__istartswith=word))
    mine = set(rows.filter(memberships__team=ticket.team_id).values_list("pk", flat=True)) if ticket.team_id else set()
    near = sorted(rows.select_related("staff_profile").order_by("name")[:200], key=lambda user: user.pk not in mine)
    return [user for user in near[:LOOKED_AT] if talking.may_mention(user, ticket)][:limit]


def named(ticket: Ticket, text: str, *, by: User) -> list[User]:
    """Colleagues whose whole name stands in a note behind an ``@`` and who may read it: a draft that was taken up
    elsewhere, or a page without a script, tells them as well."""
    if "@" not in text:
        return []
    words = " ".join(text.split()).casefold()
    rows = User.objects.filter(is_active=True, staff_profile__isnull=False).exclude(pk=by.pk)
    pks = [pk for pk, name in rows.values_list("pk", "name") if name.strip() and f"@{name.strip().casefold()}" in words]
    found = rows.filter(pk__in=pks[:LOOKED_AT]).order_by("name", "pk")
    return [user for user in found if talking.may_mention(user, ticket)]
