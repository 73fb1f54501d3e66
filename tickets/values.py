"""Settings of tickets that the desk may change: each is a row with a history."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from events.values import define

MINUTE, HOUR, DAY = 60, 3600, 86_400

# --- Holds (H2) -------------------------------------------------------------
HOLD_LONGEST_PHONE = define(
    "hold.longest_phone_seconds", 5 * MINUTE, "seconds", _("Longest hold on the phone"), group="holds", minimum=1
)
HOLD_LONGEST_DESK = define(
    "hold.longest_desk_seconds",
    30 * MINUTE,
    "seconds",
    _("Longest wait at the desk or in a chat"),
    group="holds",
    minimum=1,
)
HOLD_LONGEST_DAYS = define(
    "hold.longest_working_days",
    3,
    "days",
    _("Longest hold in writing, in working days"),
    group="holds",
    minimum=1,
    maximum=60,
)

# --- Transfers and escalations (X3, E4, E5) ---------------------------------
TRANSFER_ACCEPT_SECONDS = define(
    "transfer.accept_seconds",
    4 * HOUR,
    "seconds",
    _("Working time in which a transfer is accepted"),
    group="transfers",
    minimum=MINUTE,
)
ESCALATION_CLIMB_SECONDS = define(
    "escalation.climb_seconds",
    30 * MINUTE,
    "seconds",
    _("Working time after which an escalation that nobody takes climbs"),
    group="escalations",
    minimum=MINUTE,
)
ESCALATION_ANSWER_SECONDS = define(
    "escalation.answer_seconds",
    4 * HOUR,
    "seconds",
    _("Working time in which an escalated customer hears back"),
    group="escalations",
    minimum=MINUTE,
)

# --- Promises (T8) ----------------------------------------------------------
PROMISE_REMINDER_SECONDS = define(
    "promise.reminder_seconds",
    30 * MINUTE,
    "seconds",
    _("How long before a promise is due its owner is reminded"),
    group="promises",
)
PROMISE_LONGEST_DAYS = define(
    "promise.longest_days", 365, "days", _("Furthest day a promise can be made for"), group="promises", minimum=1
)

# --- Closing (T4) -----------------------------------------------------------
CLOSURE_SILENCE_SECONDS = define(
    "closure.silence_seconds",
    7 * DAY,
    "seconds",
    _("Silence after which a resolved ticket closes"),
    group="closing",
    minimum=HOUR,
)
CLOSURE_UNDO_SECONDS = define(
    "closure.undo_seconds", HOUR, "seconds", _("How long the customer can take an answer back"), group="closing"
)
CLOSURE_LINK_SECONDS = define(
    "closure.link_seconds", 90 * DAY, "seconds", _("How long a confirmation link works"), group="closing", minimum=DAY
)

# --- Files ------------------------------------------------------------------
ATTACHMENT_BYTES = define(
    "attachments.max_bytes", settings.ATTACHMENT_MAX_BYTES, "bytes", _("Largest file that is kept"), group="files"
)
ATTACHMENT_COUNT = define(
    "attachments.max_count",
    settings.ATTACHMENTS_MAX_PER_ENTRY,
    "count",
    _("Most files kept with one message"),
    group="files",
)
ATTACHMENT_REFUSED = define(
    "attachments.refused_suffixes",
    list(settings.ATTACHMENT_REFUSED_SUFFIXES),
    "words",
    _("Endings of files that are never kept"),
    group="files",
)

# --- Conversation -----------------------------------------------------------
REPLY_UNDO_SECONDS = define(
    "reply.undo_seconds",
    10,
    "seconds",
    _("How long a reply can be undone; its mail waits that long"),
    group="conversation",
    maximum=120,
)
