"""What stands beside the conversation, ready to be drawn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.templatetags.desk_ui import language_label
from common.time_left import time_left
from customers.models import Flag, Person
from desk.tickets.page import Loaded
from desk.tickets.rows import FLAG_MARKS
from events import values
from events.models import Approval
from notifications.models import OutgoingMail
from staff.access import viewer
from staff.hours import of_version
from tickets.models import Channel, Clock, ComplaintStep, Entry, FollowUp, Promise, Status
from tickets.policy import escalating, passing
from tickets.policy.complaints import STEPS
from tickets.policy.working import may_work
from tickets.values import REPLY_UNDO_SECONDS
from tickets.visibility import SEES

LONGEST_UNDO = timedelta(seconds=120)  # as REPLY_UNDO_SECONDS allows
MAIL_TONES = {
    OutgoingMail.Status.SENT: ("good", "check"),
    OutgoingMail.Status.FAILED: ("bad", "circle-alert"),
    OutgoingMail.Status.KEPT: ("calm", "archive"),
    OutgoingMail.Status.CANCELLED: ("calm", "undo-2"),
}


def beside(user: User, loaded: Loaded, now: datetime) -> dict[str, Any]:
    """The cards at the side, and what is said of the conversation itself."""
    ticket = loaded.ticket
    works = bool(may_work(user, ticket))
    leads = viewer(user).supervises(ticket.team_id) and works
    escalation, transfer = loaded.escalation, loaded.transfer
    is_own = viewer(user).person_id == ticket.requester_id  # a colleague who is the customer here (C4, T13)
    reasons = [] if is_own else [r for r in loaded["reasons"] if escalation and r.escalation_id == escalation.pk]
    return {
        "now": now,
        "works": works,
        "is_active": ticket.status != Status.CLOSED,
        "whereabouts": _whereabouts(ticket.requester, now),
        "flags": [] if is_own else [(flag, *FLAG_MARKS[Flag.Kind(flag.kind)]) for flag in loaded["flags"]],
        "clocks": [_clock(clock, now) for clock in loaded["clocks"]],
        "hold": loaded.hold,
        "past_holds": [hold for hold in loaded["holds"] if hold.ended_at],
        "transfer": transfer,
        "answers_transfer": bool(transfer and passing.may_answer_transfer(user, transfer)),
        "escalation": escalation,
        "escalation_reasons": reasons,
        "steps_in": bool(escalation and escalating.may_settle_escalation(user, escalation)),
        "takes_escalation": bool(
            escalation and escalation.owner_id is None and escalating.may_take_escalation(user, escalation)
        ),
        "promises": loaded.promises,
        "first_due": _first_due(loaded["clocks"], loaded.promises),
        "approvals": [_approval(row, user, leads) for row in loaded["approvals"]],
        "follow_up": next((f for f in loaded["follow_ups"] if f.status in (FollowUp.Status.DUE, "waiting")), None),
        "closure": loaded.closure,
        "may_undo_answer": bool(
            works and (c := loaded.closure) and c.answer in ("solved", "not_solved")
            and c.undo_until and c.undo_until > now
        ),
        "complaint": _steps(loaded) if ticket.is_complaint else None,
        "past": [_past(row) for row in loaded.past],
        "links": [*loaded["links_out"], *(link for link in loaded["links_in"] if link.kind != "merged")],
        "thanked": loaded.is_thanked and ticket.status == Status.RESOLVED,
        "live": _live(loaded),
        "me": user.name,
        **_undo(user, loaded, now),
        "to": [str(ticket.requester), *(one.name for one in loaded["participants"] if one.role in SEES)],
        "is_unreachable": _is_unreachable(loaded),
        "address": next((one.address for one in loaded["addresses"]), ""),
        "mail_tones": MAIL_TONES,
    }  # fmt: skip


def _first_due(clocks: Iterable[Clock], promises: Iterable[Promise]) -> dict[str, Any] | None:
    """What runs out first, of the clocks and of what was promised; None where nothing does."""
    dues: list[dict[str, Any]] = [
        {"name": clock.get_metric_display(), "due_at": clock.due_at, "since": clock.started_at,
         "hours": of_version(clock.hours_id), "target": clock.target_seconds}
        for clock in clocks if clock.due_at and not clock.paused_at and clock.metric != Clock.Metric.TRANSFER
    ]  # fmt: skip
    dues += [{"name": _("Promise"), "due_at": one.due_at, "since": one.made_at} for one in promises]
    return min(dues, key=lambda due: due["due_at"], default=None)


def _is_unreachable(loaded: Loaded) -> bool:
    """Nothing we write would get anywhere: no address, no sign-in, nobody in copy, no chat that runs, no program."""
    ticket, live = loaded.ticket, loaded.live or {}
    return not (
        loaded["addresses"]
        or ticket.requester.user_id
        or ticket.channel == Channel.API
        or live.get("channel") == Channel.CHAT
        or any(one.role in SEES for one in loaded["participants"])
    )


def _whereabouts(person: Person, now: datetime) -> list[str]:
    """Where the customer belongs, what time it is there, and the language to write in."""
    home = person.organisation or person.department
    there = timezone.localtime(now, ZoneInfo(person.time_zone)) if person.time_zone else None
    said = [str(home) if home else "", _("%(time)s there") % {"time": there.strftime("%H:%M")} if there else ""]
    return [words for words in [*said, language_label(person.language)] if words]


def _clock(clock: Clock, now: datetime) -> dict[str, Any]:
    """A clock with how much of it is gone, in the time that it counts."""
    if clock.due_at is None:
        return {"row": clock, "tone": "calm" if clock.paused_at else "", "whole": 0, "gone": 0}
    hours, target = of_version(clock.hours_id), clock.target_seconds
    left = time_left(clock.due_at, now, started_at=clock.started_at, target=target, hours=hours)
    gone = round(max(0, min(left.whole - left.seconds, left.whole)))
    return {"row": clock, "tone": left.tone, "whole": round(left.whole), "gone": gone}


def _approval(row: Approval, user: User, leads: bool) -> dict[str, Any]:
    waits = row.answer == Approval.Answer.WAITING
    return {
        "row": row,
        "waits": waits,
        "answers": waits and leads and row.asked_by_id != user.pk,
        "withdraws": waits and row.asked_by_id == user.pk,
        "confirms": row.named_id == user.pk and row.confirmed_at is None and row.answer == Approval.Answer.GIVEN,
    }


def _steps(loaded: Loaded) -> list[dict[str, Any]]:
    taken = {step.step: step for step in loaded["steps"]}
    following = next((step for step in STEPS if step not in taken), None)
    return [
        {"label": ComplaintStep.Step(step).label, "taken": taken.get(step), "is_next": step == following}
        for step in STEPS
    ]


def _past(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "opened_at": datetime.fromisoformat(row["opened_at"]), "state": Status(row["status"]).label}


def _live(loaded: Loaded) -> dict[str, Any] | None:
    """The call, visit or chat that the reader has running with this customer."""
    row = loaded.live
    if row is None:
        return None
    label = Channel(row["channel"]).label
    return {"pk": row["pk"], "channel": row["channel"], "label": label, "since": row["at"]}


def _undo(user: User, loaded: Loaded, now: datetime) -> dict[str, Any]:
    """The reply that its author has just sent and may still take back, and for how many seconds."""
    last = next(reversed(loaded.window.entries), None)
    is_mine = last is not None and last.kind == Entry.Kind.REPLY and last.author_id == user.pk and not last.undone_at
    if last is None or not is_mine or now - last.happened_at > LONGEST_UNDO:
        return {"undo": None, "undo_seconds": 0}
    left = last.happened_at + timedelta(seconds=values.get(REPLY_UNDO_SECONDS)) - now
    seconds = round(left.total_seconds())
    return {"undo": last if seconds > 0 else None, "undo_seconds": seconds}
