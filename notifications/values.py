"""Settings of outgoing mail."""

from django.utils.translation import gettext_lazy as _

from events.values import define

UNDO_SECONDS = define(
    "mail.undo_seconds",
    10,
    "seconds",
    _("How long a reply waits before it leaves, so that it can be undone"),
    group="mail",
    maximum=120,
)
GIVE_UP_AFTER = define(
    "mail.attempts", 10, "count", _("Attempts before a mail counts as failed"), group="mail", minimum=1, maximum=50
)
