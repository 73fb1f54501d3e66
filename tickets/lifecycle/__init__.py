"""Every verb that changes a ticket. Nothing outside this package assigns a state."""

from tickets.lifecycle.assigning import assign, take
from tickets.lifecycle.closing import close, close_silent, reopen, resolve
from tickets.lifecycle.complaints import take_step
from tickets.lifecycle.confirming import confirm, undo_confirmation
from tickets.lifecycle.contacts import begin_contact, end_contact, log_contact
from tickets.lifecycle.conversation import add_note, await_customer, receive, reply, withdraw_reply
from tickets.lifecycle.merging import merge, unmerge
from tickets.lifecycle.opening import open_ticket
from tickets.lifecycle.participants import add_participant, remove_participant
from tickets.lifecycle.properties import (
    mark_spam,
    restore,
    set_category,
    set_priority,
    set_subject,
    set_tags,
    set_type,
    trash,
    unmark_spam,
)

__all__ = [
    "add_note", "add_participant", "assign", "await_customer", "begin_contact", "close", "close_silent", "confirm",
    "end_contact", "log_contact", "mark_spam", "merge", "open_ticket", "receive", "remove_participant", "reopen",
    "reply", "resolve", "restore", "set_category", "set_priority", "set_subject", "set_tags", "set_type", "take",
    "take_step", "trash", "undo_confirmation", "unmark_spam", "unmerge", "withdraw_reply",
]  # fmt: skip
