"""Which form leads to which verb: people can do whatever the verbs allow, and a test holds this to be whole."""

from __future__ import annotations

FORM_OF: dict[str, str] = {
    # writing
    "reply": "desk:reply", "add_note": "desk:note", "withdraw_reply": "desk:withdraw_reply",
    "await_customer": "desk:await_customer", "end_contact": "desk:end_contact_here",
    "add_participant": "desk:add_participant", "remove_participant": "desk:remove_participant",
    # whose it is and what it is about
    "take": "desk:take", "assign": "desk:assign", "set_subject": "desk:properties", "set_type": "desk:properties",
    "set_priority": "desk:properties", "set_category": "desk:properties", "set_tags": "desk:properties",
    "mark_spam": "desk:mark_spam", "unmark_spam": "desk:unmark_spam", "trash": "desk:trash", "restore": "desk:restore",
    "merge": "desk:merge", "unmerge": "desk:unmerge", "take_step": "desk:take_step",
    # waiting, promising, asking for leave
    "hold": "desk:hold", "extend_hold": "desk:extend_hold", "resume": "desk:resume",
    "refuse_consent": "desk:refuse_consent", "promise": "desk:promise", "keep_promise": "desk:keep_promise",
    "renew_promise": "desk:renew_promise", "release_promise": "desk:release_promise",
    "take_promise": "desk:take_promise", "break_promise": "desk:break_promise", "ask_approval": "desk:ask_approval",
    "give_approval": "desk:give_approval", "deny_approval": "desk:deny_approval",
    "confirm_approval": "desk:confirm_approval", "withdraw_approval": "desk:withdraw_approval",
    # passing on and stepping in
    "transfer": "desk:transfer", "accept_transfer": "desk:accept_transfer", "refuse_transfer": "desk:refuse_transfer",
    "take_back_transfer": "desk:take_back_transfer", "escalate": "desk:escalate",
    "take_escalation": "desk:take_escalation", "coach_escalation": "desk:coach_escalation",
    "assign_escalation": "desk:assign_escalation", "decline_escalation": "desk:decline_escalation",
    # the end
    "resolve": "desk:resolve", "confirm": "desk:confirm", "undo_confirmation": "desk:undo_confirmation",
    "reopen": "desk:reopen", "close": "desk:close", "follow_up": "desk:follow_up",
}  # fmt: skip

ELSEWHERE: dict[str, str] = {
    "open_ticket": "desk:log_contact",
    "begin_contact": "desk:log_contact",
    "log_contact": "desk:log_contact",
    "receive": "portal:request",
}
"""Verbs whose forms stand in other rooms."""

BY_THE_DESK: dict[str, str] = {
    "break_due_promise": "falls due by the clock",
    "climb_escalation": "falls due by the clock",
    "close_silent": "falls due by the clock",
    "end_due_hold": "falls due by the clock",
    "return_due_transfer": "falls due by the clock",
    "hand_on_follow_ups": "happens when a colleague leaves",
}
"""Verbs that no person does, and when the desk does them."""
