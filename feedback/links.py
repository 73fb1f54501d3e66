"""The link of a survey: for one customer and one ticket, signed, and dead after its time (F2)."""

import uuid

from django.core import signing
from django.urls import reverse

from common.errors import Refused
from feedback.models import Invitation

SALT = "feedback.survey"


def token_of(invitation: Invitation) -> str:
    """What stands in the link; nobody can make one without the desk's secret."""
    return signing.Signer(salt=SALT).sign(invitation.public_id.hex)


def survey_path(invitation: Invitation, score: int | None = None) -> str:
    """The path of the survey; with a score it is preselected, not saved."""
    path = reverse("portal:survey", args=[token_of(invitation)])
    return f"{path}?score={score}" if score else path


def invitation_of(token: str) -> Invitation:
    """The invitation that a link names. A forged one is refused as ``link_unknown`` and tells nothing."""
    try:
        public_id = uuid.UUID(signing.Signer(salt=SALT).unsign(token))
        return Invitation.objects.select_related("ticket", "person", "survey", "answer").get(public_id=public_id)
    except (signing.BadSignature, ValueError, Invitation.DoesNotExist):
        raise Refused("This link is not one of ours.", code="link_unknown", rule="F2") from None
