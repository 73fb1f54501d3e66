"""What happened on a seeded desk: two years of tickets, told for ``tickets.loading`` in slices that stand alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from helpdesk.demo.topics import TOPICS, Topic
from helpdesk.seeding.people import Cast
from tickets.loading import (
    Answered,
    Closed,
    Confirmed,
    LoadedTicket,
    Noted,
    Resolved,
    Spoke,
    Step,
    Taken,
    Wrote,
)
from tickets.models import Channel, ClosureCause

SPAN = timedelta(days=730)
SLICE = 2_000
"""Tickets per slice; the same for any number of processes, so that what is told does not depend on it."""
LONG, LONG_SUBJECT = 20, "Heating fails again and again: the whole story"
"""One ticket has exactly so many entries, under this subject."""
SEED = 20261122
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHANNELS = [
    (Channel.EMAIL, 50), (Channel.WEB, 20), (Channel.PHONE, 18), (Channel.IN_PERSON, 4), (Channel.LETTER, 4),
    (Channel.CHAT, 4),
]  # fmt: skip
LIVE = (Channel.PHONE, Channel.IN_PERSON, Channel.CHAT)
PRODUCTS = (
    "coffee machine", "heat pump", "gateway", "thermostat", "boiler", "floor heating", "wall charger", "radiator",
    "water meter", "solar inverter", "door sensor", "air filter", "control panel", "battery pack",
)  # fmt: skip
PLACES = (
    "Bergen", "Bodø", "Drammen", "Hamar", "Larvik", "Lillehammer", "Molde", "Narvik", "Oslo", "Porsgrunn", "Sandnes",
    "Skien", "Stavanger", "Tromsø", "Trondheim", "Ålesund",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of the whole: its first ticket's place, how many tickets, and how many entries they share."""

    first: int
    tickets: int
    entries: int
    of: int


def slices(tickets: int, entries: int) -> list[Slice]:
    """The whole in parts whose tickets and entries add up exactly."""
    parts = []
    for first in range(0, tickets, SLICE):
        last = min(first + SLICE, tickets)
        share = (entries - tickets) * last // tickets - (entries - tickets) * first // tickets
        parts.append(Slice(first, last - first, last - first + share, tickets))
    return parts


def told(part: Slice, cast: Cast, *, now: datetime, silence: timedelta) -> Iterator[LoadedTicket]:
    """The tickets of one slice; the same slice of the same desk is always told the same."""
    random = Random(SEED * 1_000_003 + part.first)  # noqa: S311 - the same every time is what is wanted
    for place, entries in enumerate(_counts(part, random), start=part.first):
        is_long = place == part.of - 1 and entries == LONG
        yield _Teller(cast, random, now, silence).tell(place, part.of, entries, is_long=is_long)


def _counts(part: Slice, random: Random) -> list[int]:
    """How many entries each ticket has: few have many, all together exactly as many as the slice may have."""
    counts = [1] * part.tickets
    spare, usable = part.entries - part.tickets, part.tickets
    if part.first + part.tickets == part.of and spare >= LONG - 1 and part.tickets > 1:
        counts[-1], spare, usable = LONG, spare - LONG + 1, part.tickets - 1
    shuffled = random.sample(range(usable), usable)
    for _entry in range(spare):
        counts[shuffled[int(usable * random.random() ** 1.6)]] += 1
    return counts


@dataclass(slots=True)
class _Teller:
    cast: Cast
    random: Random
    now: datetime
    silence: timedelta

    def tell(self, place: int, of: int, entries: int, *, is_long: bool) -> LoadedTicket:
        random, cast = self.random, self.cast
        topic = random.choice(TOPICS)
        at = self._moment(place, of)
        channel = Channel.EMAIL if is_long else random.choices(*_split(CHANNELS))[0]
        team = 0 if is_long else random.randrange(len(cast.teams))
        agent = cast.agents[team][0] if is_long else random.choice(cast.agents[team])
        live = channel in LIVE or channel == Channel.LETTER
        product, town = random.choice(PRODUCTS), random.choice(PLACES)
        unclaimed = entries == 1 and not live and random.random() < 0.2
        ticket = LoadedTicket(
            requester=random.choice(cast.people),
            subject=LONG_SUBJECT if is_long else f"{topic.subject} ({product}, {town})",
            text=f"{topic.says} It is about the {product} in {town}, order {100_000 + place * 7}.",
            channel=channel,
            at=at,
            opened_by=agent if live else None,
            type="incident" if is_long else topic.type,
            impact=random.choices([1, 2, 3], [25, 60, 15])[0],
            urgency=topic.urgency if random.random() < 0.7 else random.choice([1, 2, 3]),
            team=None if unclaimed else cast.teams[team],
            category=random.choice(cast.categories) if cast.categories else None,
            tags=[random.choice(cast.tags)] if cast.tags and random.random() < 0.2 else (),
            language=topic.language,
        )
        ends = not is_long and not (entries == 1 and unclaimed and self.now - at < 2 * DAY) and self._is_over(at)
        ticket.steps = self._steps(ticket, topic, agent, entries, ends=ends)
        return ticket

    def _moment(self, place: int, of: int) -> datetime:
        """Evenly over two years in the order told; most of it on working days, in the day's hours."""
        random = self.random
        at = self.now - SPAN + SPAN * ((place + random.random()) / of)
        if at.weekday() >= 5 and random.random() < 0.75:
            at -= (at.weekday() - random.choice((3, 4))) * DAY
        at = at.replace(hour=random.choice((6, 7, 7, 8, 8, 8, 9, 9, 10, 10, 11, 12, 12, 13, 13, 14, 15, 17, 20)))
        return min(at, self.now - (20 + random.randrange(400)) * MINUTE)

    def _is_over(self, at: datetime) -> bool:
        """The older, the likelier it is done: one or two of a hundred tickets are still to be met."""
        age = (self.now - at) / DAY
        chance = 0.35 if age < 1 else 0.6 if age < 4 else 0.7 if age < 14 else 0.93 if age < 60 else 0.995
        return self.random.random() < chance

    def _steps(self, ticket: LoadedTicket, topic: Topic, agent: int, entries: int, *, ends: bool) -> Sequence[Step]:
        random = self.random
        lasts = min((0.5 + 3 * random.random()) * HOUR * entries**1.5, (self.now - ticket.at) * 0.8)
        times = [ticket.at + lasts * ((n + random.random() * 0.8) / entries) for n in range(1, entries)]
        with_text = ends and bool(times)
        steps: list[Step] = []
        ours = True
        for number, at in enumerate(times[:-1] if with_text else times):
            if number and random.random() < 0.12:
                steps.append(Noted(at=at, by=agent, text=topic.note or "Looked it up: known, see the article."))
            elif ours and random.random() < 0.1:
                steps.append(
                    Spoke(at=at, by=agent, text=topic.answer, direction="out", seconds=random.randrange(60, 900))
                )
            elif ours:
                is_last = number == len(times) - 1
                waits = "pending" if random.random() < (0.6 if is_last else 0.3) else ""
                steps.append(Answered(at=at, by=agent, text=topic.answer, then=waits))
                ours = False
            else:
                steps.append(Wrote(at=at, text=topic.more))
                ours = True
        if ends:
            steps += self._ending(topic, agent, times[-1] if times else ticket.at + lasts, with_text=with_text)
        elif entries == 1 and ticket.team and random.random() < 0.4:
            steps.append(Taken(at=ticket.at + lasts * 0.5, by=agent))
        return steps

    def _ending(self, topic: Topic, agent: int, at: datetime, *, with_text: bool) -> Iterator[Step]:
        random = self.random
        yield Resolved(at=at, by=agent, text=topic.solution if with_text else "")
        answered = at + 40 * HOUR * random.random() ** 2
        if random.random() < 0.6 and answered < self.now:
            by_phone = random.random() < 0.2
            yield Confirmed(at=answered, by=agent if by_phone else None, via="phone" if by_phone else "link")
        elif at + self.silence < self.now:
            yield Closed(at=at + self.silence, cause=ClosureCause.NO_ANSWER)


def _split(weighted: Sequence[tuple[str, int]]) -> tuple[list[str], list[int]]:
    return [value for value, _weight in weighted], [weight for _value, weight in weighted]
