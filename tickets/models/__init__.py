"""What a ticket consists of. Doors read through ``visible_to``; only ``tickets.lifecycle`` and ``tickets.loading`` write."""

from tickets.models.acts import (
    Closure,
    Consent,
    ConsentRefusal,
    Escalation,
    EscalationReason,
    FollowUp,
    Hold,
    HoldReason,
    Promise,
    Transfer,
)
from tickets.models.choices import (
    ACTIVE,
    LIVE_CHANNELS,
    UNCLOSED,
    Channel,
    ClosureCause,
    Level,
    Priority,
    Status,
    TicketType,
    priority_of,
)
from tickets.models.clocks import Clock, ClockPause, DueChange
from tickets.models.conversation import Attachment, Blob, Contact, Entry, EntryExternalId
from tickets.models.ticket import (
    FAR_FUTURE,
    Category,
    ComplaintStep,
    Participant,
    Tag,
    Ticket,
    TicketLink,
    TicketMerge,
    Unaccent,
)

__all__ = [
    "ACTIVE", "FAR_FUTURE", "LIVE_CHANNELS", "UNCLOSED",
    "Attachment", "Blob", "Category", "Channel", "Clock", "ClockPause", "Closure", "ClosureCause",
    "ComplaintStep", "Consent", "ConsentRefusal", "Contact", "DueChange", "Entry", "EntryExternalId",
    "Escalation", "EscalationReason", "FollowUp", "Hold", "HoldReason", "Level", "Participant", "Priority",
    "Promise", "Status", "Tag", "Ticket", "TicketLink", "TicketMerge", "TicketType", "Transfer", "Unaccent",
    "priority_of",
]
