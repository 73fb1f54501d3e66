"""What waits for one member of staff today: each list is one query, whatever it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _

from accounts.models import User
from events.models import Approval
from notifications.models import Notice
from staff.access import Viewer, viewer
from staff.models import StaffProfile
from tickets.models import ACTIVE, Clock, Escalation, FollowUp, Promise, Ticket, Transfer

MOST = 30
SOON = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do: what it is about, why it waits, until when, and where one does it."""

    icon: str
    title: str
    detail: str
    url: str
    action: str | Lazy
    due_at: datetime | None = None
    since: datetime | None = None


def _url(ticket: Ticket) -> str:
    return reverse("desk:ticket", args=[ticket.number])


def _who(ticket: Ticket) -> str:
    return f"#{ticket.number} · {ticket.requester}"


def answers(user: User, at: datetime) -> list[Todo]:
    """Customers of mine who wait for an answer, first due first."""
    waiting = (
        Clock.objects.filter(
            ticket__assignee=user, ticket__status__in=ACTIVE, stopped_at=None, cancelled_at=None, due_at__isnull=False
        )
        .exclude(metric=Clock.Metric.RESOLUTION)
        .select_related("ticket__requester")
        .order_by("due_at", "pk")[:MOST]
    )
    return [
        Todo(
            "reply",
            clock.ticket.subject,
            _who(clock.ticket),
            _url(clock.ticket),
            _("Answer"),
            clock.due_at,
            clock.started_at,
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
        Todo("undo-2", ticket.subject, _("%(who)s · back from hold") % {"who": _who(ticket)}, _url(ticket), _("Open"))
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
            _("Keep it"),
            promise.due_at,
            promise.made_at,
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
            _("from %(sender)s, %(team)s") % {"sender": transfer.sender, "team": transfer.from_team or "–"},
            _url(transfer.ticket),
            _("Read handover"),
            transfer.accept_by,
            transfer.sent_at,
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
        )
        for approval in rows
        if approval.subject_id in tickets
        and (approval.named_id == user.pk or who.supervises(tickets[approval.subject_id].team_id))
    ]


def _leads(who: Viewer) -> bool:
    return who.is_supervisor or who.is_admin


def escalations(user: User, who: Viewer) -> list[Todo]:
    """What waits for a supervisor, the ones that climb next first (E3)."""
    if not _leads(who):
        return []
    waiting = Escalation.objects.filter(status=Escalation.Status.WAITING, ticket__in=Ticket.objects.visible_to(user))
    if not who.supervises(None):
        waiting = waiting.filter(Q(waits_for=user) | Q(ticket__team__in=who.supervised_team_ids))
    return [
        Todo(
            "triangle-alert",
            escalation.ticket.subject,
            f"{_who(escalation.ticket)} · {_('level %(level)s') % {'level': escalation.level}}",
            f"{reverse('desk:escalations')}?show={escalation.pk}",
            _("Step in"),
            escalation.climbs_at,
            escalation.raised_at,
        )
        for escalation in waiting.select_related("ticket__requester").order_by("climbs_at", "pk")[:MOST]
    ]


@dataclass(frozen=True, slots=True)
class Week:
    """How somebody stands over the last seven days (P2); None where there is nothing to count."""

    met: int
    answered: int
    kept: int
    promised: int
    confirmed: int

    @property
    def percent(self) -> int | None:
        """Answers in time, of a hundred."""
        return round(100 * self.met / self.answered) if self.answered else None


def week(user: User, at: datetime) -> Week:
    """Answers in time, promises kept, cases the customer confirmed: three queries."""
    since = at - timedelta(days=7)
    stopped = Clock.objects.filter(agent=user, stopped_at__gte=since).exclude(metric=Clock.Metric.RESOLUTION)
    clocks = stopped.aggregate(all=Count("pk"), late=Count("pk", filter=Q(breached_at__isnull=False)))
    settled = Promise.objects.filter(
        owner=user, settled_at__gte=since, status__in=(Promise.Status.KEPT, Promise.Status.LATE, Promise.Status.BROKEN)
    ).aggregate(all=Count("pk"), kept=Count("pk", filter=Q(status=Promise.Status.KEPT)))
    confirmed = Ticket.objects.filter(
        resolved_by=user, closed_at__gte=since, closure_cause__in=("confirmed", "confirmed_by_phone")
    ).count()
    return Week(clocks["all"] - clocks["late"], clocks["all"], settled["kept"], settled["all"], confirmed)


@dataclass(frozen=True, slots=True)
class Load:
    """A colleague at a glance: there or not, and how full."""

    user: User
    availability: str
    label: str
    open: int
    room: int

    @property
    def tone(self) -> str:
        """How full: the colour that goes with the words."""
        if self.room and self.open >= self.room:
            return "bad"
        return "warn" if self.room and self.open >= 0.8 * self.room else "good"


def team_load(who: Viewer) -> list[Load]:
    """The people of the teams that somebody supervises: one query."""
    if not who.supervised_team_ids:
        return []
    profiles = (
        StaffProfile.objects.filter(user__memberships__team__in=who.supervised_team_ids, user__is_active=True)
        .select_related("user")
        .annotate(
            open=Count(
                "user__tickets",
                filter=Q(
                    user__tickets__status__in=ACTIVE, user__tickets__is_spam=False, user__tickets__trashed_at=None
                ),
                distinct=True,
            )
        )
        .order_by("user__name", "pk")
    )
    return [
        Load(profile.user, profile.availability, profile.get_availability_display(), profile.open, profile.capacity)
        for profile in profiles
    ]


@dataclass(frozen=True, slots=True)
class News:
    """What is new about one ticket: the newest notice speaks, urgent if any of them is (N1)."""

    notice: Notice
    more: int
    is_urgent: bool


def news(user: User) -> list[News]:
    """Unread notices, several on one ticket as one, newest first: one query."""
    unread = Notice.objects.filter(user=user, read_at=None).select_related("ticket").order_by("-created_at", "-pk")
    by_ticket: dict[object, list[Notice]] = {}
    for notice in unread[: 10 * MOST]:
        by_ticket.setdefault(notice.ticket_id or ("notice", notice.pk), []).append(notice)
    lines = [News(found[0], len(found) - 1, any(one.is_urgent for one in found)) for found in by_ticket.values()]
    return lines[:MOST]


@dataclass(frozen=True, slots=True)
class Day:
    """The whole page."""

    now: list[Todo]
    later: list[Todo]
    stepping_in: list[Todo]
    news: list[News]
    tickets: list[Ticket]
    week: Week
    team: list[Load]


def day_of(user: User, at: datetime) -> Day:
    """Everything My day shows, in a fixed number of queries."""
    who = viewer(user)
    timed = sorted(
        [*answers(user, at), *promises(user), *transfers(user, who), *follow_ups(user), *approvals(user, who)],
        key=lambda todo: todo.due_at or at,
    )
    soon = at + SOON
    return Day(
        now=[*returned(user), *(todo for todo in timed if todo.due_at is None or todo.due_at <= soon)],
        later=[todo for todo in timed if todo.due_at is not None and todo.due_at > soon],
        stepping_in=escalations(user, who),
        news=news(user),
        tickets=list(
            Ticket.objects.visible_to(user)
            .active()
            .filter(assignee=user)
            .select_related("requester")
            .in_queue_order()[:10]
        ),
        week=week(user, at),
        team=team_load(who),
    )
