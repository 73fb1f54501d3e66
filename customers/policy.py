"""Who may do what with people: yes, or no with the reason. Whom one may see at all, the doors decide."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Role, User
from common.verdict import ALLOWED, Verdict, no
from customers.models import Flag, Person

SENIOR = (Role.SUPERVISOR, Role.MANAGER, Role.ADMIN)
THREATS = (Flag.Kind.LEGAL_THREAT, Flag.Kind.PHYSICAL_THREAT)


def may_lift_flag(user: User, flag: Flag, *, leads_a_team: bool = False) -> Verdict:
    """Who set it may lift it, and those who supervise; a threat is lifted by the latter alone (C4)."""
    senior = leads_a_team or user.has_role(*SENIOR)
    if senior or (flag.set_by_id == user.pk and flag.kind not in THREATS):
        return ALLOWED
    if flag.kind in THREATS:
        return no(_("A supervisor lifts a threat."), code="not_senior", rule="C4")
    return no(_("Who set this flag lifts it, or a supervisor."), code="not_yours", rule="C4")


def may_entitle(by: User | Person | None) -> Verdict:
    """Which plan a customer is served by is the managers' and admins' matter (None is the desk itself)."""
    if by is None or (isinstance(by, User) and by.has_role(Role.MANAGER, Role.ADMIN)):
        return ALLOWED
    return no(_("A manager or an admin gives a support plan."), code="not_manager", rule="S2", field="plan")


def may_merge(source: Person, target: Person) -> Verdict:
    """Two present records of one human; not of two who both sign in (C2)."""
    if source.pk == target.pk:
        return no(_("Choose another record: this is the same one."), code="same_person", rule="C2", field="into")
    if source.merged_into_id or target.merged_into_id:
        return no(_("One of the two was merged before. Look at the record that stayed."), code="merged", rule="C2")
    if source.erased_at or target.erased_at:
        return no(_("One of the two was erased."), code="erased", rule="C2")
    if _signs_in(source) and _signs_in(target):
        return no(
            _("Both sign in, so they may be two people. Deactivate one of the sign-ins first."),
            code="both_sign_in",
            rule="C2",
        )
    return ALLOWED


def may_set_flag(*, reason: str, review_at: datetime, expires_at: datetime, at: datetime) -> Verdict:
    """A flag says why, is looked at again, and ends (C4)."""
    if not reason.strip():
        return no(_("Say why: the next handler reads it."), code="no_reason", rule="C4", field="reason")
    if review_at <= at:
        return no(_("A review lies in the future."), code="review_past", rule="C4", field="review_at")
    if expires_at < review_at:
        return no(
            _("A flag is reviewed before it expires."), code="expires_before_review", rule="C4", field="expires_at"
        )
    return ALLOWED


def _signs_in(person: Person) -> bool:
    return person.user is not None and person.user.is_active
