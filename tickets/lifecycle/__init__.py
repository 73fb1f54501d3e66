"""Every verb that changes a ticket. Nothing outside this package assigns a state."""

from tickets.lifecycle.approving import (
    ask_approval,
    confirm_approval,
    deny_approval,
    give_approval,
    withdraw_approval,
)
from tickets.lifecycle.assigning import assign, take
from tickets.lifecycle.closing import close, close_silent, reopen, resolve
from tickets.lifecycle.complaints import take_step
from tickets.lifecycle.confirming import confirm, undo_confirmation
from tickets.lifecycle.contacts import begin_contact, end_contact, log_contact
from tickets.lifecycle.conversation import add_note, await_customer, receive, reply, withdraw_reply
from tickets.lifecycle.escalating import escalate
from tickets.lifecycle.following import follow_up, hand_on_follow_ups
from tickets.lifecycle.holding import extend_hold, hold, refuse_consent
from tickets.lifecycle.merging import merge, unmerge
from tickets.lifecycle.opening import open_ticket
from tickets.lifecycle.participants import add_participant, remove_participant
from tickets.lifecycle.promising import (
    break_due_promise,
    break_promise,
    keep_promise,
    promise,
    release_promise,
    renew_promise,
    take_promise,
)
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
from tickets.lifecycle.resuming import end_due_hold, resume
from tickets.lifecycle.stepping_in import (
    assign_escalation,
    climb_escalation,
    coach_escalation,
    decline_escalation,
    take_escalation,
)
from tickets.lifecycle.transferring import (
    accept_transfer,
    refuse_transfer,
    return_due_transfer,
    take_back_transfer,
    transfer,
)

__all__ = [
    "accept_transfer", "add_note", "add_participant", "ask_approval", "assign", "assign_escalation",
    "await_customer", "begin_contact", "break_due_promise", "break_promise", "climb_escalation", "close",
    "close_silent", "coach_escalation", "confirm", "confirm_approval", "decline_escalation", "deny_approval",
    "end_contact", "end_due_hold", "escalate", "extend_hold", "follow_up", "give_approval", "hand_on_follow_ups",
    "hold", "keep_promise", "log_contact", "mark_spam", "merge", "open_ticket", "promise", "receive",
    "refuse_consent", "refuse_transfer", "release_promise", "remove_participant", "renew_promise", "reopen", "reply",
    "resolve", "restore", "resume", "return_due_transfer", "set_category", "set_priority", "set_subject", "set_tags",
    "set_type", "take", "take_back_transfer", "take_escalation", "take_promise", "take_step", "transfer", "trash",
    "undo_confirmation", "unmark_spam", "unmerge", "withdraw_approval", "withdraw_reply",
]  # fmt: skip
