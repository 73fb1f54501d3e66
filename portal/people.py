"""Who stands at the customers' door."""

from __future__ import annotations

from django.http import HttpRequest

from customers.models import Person


def person_of(request: HttpRequest) -> Person | None:
    """The customer who is signed in, or None: a member of staff without a customer's side, or nobody."""
    if not request.user.is_authenticated:
        return None
    return Person.objects.filter(user=request.user, merged_into=None).first()
