"""Settings of outgoing mail."""

from django.utils.translation import gettext_lazy as _

from events.values import define

GIVE_UP_AFTER = define(
    "mail.attempts", 10, "count", _("Attempts before a mail counts as failed"), group="mail", minimum=1, maximum=50
)

MAIL_GAP = define(
    "notices.gap_seconds",
    600,
    "seconds",
    _("Least time between two mails of notices to one person (urgent ones: at most 1 min)"),
    group="mail",
    maximum=86_400,
)
