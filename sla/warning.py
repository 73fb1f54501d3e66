"""At which parts of its time a clock warns (S4): a policy says, else the desk; the owner never after the supervisor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import Malformed
from events import values
from sla.models import PolicyVersion
from sla.policies import catalogue
from sla.values import SLA_WARN_OWNER_PERCENT, SLA_WARN_SUPERVISOR_PERCENT

KEYS = (SLA_WARN_OWNER_PERCENT, SLA_WARN_SUPERVISOR_PERCENT)


def usual() -> tuple[int, int]:
    """The desk's own percents, of the owner and of the supervisor: one query."""
    percent = values.many(*KEYS)
    return percent[SLA_WARN_OWNER_PERCENT], percent[SLA_WARN_SUPERVISOR_PERCENT]


def percents(version: PolicyVersion, desk: tuple[int, int]) -> tuple[int, int]:
    """What a version says, the ``desk``'s where it says nothing.

    What the desk says gives way, so that the owner is warned first under old versions as well, whose clocks still run.
    """
    owner, supervisor = version.warn_owner_percent, version.warn_supervisor_percent
    if owner is None:
        return min(desk[0], supervisor or desk[1]), supervisor or desk[1]
    return owner, supervisor or max(desk[1], owner)


def check_policy(owner: int | None, supervisor: int | None) -> None:
    """Once the supervisor is warned, the owner is not: that comes first, with the desk's value where none is given.

    Raises ``Malformed`` (``bad_warning``); inside a transaction.
    """
    given = [percent for percent in (owner, supervisor) if percent is not None]
    if not given:
        return
    if not all(1 <= percent <= 99 for percent in given):
        raise Malformed(_("Warn between 1 and 99 percent of the time."), code="bad_warning", field="warnings")
    if len(given) == 1:
        _one_at_a_time()
        desk = usual()
        owner, supervisor = owner or desk[0], supervisor or desk[1]
    if owner is not None and supervisor is not None and owner > supervisor:
        words = _("Warn the owner before the supervisor: these are %(owner)s and %(supervisor)s percent.")
        shown = {"owner": owner, "supervisor": supervisor}
        raise Malformed(words % shown, code="bad_warning", field="warnings")


def check_desk(wanted: Mapping[str, Any]) -> None:
    """The desk's percents as they would be: in order, and so beside what policies in use, or planned, say of one.

    Raises ``Malformed`` (``bad_warning``), which names the policy; inside a transaction.
    """
    _one_at_a_time()
    owner, supervisor = (wanted[key] for key in KEYS)
    if owner > supervisor:
        words = _("Warn the owner before the supervisor: these are %(owner)s and %(supervisor)s percent.")
        shown = {"owner": owner, "supervisor": supervisor}
        raise Malformed(words % shown, code="bad_warning", rule="S4", field=SLA_WARN_OWNER_PERCENT)
    for version in _in_use():
        if version.warn_supervisor_percent is None and (version.warn_owner_percent or 0) > supervisor:
            words = _("The policy “%(policy)s” warns the owner at %(percent)s percent. Change it first.")
            shown = {"policy": version.policy.name, "percent": version.warn_owner_percent}
            raise Malformed(words % shown, code="bad_warning", rule="S4", field=SLA_WARN_SUPERVISOR_PERCENT)
        if version.warn_owner_percent is None and (version.warn_supervisor_percent or 100) < owner:
            words = _("The policy “%(policy)s” warns the supervisor at %(percent)s percent. Change it first.")
            shown = {"policy": version.policy.name, "percent": version.warn_supervisor_percent}
            raise Malformed(words % shown, code="bad_warning", rule="S4", field=SLA_WARN_OWNER_PERCENT)


def _in_use() -> list[PolicyVersion]:
    """What policies say now, and from a later day on."""
    now, known = timezone.now(), catalogue()
    planned = [one for one in known.versions if one.valid_from and one.valid_from > now]
    return [one for one in [*known.in_force(now), *planned] if one.is_active]


def _one_at_a_time() -> None:
    """A policy and the desk's values are not changed at the same moment, each checked against what the other was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('sla.warnings'))")
