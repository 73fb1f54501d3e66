"""Who stands at the customers' door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation

from common.languages import speak
from customers.models import Person


@contextmanager
def speaking_to(person: Person) -> Iterator[None]:
    """Write in their language and with times on their clock: whoever follows a link is not signed in."""
    with (
        translation.override(speak(person.language or translation.get_language() or "")),
        timezone.override(person.time_zone or settings.TIME_ZONE),
    ):
        yield


def person_of(request: HttpRequest) -> Person | None:
    """The customer who is signed in, or None: a member of staff without a customer's side, or nobody."""
    if not request.user.is_authenticated:
        return None
    return Person.objects.filter(user=request.user, merged_into=None).first()
