"""Routes of tickets: the list, one ticket, and a form for every verb."""

from django.urls import path

from common.routes import OWN_TEAMS, STAFF, Rule
from desk.tickets import (
    all_clocks,
    approval,
    assign,
    attachments,
    bulk,
    detail,
    escalate,
    follow_up,
    hold,
    list,
    merge,
    moving,
    promise,
    properties,
    reading,
    reply,
    resolve,
    search,
    transfer,
    writing,
)

ONE = "tickets/<int:number>/"
ACTS = {
    "reply": reply.reply, "note": reply.note,
    "take": assign.take, "assign": assign.assign, "await_customer": assign.await_customer,
    "properties": properties.properties, "mark_spam": properties.mark_spam, "unmark_spam": properties.unmark_spam,
    "trash": properties.trash, "restore": properties.restore,
    "hold": hold.hold, "extend_hold": hold.extend_hold, "resume": hold.resume, "refuse_consent": hold.refuse_consent,
    "transfer": transfer.transfer, "accept_transfer": transfer.accept_transfer,
    "refuse_transfer": transfer.refuse_transfer, "take_back_transfer": transfer.take_back_transfer,
    "escalate": escalate.escalate, "take_escalation": escalate.take_escalation,
    "coach_escalation": escalate.coach_escalation, "assign_escalation": escalate.assign_escalation,
    "decline_escalation": escalate.decline_escalation,
    "promise": promise.promise, "ask_approval": approval.ask_approval,
    "resolve": resolve.resolve, "confirm": resolve.confirm, "undo_confirmation": resolve.undo_confirmation,
    "reopen": resolve.reopen, "close": resolve.close,
    "merge": merge.merge, "add_participant": merge.add_participant,
    "follow_up": follow_up.follow_up, "take_step": follow_up.take_step,
}  # fmt: skip
"""One form per verb, at the ticket's address followed by the verb."""

PARTS = {
    "withdraw_reply": ("entries/<int:entry_id>/withdraw", reply.withdraw_reply),
    "keep_promise": ("promises/<int:promise_id>/keep", promise.keep_promise),
    "renew_promise": ("promises/<int:promise_id>/renew", promise.renew_promise),
    "release_promise": ("promises/<int:promise_id>/release", promise.release_promise),
    "take_promise": ("promises/<int:promise_id>/take", promise.take_promise),
    "break_promise": ("promises/<int:promise_id>/break", promise.break_promise),
    "give_approval": ("approvals/<int:approval_id>/give", approval.give_approval),
    "deny_approval": ("approvals/<int:approval_id>/deny", approval.deny_approval),
    "confirm_approval": ("approvals/<int:approval_id>/confirm", approval.confirm_approval),
    "withdraw_approval": ("approvals/<int:approval_id>/withdraw", approval.withdraw_approval),
    "unmerge": ("merges/<int:merge_id>/undo", merge.unmerge),
    "remove_participant": ("participants/<int:participant_id>/remove", merge.remove_participant),
    "end_contact_here": ("contacts/<int:contact_id>/end", follow_up.end_contact),
    "clock": ("clocks/<int:clock_id>", detail.clock),
    "entry": ("entries/<int:entry_id>", reading.entry),
}
"""Verbs on a part of a ticket; a part of another ticket is not there."""

WRITING = ("draft", "canned", "canned_reply_here", "colleagues")
"""What helps to write in a ticket's conversation."""

urlpatterns = [
    path("tickets/", list.tickets, name="tickets"),
    path("search/", search.search, name="search"),
    path("tickets/filters/", list.filters, name="ticket_filters"),
    path("tickets/bulk/", bulk.bulk, name="ticket_bulk"),
    path("attachments/<uuid:public_id>/", attachments.attachment, name="attachment"),
    path(ONE, detail.ticket, name="ticket"),
    path(f"{ONE}find/", reading.find, name="find"),
    path(f"{ONE}clocks/", all_clocks.all_clocks, name="all_clocks"),
    path(f"{ONE}since/", moving.since, name="ticket_since"),
    path(f"{ONE}draft/<slug:kind>/", writing.draft, name="draft"),
    path(f"{ONE}canned/", writing.canned, name="canned"),
    path(f"{ONE}canned/<int:canned_id>/", writing.canned_reply, name="canned_reply_here"),
    path(f"{ONE}colleagues/", writing.colleagues, name="colleagues"),
    *(path(f"{ONE}{name.replace('_', '-')}/", view, name=name) for name, view in ACTS.items()),
    *(path(f"{ONE}{where}/", view, name=name) for name, (where, view) in PARTS.items()),
]
ACCESS: dict[str, Rule] = {
    **dict.fromkeys(("tickets", "search", "ticket_filters", "ticket_bulk"), STAFF),
    **dict.fromkeys(("ticket", "ticket_since", "find", "all_clocks", "attachment", *WRITING, *ACTS, *PARTS), OWN_TEAMS),
}
