"""Settings of outgoing mail."""

from django.utils.translation import gettext_lazy as _

from events.values import define

GIVE_UP_AFTER = define(
    "mail.attempts", 10, "count", _("Attempts before a mail counts as failed"), group="mail", minimum=1, maximum=50
)
