"""Who reads reports, and about which teams."""

from __future__ import annotations

from accounts.models import Role
from reports.population import Teams
from staff.access import Viewer

READERS = (Role.SUPERVISOR, Role.MANAGER, Role.ADMIN)
"""Roles that read reports; who supervises a team counts as a supervisor."""


def readable_teams(who: Viewer) -> Teams:
    """None for all teams: managers, admins and supervisors of the whole desk; else the teams they supervise (T13)."""
    if who.is_third_party:
        return who.team_ids | who.supervised_team_ids
    return None if who.roles.intersection(READERS) else who.supervised_team_ids
