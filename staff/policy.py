"""Who may change the house: teams, members, roles. Yes, or no with the reason."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import Role, User
from common.verdict import ALLOWED, Verdict, no
from staff.access import viewer
from staff.models import Membership, Team


def may_administer(user: User | None) -> Verdict:
    """Roles, teams and settings are the admins' (None is the desk itself)."""
    if user is None or viewer(user).is_admin:
        return ALLOWED
    return no(_("An admin changes this."), code="not_admin")


def may_keep_calendars(user: User | None) -> Verdict:
    """When the desk works is the managers' and admins' matter: promises count with it (None is the desk itself)."""
    if user is None or viewer(user).is_admin or viewer(user).is_manager:
        return ALLOWED
    return no(_("A manager or an admin changes this."), code="not_manager")


def may_change_members(user: User | None, team: Team, role: str = Membership.TeamRole.AGENT) -> Verdict:
    """Who supervises a team says who serves in it; who supervises it, an admin says."""
    if may_administer(user):
        return ALLOWED
    assert user is not None
    if role == Membership.TeamRole.AGENT and team.pk in viewer(user).supervised_team_ids:
        return ALLOWED
    return no(_("An admin changes this, or for agents the team's supervisor."), code="not_your_team")


def may_set_availability(by: User | None, user: User) -> Verdict:
    """One's own; a supervisor that of their teams' members; an admin everybody's."""
    if by is None or by.pk == user.pk or viewer(by).is_admin:
        return ALLOWED
    led = viewer(by).supervised_team_ids
    if Role.SUPERVISOR in viewer(by).roles or user.memberships.filter(team__in=led).exists():
        return ALLOWED
    return no(_("Colleagues say themselves whether they are there."), code="not_yours", rule="P6")
