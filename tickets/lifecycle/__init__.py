"""Every verb that changes a ticket. Nothing outside this package assigns a state."""

from tickets.lifecycle.contacts import begin_contact, end_contact, log_contact
from tickets.lifecycle.conversation import add_note, await_customer, receive, reply, withdraw_reply
from tickets.lifecycle.opening import open_ticket
from tickets.lifecycle.participants import add_participant, remove_participant

__all__ = [
    "add_note", "add_participant", "await_customer", "begin_contact", "end_contact", "log_contact", "open_ticket",
    "receive", "remove_participant", "reply", "withdraw_reply",
]  # fmt: skip
