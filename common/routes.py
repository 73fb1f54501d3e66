"""Who may open which route: every URL module states a rule for each of its names, and a test walks them all.

A module of routes holds ``ACCESS = {"customer": STAFF, ...}`` beside its ``urlpatterns``; tests/test_routes.py
finds it there. A route without a rule fails the test.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

OK = "ok"
"""The door opens: any answer but the two below, also "wrong method" or "broken input"."""
HIDDEN = "hidden"
"""404: not even that it exists is told."""
SIGN_IN = "sign-in"
"""Sent to the sign-in (a page), or 401 or 403 (a program)."""

ROLES = ("anonymous", "customer", "agent", "third_party", "supervisor", "manager", "admin")


@dataclass(frozen=True, slots=True)
class Rule:
    """The expected answer for each role; objects in a URL belong to the first team and its customer."""

    anonymous: str = SIGN_IN
    customer: str = HIDDEN
    agent: str = HIDDEN
    third_party: str = HIDDEN
    supervisor: str = HIDDEN
    manager: str = HIDDEN
    admin: str = HIDDEN

    def but(self, **roles: str) -> Rule:
        """The same rule, but for these roles."""
        return replace(self, **roles)


PUBLIC = Rule(OK, OK, OK, OK, OK, OK, OK)
SIGNED_IN = PUBLIC.but(anonymous=SIGN_IN)
STAFF = SIGNED_IN.but(customer=HIDDEN)
OWN_TEAMS = STAFF.but(third_party=HIDDEN)
"""Staff, where third-party staff of another team see nothing (T13)."""
SUPERVISORS = Rule(supervisor=OK, admin=OK)
MANAGERS = Rule(manager=OK, admin=OK)
LEADERS = Rule(supervisor=OK, manager=OK, admin=OK)
ADMINS = Rule(admin=OK)
NOBODY = Rule(SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN)
"""The database's admin pages: only with the mark that no role gives."""
