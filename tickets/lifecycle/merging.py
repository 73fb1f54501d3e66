"""Two tickets about one need become one, and part again as they were (T11)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models, transaction

from accounts.models import User
from tickets import clocks
from tickets.lifecycle import _snapshots, following
from tickets.lifecycle._ground import change, copy_back, locked_many, moment, tell
from tickets.models import (
    Clock,
    ClockPause,
    Closure,
    ClosureCause,
    Contact,
    Entry,
    Escalation,
    EscalationReason,
    FollowUp,
    Participant,
    Promise,
    Status,
    Ticket,
    TicketLink,
    TicketMerge,
)
from tickets.policy import merging as policy


@transaction.atomic
def merge(source: Ticket, *, into: Ticket, by: User, at: datetime | None = None) -> TicketMerge:
    """``source`` closes and leads on to ``into``, which gets its conversation, people, promises and escalation (T11).

    The earliest unanswered message of both sets the response clock; nobody is asked or surveyed about ``source``.
    """
    now = moment(at)
    tickets = locked_many([source, into])
    given_source, given_target = source, into
    source, target = tickets[source.pk], tickets[into.pk]
    policy.may_merge(by, source, target).demand()

    before: dict[str, Any] = {
        "source": _snapshots.state_of(source),
        "target": _snapshots.state_of(target),
        "legal_hold": [_iso(source.legal_hold_since), _iso(target.legal_hold_since)],
        "source_clocks": _snapshots.clocks_of(source),
        "target_clocks": _snapshots.clocks_of(target),
        "moved": _move_all(source, target, by=by, at=now),
    }
    if target.status == Status.PENDING and source.unanswered_since is not None:
        clocks.unpause(target, cause=ClockPause.Cause.PENDING, at=now)
        change(target, status=Status.OPEN)
    clocks.move(source, target, at=now)
    change(target, **_later_of_both(source, target))
    change(source, status=Status.CLOSED, closed_at=now, closure_cause=ClosureCause.MERGED, unanswered_since=None)
    TicketLink.objects.get_or_create(source=source, target=target, kind=TicketLink.Kind.MERGED)
    clocks.refresh_queue(target)

    tell(source, "merged", by=by, at=now, target=target.pk)
    moved = before["moved"]
    tell(
        target, "absorbed", by=by, at=now, source=source.pk, promises=moved["promises"], escalation=moved["escalation"]
    )
    before["after"] = {"seq": target.event_seq, "target": _snapshots.state_of(target)}
    row = TicketMerge.objects.create(source=source, target=target, merged_by=by, merged_at=now, before=before)
    copy_back(source, given_source)
    copy_back(target, given_target)
    return row


@transaction.atomic
def unmerge(merge_row: TicketMerge, *, by: User, at: datetime | None = None) -> TicketMerge:
    """Give both back what came before; what was written on the target since stays there (T11)."""
    now = moment(at)
    tickets = locked_many([merge_row.source_id, merge_row.target_id])
    row = TicketMerge.objects.get(pk=merge_row.pk)
    source, target = tickets[row.source_id], tickets[row.target_id]
    row.source, row.target = source, target
    policy.may_unmerge(by, row).demand()

    before = row.before
    TicketLink.objects.filter(source=source, target=target, kind=TicketLink.Kind.MERGED).delete()
    _move_back(source, target, before["moved"])
    _give_back_target(target, before, at=now)
    change(source, **_snapshots.fields_from(before["source"]))
    _snapshots.give_back_clocks(source, before["source_clocks"], at=now)
    row.undone_at, row.undone_by = now, by
    row.save(update_fields=["undone_at", "undone_by"])

    tell(source, "unmerged", by=by, at=now, target=target.pk)
    tell(target, "released", by=by, at=now, source=source.pk)
    return row


def _later_of_both(source: Ticket, target: Ticket) -> dict[str, Any]:
    """Who waits, and since when, in both conversations together."""
    fields = {
        "unanswered_since": _first(source.unanswered_since, target.unanswered_since),
        "last_customer_at": _last(source.last_customer_at, target.last_customer_at),
        "last_staff_at": _last(source.last_staff_at, target.last_staff_at),
        "legal_hold_since": _first(source.legal_hold_since, target.legal_hold_since),
    }
    return fields


def _move_all(source: Ticket, target: Ticket, *, by: User, at: datetime) -> dict[str, Any]:
    """What belongs to the need goes where the need is met; the ids of it, so that it can come back."""
    return {
        "entries": _moved(Entry.objects.filter(ticket=source), target),
        "promises": _moved(Promise.objects.filter(ticket=source, status=Promise.Status.OPEN), target),
        "contacts": _link_contacts(source, target),
        "participants": _join(source, target, at),
        "closure": _withdraw(source, at),
        **_move_escalation(source, target, by=by, at=at),
        "follow_ups": _move_follow_up(source, target),
    }


def _moved(rows: models.QuerySet[Any], target: Ticket) -> list[int]:
    pks = sorted(rows.values_list("pk", flat=True))
    rows.model._base_manager.filter(pk__in=pks).update(ticket=target)
    return pks


def _link_contacts(source: Ticket, target: Ticket) -> list[int]:
    through = Contact.tickets.through
    known = through.objects.filter(ticket_id=target.pk).values("contact_id")
    new = list(
        through.objects.filter(ticket_id=source.pk)
        .exclude(contact_id__in=known)
        .order_by("contact_id")
        .values_list("contact_id", flat=True)
    )
    through.objects.bulk_create(through(contact_id=pk, ticket_id=target.pk) for pk in new)
    return new


def _join(source: Ticket, target: Ticket, at: datetime) -> list[int]:
    """The customers of the one take part in the other."""
    roles: dict[int, str] = {source.requester_id: Participant.Role.CC}
    roles |= dict(source.participants.order_by("pk").values_list("person_id", "role"))
    present = {target.requester_id, *target.participants.values_list("person_id", flat=True)}
    made = Participant.objects.bulk_create(
        Participant(ticket=target, person_id=person_id, role=role, since=at)
        for person_id, role in roles.items()
        if person_id not in present
    )
    return [participant.pk for participant in made]


def _withdraw(source: Ticket, at: datetime) -> dict[str, Any] | None:
    """A resolved source asks its customer nothing any more."""
    closure = source.closures.filter(answer=Closure.Answer.WAITING).first()
    if closure is None:
        return None
    row = _snapshots.row_of(closure)
    closure.answer, closure.answered_at = Closure.Answer.WITHDRAWN, at
    closure.save(update_fields=["answer", "answered_at"])
    return row


def _move_escalation(source: Ticket, target: Ticket, *, by: User, at: datetime) -> dict[str, Any]:
    """The open escalation goes along; where the target has one, its reasons join that one."""
    moving = source.escalations.filter(status__in=Escalation.OPEN).first()
    if moving is None:
        return {"escalation": None, "joined": None, "reasons": []}
    there = target.escalations.filter(status__in=Escalation.OPEN).first()
    if there is None:
        moving.ticket = target
        moving.save(update_fields=["ticket"])
        return {"escalation": moving.pk, "joined": None, "reasons": []}
    joined = _snapshots.row_of(moving)
    reasons = sorted(moving.reasons.values_list("pk", flat=True))
    EscalationReason.objects.filter(pk__in=reasons).update(escalation=there)
    was = {"is_threat": there.is_threat, "climbs_at": _iso(there.climbs_at)}
    if moving.is_threat and not there.is_threat:
        there.is_threat = True
        there.climbs_at = _first(there.climbs_at, moving.climbs_at)
        there.save(update_fields=["is_threat", "climbs_at"])
    moving.status, moving.ended_at, moving.ended_by, moving.climbs_at = Escalation.Status.RESOLVED, at, by, None
    moving.save(update_fields=["status", "ended_at", "ended_by", "climbs_at"])
    return {"escalation": there.pk, "joined": joined, "reasons": reasons, "was": was}


def _move_follow_up(source: Ticket, target: Ticket) -> list[int]:
    """X5: one duty to ask per ticket; a second one stays where it was and falls due with nothing."""
    if target.follow_ups.filter(status__in=following.OPEN).exists():
        return []
    moved = _moved(FollowUp.objects.filter(ticket=source, status__in=following.OPEN), target)
    FollowUp.objects.filter(pk__in=moved, status=FollowUp.Status.DUE).update(
        status=FollowUp.Status.SUSPENDED, due_at=None
    )
    return moved


def _move_back(source: Ticket, target: Ticket, moved: dict[str, Any]) -> None:
    Entry.objects.filter(pk__in=moved["entries"]).update(ticket=source)
    Promise.objects.filter(pk__in=moved["promises"]).update(ticket=source)
    FollowUp.objects.filter(pk__in=moved["follow_ups"]).update(ticket=source)
    Participant.objects.filter(pk__in=moved["participants"], ticket=target).delete()
    still_used = Entry.objects.filter(ticket=target, contact_id__in=moved["contacts"]).values("contact_id")
    Contact.tickets.through.objects.filter(ticket_id=target.pk, contact_id__in=moved["contacts"]).exclude(
        contact_id__in=still_used
    ).delete()
    if moved["joined"] is not None:
        EscalationReason.objects.filter(pk__in=moved["reasons"]).update(escalation=moved["joined"]["id"])
        _restore(Escalation, moved["joined"])
        there = Escalation.objects.filter(pk=moved["escalation"])
        there.update(is_threat=moved["was"]["is_threat"])
        climbs_at = Escalation._meta.get_field("climbs_at").to_python(moved["was"]["climbs_at"])
        there.filter(status=Escalation.Status.WAITING).update(climbs_at=climbs_at)
    elif moved["escalation"] is not None:
        Escalation.objects.filter(pk=moved["escalation"]).update(ticket=source)
    if moved["closure"] is not None:
        _restore(Closure, moved["closure"])


def _restore(model: type[models.Model], row: dict[str, Any]) -> None:
    fields = {field.attname: field.to_python(row[field.attname]) for field in model._meta.concrete_fields}
    model._base_manager.filter(pk=row["id"]).update(**fields)


def _give_back_target(target: Ticket, before: dict[str, Any], *, at: datetime) -> None:
    """Untouched since: all as it was. Else only what the merge itself had set and nobody changed."""
    was = _snapshots.fields_from(before["target"])
    after = _snapshots.fields_from(before["after"]["target"])
    untouched = target.event_seq == before["after"]["seq"]
    brought_in = ("unanswered_since", "last_customer_at", "last_staff_at")
    keep = was if untouched else {name: was[name] for name in brought_in if getattr(target, name) == after[name]}
    held = Ticket._meta.get_field("legal_hold_since").to_python(before["legal_hold"][1])
    change(target, **keep, legal_hold_since=held)
    if untouched:
        _snapshots.give_back_clocks(target, before["target_clocks"], at=at)
        return
    running = set(_running(target))
    responses = set(target.clocks.filter(pk__in=running, metric__in=clocks.RESPONSES).values_list("pk", flat=True))
    brought = responses - {row["id"] for row in before["target_clocks"]} - _begun_after(target, before, running)
    Clock.objects.filter(pk__in=brought).update(cancelled_at=at, next_at=None)
    _snapshots.give_back_starts(target, before["target_clocks"], set(before["moved"]["entries"]))
    clocks.refresh_queue(target)


def _running(target: Ticket) -> Iterable[int]:
    return target.clocks.filter(stopped_at=None, cancelled_at=None).values_list("pk", flat=True)


def _begun_after(target: Ticket, before: dict[str, Any], running: set[int]) -> set[int]:
    """Clocks that a message since the merge has started: they stay."""
    own = Entry.objects.filter(ticket=target).values("pk")
    return set(Clock.objects.filter(pk__in=running, started_by__in=own).values_list("pk", flat=True))


def _iso(moment_or_none: datetime | None) -> str | None:
    return moment_or_none.isoformat() if moment_or_none else None


def _first(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


def _last(*times: datetime | None) -> datetime | None:
    return max((time for time in times if time is not None), default=None)
