"""Who may change what is promised. Yes, or no with the reason."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import Role, User
from common.verdict import ALLOWED, Verdict, no
from staff.access import viewer


def may_promise(user: User | None) -> Verdict:
    """Policies, calendars and support plans are the managers' and admins' (None is the desk itself)."""
    if user is None or viewer(user).is_admin or Role.MANAGER in viewer(user).roles:
        return ALLOWED
    return no(_("A manager or an admin changes this."), code="not_manager")
