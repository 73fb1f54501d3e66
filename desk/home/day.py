"""What waits for one member of staff today: each list is one query, whatever it holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.business_hours import BusinessHours
from common.text import snippet
from desk.counting import counts
from desk.escalations.waiting import climbs, dressed, in_turn
from desk.home.team import Board, Load, board, unassigned
from desk.home.week import Week, week
from events.models import Approval
from notifications.models import Notice
from sla.models import Metric
from staff.access import Viewer, viewer
from staff.hours import of_version
from tickets.clocks import RESPONSES
from tickets.models import ACTIVE, Clock, Escalation, FollowUp, Promise, Ticket, Transfer
from tickets.visibility import sees_every_ticket

MOST = 30
SOON = timedelta(hours=4)
KEEPING: dict[str, str | Lazy] = {
    Promise.Kind.CALL_BACK: gettext_lazy("Call"),
    Promise.Kind.ANSWER: gettext_lazy("Answer"),
}
"""What one does to keep a promise, where it is not plain "Keep it"."""


CALLS = (
    "ticket.message_received", "ticket.transfer_sent", "ticket.sla_warned", "ticket.sla_breached",
    "ticket.promise_due_soon", "ticket.hold_ended", "ticket.follow_up_due", "ticket.approval_asked",
    "ticket.escalated", "ticket.escalation_joined", "ticket.escalation_climbed", "ticket.escalation_reminded",
)  # fmt: skip
"""Notices that call for an act which the day has a row for: never two rows for one cause."""


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do: what it is about, why it waits, until when, and where one does it.

    ``hours`` and ``target`` tell of a clock that counts working time.
    """

    icon: str
    title: str
    detail: str
    url: str
    action: str | Lazy
    due_at: datetime | None = None
    since: datetime | None = None
    ticket_id: int | None = None
    reason: str = ""
    also: tuple[Todo, ...] = ()
    is_threat: bool = False
    promise_id: int | None = None
    hours: BusinessHours | None = None
    target: int | None = None


def _url(ticket: Ticket) -> str:
    return reverse("desk:ticket", args=[ticket.number])


def _who(ticket: Ticket) -> str:
    return f"#{ticket.number} · {ticket.requester}"


def answers(user: User, at: datetime) -> list[Todo]:
    """Customers of mine who wait for an answer, or were promised news (S8), first due first."""
    waiting = (
        Clock.objects.filter(
            ticket__assignee=user,
            ticket__status__in=ACTIVE,
            stopped_at=None,
            cancelled_at=None,
            due_at__isnull=False,
            metric__in=(*RESPONSES, Metric.KEEP_INFORMED),
        )
        .select_related("ticket__requester")
        .order_by("due_at", "pk")[:MOST]
    )
    return [
        Todo(
            "reply",
            clock.ticket.subject,
            _who(clock.ticket),
            _url(clock.ticket),
            _("Tell them") if clock.metric == Metric.KEEP_INFORMED else _("Answer"),
            clock.due_at,
            clock.started_at,
            clock.ticket_id,
            _("the customer was promised news")
            if clock.metric == Metric.KEEP_INFORMED
            else _("the customer waits for an answer"),
            hours=of_version(clock.hours_id),
            target=clock.target_seconds,
        )
        for clock in waiting
    ]


def returned(user: User) -> list[Todo]:
    """Back from hold: the customer was told that we would be back (H3)."""
    back = (
        Ticket.objects.visible_to(user)
        .active()
        .filter(assignee=user, queue_rank=0)
        .select_related("requester")
        .in_queue_order()[:MOST]
    )
    return [
        Todo(
            "undo-2",
            ticket.subject,
            _("%(who)s · back from hold") % {"who": _who(ticket)},
            _url(ticket),
            _("Go on"),
            ticket_id=ticket.pk,
            reason=_("back from hold"),
        )
        for ticket in back
    ]


def promises(user: User) -> list[Todo]:
    """My open promises, first due first (T8)."""
    mine = (
        Promise.objects.filter(owner=user, status=Promise.Status.OPEN)
        .select_related("ticket__requester")
        .order_by("due_at", "pk")[:MOST]
    )
    return [
        Todo(
            "handshake",
            f"{promise.get_kind_display()}: {promise.text or promise.ticket.subject}",
            _("%(who)s · you promised it") % {"who": _who(promise.ticket)},
            _url(promise.ticket),
            KEEPING.get(promise.kind, _("Keep it")),
            promise.due_at,
            promise.made_at,
            promise.ticket_id,
            _("you promised: %(what)s") % {"what": promise.get_kind_display().lower()},
            promise_id=promise.pk,
        )
        for promise in mine
    ]


def transfers(user: User, who: Viewer) -> list[Todo]:
    """Cases that I, or my team, are asked to accept (X3)."""
    for_me = Q(to_agent=user) | Q(to_agent=None, to_team__in=who.team_ids)
    asked = (
        Transfer.objects.filter(for_me, status=Transfer.Status.WAITING)
        .select_related("ticket__requester", "sender", "from_team")
        .order_by("accept_by", "pk")[:MOST]
    )
    return [
        Todo(
            "arrow-right-left",
            _("Accept: %(subject)s") % {"subject": transfer.ticket.subject},
            _("#%(number)s · from %(sender)s, %(team)s")
            % {
                "number": transfer.ticket.number,
                "sender": transfer.sender,
                "team": transfer.from_team or "–",
            },
            _url(transfer.ticket),
            _("Read handover"),
            transfer.accept_by,
            transfer.sent_at,
            transfer.ticket_id,
            _("asked to accept it"),
        )
        for transfer in asked
    ]


def follow_ups(user: User) -> list[Todo]:
    """Customers I passed on and have to ask whether it was solved (X5)."""
    due = (
        FollowUp.objects.filter(owner=user, status=FollowUp.Status.DUE)
        .select_related("ticket__requester")
        .order_by("due_at", "pk")[:MOST]
    )
    return [
        Todo(
            "message-circle-question-mark",
            _("Ask %(name)s whether it is solved") % {"name": duty.ticket.requester},
            _("#%(number)s · you passed it on") % {"number": duty.ticket.number},
            _url(duty.ticket),
            _("Ask"),
            duty.due_at,
            ticket_id=duty.ticket_id,
            reason=_("ask whether it is solved"),
        )
        for duty in due
    ]


def approvals(user: User, who: Viewer) -> list[Todo]:
    """Agreements in my name to confirm, and leave asked of who supervises the ticket (fine print of H, X)."""
    mine = Q(named=user, confirmed_at=None) & ~Q(answer=Approval.Answer.DENIED)
    asked = Q(answer=Approval.Answer.WAITING) & ~Q(asked_by=user) if _leads(who) else Q(pk=None)
    rows = list(
        Approval.objects.filter(mine | asked, subject_kind="ticket")
        .select_related("asked_by")
        .order_by("confirm_by", "asked_at", "pk")[:MOST]
    )
    tickets = Ticket.objects.visible_to(user).in_bulk([approval.subject_id for approval in rows])
    return [
        Todo(
            "stamp",
            _("Confirm that you agreed") if approval.named_id == user.pk else _("Your leave is asked for"),
            f"{tickets[approval.subject_id]} · {approval.asked_by}",
            _url(tickets[approval.subject_id]),
            _("Confirm") if approval.named_id == user.pk else _("Answer"),
            approval.confirm_by,
            ticket_id=approval.subject_id,
            reason=_("your leave is asked for"),
        )
        for approval in rows
        if approval.subject_id in tickets
        and (approval.named_id == user.pk or who.supervises(tickets[approval.subject_id].team_id))
    ]


def _leads(who: Viewer) -> bool:
    return who.is_supervisor or who.is_admin


def escalations(user: User, who: Viewer, at: datetime) -> list[Todo]:
    """What waits for a supervisor, in their turn (E3), each with what its ticket is due; two queries."""
    if not _leads(who):
        return []
    waiting = Escalation.objects.filter(status=Escalation.Status.WAITING, ticket__in=Ticket.objects.visible_to(user))
    if who.person_id is not None:
        waiting = waiting.exclude(ticket__requester=who.person_id)
    if not who.is_supervisor:
        waiting = waiting.filter(waits_for=user)  # an admin is only the chain's end
    elif not who.supervises(None):
        waiting = waiting.filter(Q(waits_for=user) | Q(ticket__team__in=who.supervised_team_ids))
    rows = in_turn(waiting.select_related("ticket__requester", "raised_by").prefetch_related("reasons"))
    return [
        Todo(
            "siren" if escalation.is_threat else "triangle-alert",
            escalation.ticket.subject,
            " · ".join(filter(None, (_who(escalation.ticket), climbs(escalation, at), _why(escalation)))),
            f"{reverse('desk:escalations')}?show={escalation.pk}",
            _("Step in"),
            escalation.ticket.due,  # type: ignore[attr-defined]
            escalation.ticket.started,  # type: ignore[attr-defined]
            escalation.ticket_id,
            is_threat=escalation.is_threat,
            promise_id=escalation.promise_id,
            hours=escalation.ticket.hours,  # type: ignore[attr-defined]
            target=escalation.ticket.target,  # type: ignore[attr-defined]
        )
        for escalation in dressed(list(rows[:MOST]), at)
    ]


def _why(escalation: Escalation) -> str:
    """The whole story in a line: the reasons, what was said about them, and by whom."""
    reasons = list(escalation.reasons.all())
    told = ", ".join(dict.fromkeys(reason.get_reason_display() for reason in reasons))
    note = next((reason.note for reason in reversed(reasons) if reason.note), "")
    parts = [told, snippet(note, 120), str(escalation.raised_by or "")]
    return " · ".join(part for part in parts if part)


def once_each(todos: Iterable[Todo]) -> list[Todo]:
    """One row for one ticket: the first speaks, the others are named in it."""
    rows: dict[object, Todo] = {}
    for todo in todos:
        key = todo.ticket_id or ("alone", len(rows))
        first = rows.get(key)
        rows[key] = todo if first is None else replace(first, also=(*first.also, todo))
    return list(rows.values())


@dataclass(frozen=True, slots=True)
class News:
    """What is new about one ticket: the newest notice speaks, urgent if any of them is (N1)."""

    notice: Notice
    more: int
    is_urgent: bool


def news(user: User, told: Iterable[int | None] = ()) -> list[News]:
    """Unread notices, several on one ticket as one, newest first; none on what a row of the day (``told``) says."""
    unread = Notice.objects.filter(user=user, read_at=None).select_related("ticket", "instead_of")
    unread = unread.order_by("-created_at", "-pk").exclude(kind__in=CALLS, ticket__in=[pk for pk in told if pk])
    if not sees_every_ticket(user):  # a ticket may have moved out of sight since (T13)
        unread = unread.filter(Q(ticket=None) | Q(ticket__in=Ticket.objects.visible_to(user)))
    by_ticket: dict[object, list[Notice]] = {}
    for notice in unread[: 10 * MOST]:
        by_ticket.setdefault(notice.ticket_id or ("notice", notice.pk), []).append(notice)
    lines = [News(found[0], len(found) - 1, any(one.is_urgent for one in found)) for found in by_ticket.values()]
    return lines[:MOST]


@dataclass(frozen=True, slots=True)
class Day:
    """The whole page; ``free`` counts what one may take next, ``board`` is what a supervisor looks after, ``waiting``
    counts what nobody has of it (of ``free`` for who supervises nobody)."""

    now: list[Todo]
    later: list[Todo]
    stepping_in: list[Todo]
    news: list[News]
    tickets: list[Ticket]
    week: Week
    board: Board | None
    free: int
    waiting: int

    @property
    def team(self) -> list[Load]:
        return self.board.loads if self.board else []

    @property
    def is_empty(self) -> bool:
        """Nothing to do for oneself: neither due, nor promised, nor open."""
        return not (self.now or self.later or self.tickets)


def day_of(user: User, at: datetime) -> Day:
    """Everything My day shows, in a fixed number of queries."""
    who = viewer(user)
    stepping_in = escalations(user, who, at)
    told = {todo.promise_id for todo in stepping_in}  # until somebody steps in, their promise is part of that (E5)
    mine = (todo for todo in promises(user) if todo.promise_id not in told)
    timed = sorted(
        [*answers(user, at), *mine, *transfers(user, who), *follow_ups(user), *approvals(user, who)],
        key=lambda todo: todo.due_at or at,
    )
    back = returned(user)
    rows = once_each([*back, *timed])
    first = {todo.ticket_id for todo in back}
    soon = at + SOON
    takeable = free_tickets(user, who)
    nobodys = counts(user, free=takeable, waiting=unassigned(user) if who.is_supervisor else takeable)
    is_now = {id(row): row.ticket_id in first or row.due_at is None or row.due_at <= soon for row in rows}
    return Day(
        now=[row for row in rows if is_now[id(row)]],
        later=[row for row in rows if not is_now[id(row)]],
        stepping_in=stepping_in,
        news=news(user, [row.ticket_id for row in (*rows, *stepping_in)]),
        tickets=_others(user, [row.ticket_id for row in rows if row.ticket_id]),
        week=week(user, at),
        board=board(user, who, at, [row.ticket_id for row in stepping_in]),
        free=nobodys["free"],
        waiting=nobodys["waiting"],
    )


def free_tickets(user: User, who: Viewer) -> QuerySet[Ticket]:
    """What nobody has in the teams one serves in, or in none: what "Take next" takes from."""
    mine = Q(team__in=who.team_ids) | Q(team=None)
    return Ticket.objects.visible_to(user).active().filter(mine, assignee=None)


def _others(user: User, told: list[int]) -> list[Ticket]:
    """My open tickets that no row speaks of yet."""
    rows = Ticket.objects.visible_to(user).active().filter(assignee=user).exclude(pk__in=told)
    return list(rows.select_related("requester").in_queue_order()[:MOST])
