"""How a member of staff chooses to be told, and when not (N1)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.business_hours import BadHours
from common.errors import Malformed
from events.recording import record
from notifications.models import NoticeChoice
from notifications.presence import waking_hours
from staff import policy
from staff.models import Calendar

FIELDS = ("by_mail", "quiet_from", "quiet_to", "quiet_days", "calendar")


@transaction.atomic
def choose_notices(
    user: User,
    *,
    by: User,
    by_mail: str,
    quiet_from: time | None = None,
    quiet_to: time | None = None,
    quiet_days: Collection[int] = (),
    calendar: Calendar | None = None,
    at: datetime | None = None,
) -> NoticeChoice:
    """Channel, quiet hours and calendar: one's own, or by an admin. What waits already is looked at when it is due.

    Quiet hours are wall time of the person's own zone and begin on ``quiet_days`` (0 is Monday). Raises ``Malformed``.
    """
    if by.pk != user.pk:
        policy.may_administer(by).demand()
    if by_mail not in NoticeChoice.ByMail.values:
        raise Malformed(_("Choose never, urgent ones only, or all."), code="bad_channel", rule="N1", field="by_mail")
    NoticeChoice.objects.get_or_create(user=user)
    choice = NoticeChoice.objects.select_for_update().get(user=user)
    days = _quiet(user, quiet_from, quiet_to, quiet_days)
    wanted = {
        "by_mail": by_mail,
        "quiet_from": quiet_from,
        "quiet_to": quiet_to,
        "quiet_days": days,
        "calendar": calendar,
    }
    changed = [name for name in FIELDS if getattr(choice, name) != wanted[name]]
    if changed:
        for name in changed:
            setattr(choice, name, wanted[name])
        choice.save(update_fields=changed)
        row = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
        record(row, "staff.notices_chosen", by=by, at=at or timezone.now(), fields=changed, by_mail=by_mail)
    user._state.fields_cache.pop("notice_choice", None)
    return choice


def _quiet(user: User, since: time | None, until: time | None, days: Collection[int]) -> list[int]:
    """The days of the quiet hours, in order; none without hours. Raises ``Malformed`` for hours that cannot be."""
    if since is None and until is None:
        return []
    if since is None or until is None:
        missing = "quiet_from" if since is None else "quiet_to"
        raise Malformed(_("Give both: from when and until when."), code="half_quiet_hours", rule="N1", field=missing)
    if not days or not set(days) <= set(range(7)):
        raise Malformed(
            _("Choose the days on which quiet hours begin."), code="no_quiet_days", rule="N1", field="quiet_days"
        )
    try:
        waking_hours(user.time_zone, since, until, tuple(sorted(set(days))))
    except BadHours as error:
        words = _("These quiet hours would never end. Leave some time in which notices may reach you.")
        raise Malformed(words, code="always_quiet", rule="N1", field="quiet_to") from error
    return sorted(set(days))
