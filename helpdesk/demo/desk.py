"""The plan of the demo: which stories, how often, when; the same every time, relative to now."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from common.errors import Refused
from customers.models import Person
from events import dispatch
from events.models import Delivery, Event
from feedback import operations as feedback
from feedback.models import Invitation
from helpdesk import defaults
from helpdesk.canned_texts import ABROAD
from helpdesk.demo import promised, stories
from helpdesk.demo.case import DAY, HOUR, MINUTE, Case, Story, answered, opened, resolved, talked
from helpdesk.demo.cast import Cast, build
from helpdesk.demo.topics import TOPICS, Topic
from sla import policies
from tickets.models import Channel, Ticket

SEED = 20261122
ZONE = ZoneInfo("Europe/Oslo")
WEEKS = 8

PAST: list[tuple[Story, int]] = [
    (stories.confirmed, 96),
    (stories.silent, 26),
    (stories.confirmed_by_phone, 22),
    (stories.held_and_kept, 14),
    (stories.held_on_the_phone, 10),
    (stories.promised_and_solved, 16),
    (stories.transferred_and_confirmed, 12),
    (stories.escalated_and_coached, 10),
    (stories.not_solved_first, 9),
    (stories.slow, 9),
    (stories.asked_twice, 5),
    (stories.spam, 4),
]
RECENT: list[tuple[Story, int, timedelta]] = [
    # what is going on now: the story, how many, how long ago it began at most
    (opened, 12, 20 * HOUR),
    (answered, 10, 30 * HOUR),
    (talked, 12, 40 * HOUR),
    (stories.pending_now, 10, 3 * DAY),
    (stories.on_hold_now, 7, 10 * HOUR),
    (stories.hold_broken, 3, 3 * DAY),
    (stories.promise_open_now, 7, 10 * HOUR),
    (stories.complaint_half_way, 5, 2 * DAY),
    (stories.transfer_waits, 4, 5 * HOUR),
    (stories.follow_up_due, 4, 4 * DAY),
    (stories.escalated, 6, 9 * HOUR),
    (resolved, 12, 4 * DAY),
]
OVER = frozenset(story for story, _times in PAST)
"""Stories that end: told plainly they end too, else old cases would stand open for weeks."""
OVERDUE = 4
CHANNELS = [
    (Channel.EMAIL, 45), (Channel.WEB, 20), (Channel.PHONE, 20), (Channel.IN_PERSON, 6), (Channel.LETTER, 5),
    (Channel.CHAT, 4),
]  # fmt: skip
COMMENTS = {
    5: ["She called back exactly when she said.", "Quick and kind.", "", ""],
    4: ["Good, it took a little long.", ""],
    3: ["It works now, but I had to explain it twice.", ""],
    2: ["Three messages until somebody understood."],
    1: ["I took a day off for nothing."],
}


def make(now: datetime, *, share: float = 1.0) -> dict[str, int]:
    """Fill an empty desk, all or nothing; return how many tickets there are, and how many stories the rules refused.

    With a ``share`` each story is told that much less often, yet once at least: a small desk that has everything.
    """
    random = Random(SEED)  # noqa: S311 - a demo is the same every time
    dispatcher = dispatch.silenced()
    with dispatcher, transaction.atomic():
        defaults.ensure()
        defaults.add_canned_replies(ABROAD)
        policies.default()
        cast = build(random)
        promised.build(cast)
        told = Counter[str]()
        for story, case in _plan(cast, random, now, share):
            _tell(story, case, told)
        _surveys(random, now)
        _settle_deliveries(now)
        _settle_dates()
    return {"tickets": Ticket.objects.count(), "skipped": told["refused"]}


def _tell(story: Story, case: Case, told: Counter[str]) -> None:
    try:
        with transaction.atomic():
            story(case)
    except Refused:
        told["refused"] += 1
        plain = stories.confirmed if story in OVER else answered
        with transaction.atomic():
            plain(_anew(case))


def _anew(case: Case) -> Case:
    """The same case, told plainly: the rules refused the story at its time."""
    return Case(case.cast, case.random, case.topic, case.person, case.agent, case.at, Channel.EMAIL, case.end)


def _plan(cast: Cast, random: Random, now: datetime, share: float) -> list[tuple[Story, Case]]:
    planned: list[tuple[Story, Case]] = []
    for story, times in PAST:
        for _count in range(max(1, round(times * share))):
            planned.append((story, _case(cast, random, _working_moment(random, now), now - 12 * HOUR)))
    for story, times, ago in RECENT:
        for _count in range(max(1, round(times * share))):
            start = now - max(20 * MINUTE, ago * (0.15 + 0.8 * random.random()))
            planned.append((story, _case(cast, random, start, now - MINUTE)))
    for number in range(OVERDUE):
        start = now - 25 * HOUR - number * 7 * HOUR
        planned.append((opened, _case(cast, random, start, now - MINUTE, channel=Channel.EMAIL)))
    planned.sort(key=lambda one: one[1].at)
    return planned


def _case(cast: Cast, random: Random, at: datetime, end: datetime, channel: str = "") -> Case:
    topic = random.choice(TOPICS)
    agents = cast.agents_of(topic.team) or [cast.supervisor_of(topic.team)]
    names, weights = zip(*CHANNELS, strict=True)
    return Case(
        cast=cast,
        random=random,
        topic=topic,
        person=_person(cast, random, topic),
        agent=random.choice([agent for agent in agents if agent.email.split("@")[0] != "ravi"]),
        at=at,
        channel=channel or random.choices(names, weights)[0],
        end=end,
    )


def _person(cast: Cast, random: Random, topic: Topic) -> Person:
    pool = cast.internal if topic.team == "internal" else cast.external
    spoken = [person for person in pool if topic.team == "internal" or person.language == topic.language]
    return random.choice(spoken or pool)


def _working_moment(random: Random, now: datetime) -> datetime:
    """A moment of the last eight weeks, mostly in working hours, with more on Mondays."""
    for _try in range(50):
        moment = (now - timedelta(days=random.uniform(6, 7 * WEEKS))).astimezone(ZONE)
        moment = moment.replace(hour=random.choice([8, 9, 9, 10, 10, 11, 12, 13, 14, 15, 16, 19]))
        chance = (1.0, 0.8, 0.75, 0.7, 0.65, 0.2, 0.15)[moment.weekday()]
        if random.random() < chance:
            break
    return moment.replace(minute=random.randrange(60)).astimezone(now.tzinfo)


def _surveys(random: Random, now: datetime) -> None:
    """Who confirmed is asked, and six of ten answer."""
    closed = Event.objects.filter(kind__in=["ticket.confirmed", "ticket.closed"], subject_kind="ticket")
    for event in closed.order_by("happened_at"):
        ticket = Ticket.objects.select_related("requester").get(pk=event.subject_id)
        invitation = feedback.invite(ticket, closed_by=event)
        if invitation is None or invitation.send_at > now:
            continue
        if not feedback.send(invitation.pk, at=invitation.send_at) or random.random() > 0.6:
            continue
        invitation.refresh_from_db()
        score = random.choices([5, 4, 3, 2, 1], [48, 28, 12, 7, 5])[0]
        feedback.answer(
            Invitation.objects.get(pk=invitation.pk), by=ticket.requester, score=score,
            comment=random.choice(COMMENTS[score]), at=invitation.send_at + timedelta(hours=random.uniform(0.2, 40)),
        )  # fmt: skip


def _settle_dates() -> None:
    """A ticket changed last when its story says so, not when the demo was loaded."""
    told = Event.objects.filter(subject_kind="ticket", subject_id=OuterRef("pk")).order_by("-subject_seq")
    Ticket.objects.update(updated_at=Coalesce(Subquery(told.values("happened_at")[:1]), "opened_at"))


def _settle_deliveries(now: datetime) -> None:
    """What happened long ago is not mailed today; the last day's news still is."""
    old = Delivery.objects.filter(done_at=None, event__happened_at__lt=now - DAY)
    old.update(done_at=now)
