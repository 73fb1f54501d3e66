"""Signed links with which a customer answers "was it solved?" without signing in (T4). Reading one changes nothing."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from common.errors import Refused
from events import values
from tickets.models import Closure
from tickets.values import CLOSURE_LINK_SECONDS

SALT = "tickets.closure"
LONGEST_TOKEN = 300


def closure_token(closure: Closure) -> str:
    """For one ticket and one question; a later question of the same ticket has another."""
    return signing.dumps([closure.ticket_id, closure.pk], salt=SALT, compress=False)


def closure_link(closure: Closure) -> str:
    """The address that goes into the customer's mail; a page there asks, and only its button answers."""
    return f"{settings.PUBLIC_URL}/confirm/{closure_token(closure)}/"


def read_closure_token(token: str) -> Closure:
    """The question that a link asks, with its ticket and customer. Forged: ``link_invalid``, old: ``link_expired``."""
    try:
        if len(token) > LONGEST_TOKEN:
            raise signing.BadSignature
        ticket_id, closure_id = signing.loads(token, salt=SALT, max_age=values.get(CLOSURE_LINK_SECONDS))
        return Closure.objects.select_related("ticket__requester").get(pk=closure_id, ticket_id=ticket_id)
    except signing.SignatureExpired:
        raise Refused(
            _("This link has expired. Answer the mail, or sign in, and we go on from there."),
            code="link_expired",
            rule="T4",
        ) from None
    except (signing.BadSignature, Closure.DoesNotExist, ValueError, TypeError):
        raise Refused(
            _("This link is not complete. Copy the whole address from the mail."), code="link_invalid", rule="T4"
        ) from None
