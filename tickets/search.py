"""Finding tickets by number, subject, words of the conversation, and who asked, as this person may see them.

Three statements, whatever there is: one gathers ids from bounded sets (each index gives at most ``CANDIDATES``), one
orders those that ``visible_to`` allows, one reads the best. A word of more tickets than that is looked for among
the latest, so that what is found is what is likely meant.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from accounts.models import User
from customers.models import EmailAddress, Person
from staff.access import Viewer, viewer
from tickets.models import Entry, Participant, Ticket, Unaccent
from tickets.visibility import SEES

CANDIDATES = 500
RECENT = 100_000  # how many ids back a frequent word is looked for
LONGEST = 200
MOST_WORDS = 8
WORD = re.compile(r"[\w.@+-]+")
NUMBER = re.compile(r"#?\s*(\d[\d\s\u00a0]{0,17})")


def search(user: User, text: str, *, limit: int = 50) -> list[Ticket]:
    """The tickets that ``text`` leads to, an exact number first, then the latest; with requester and assignee loaded.

    All words must be met, the last one may be unfinished. A customer finds by what they can read: public entries only.
    """
    best = keys(user, text, limit=limit)
    rows = Ticket.objects.select_related("requester", "assignee", "team").in_bulk(best)  # whole rows of these alone
    return [rows[pk] for pk in best if pk in rows]


def keys(user: User, text: str, *, limit: int = 50) -> list[int]:
    """The keys of these tickets, for who loads them otherwise."""
    words = _words(text)
    if not words or not isinstance(user, User):
        return []
    who = viewer(user)
    number = _number(text)
    if not who.is_staff:
        found = _for_customer(user, words, number)
    else:
        found = Ticket.objects.visible_to(user).filter(pk__in=_candidates(who, words, number))
    first = Case(When(number=number, then=Value(0)), default=Value(1), output_field=IntegerField())
    return list(found.order_by(first, "-updated_at", "-pk").values_list("pk", flat=True)[:limit])


def _words(text: str) -> list[str]:
    """At most eight words, without signs that a query would read as operators."""
    plain = unicodedata.normalize("NFC", text[:LONGEST]).replace("\x00", " ")
    return [word for word in (part.strip(".@+-") for part in WORD.findall(plain)) if word][:MOST_WORDS]


def _number(text: str) -> int | None:
    match = NUMBER.fullmatch(text.strip()[:LONGEST])
    number = int(re.sub(r"\D", "", match[1])) if match else None
    return number if number is not None and number < 2**63 else None


def _query(words: list[str]) -> SearchQuery:
    """Every word, the last one as a beginning; accents do not count."""
    quoted = ["'" + word.replace("'", "''").replace("\\", "") + "'" for word in words]
    return SearchQuery(Unaccent(Value(" & ".join(quoted) + ":*")), config="simple", search_type="raw")


def _for_customer(user: User, words: list[str], number: int | None) -> QuerySet[Ticket]:
    """Their own tickets are few: match among them, by number, subject and public entries."""
    mine, query = Ticket.objects.visible_to(user), _query(words)
    said = Entry.objects.public().filter(ticket__in=mine.values("pk"), search=query).values("ticket")
    return mine.filter(Q(number=number) | Q(search=query) | Q(pk__in=said))


def _candidates(who: Viewer, words: list[str], number: int | None) -> set[int]:
    """Ids that may be meant, from each index at most ``CANDIDATES``: one statement, two when a word is frequent."""
    found, full = _gathered(who, words, number, since=0)
    if full:
        last = Ticket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        found |= _gathered(who, words, number, since=max(last - RECENT, 0))[0]
    return found


def _gathered(who: Viewer, words: list[str], number: int | None, *, since: int) -> tuple[set[int], bool]:
    query = _query(words)
    subjects = Ticket.objects.filter(search=query)
    entries = _readable(who).filter(search=query)
    if since:
        subjects, entries = subjects.filter(pk__gt=since), entries.filter(ticket_id__gt=since)
    parts: list[QuerySet[Any, Any]] = [
        _ids(subjects, "pk", 1),
        _ids(entries, "ticket_id", 2),
        _ids(Ticket.objects.filter(requester__in=_people(words)), "pk", 3),
    ]
    if number is not None:
        parts.append(_ids(Ticket.objects.filter(number=number), "pk", 4))
    rows = _as_they_come(parts[0].union(*parts[1:], all=True))
    counts = [sum(1 for _id, source in rows if source == wanted) for wanted in (1, 2)]
    return {pk for pk, _source in rows}, not since and max(counts) >= CANDIDATES


def _as_they_come(rows: QuerySet[Any, Any]) -> list[tuple[int, int]]:
    """Pairs of numbers, straight from the database: there may be thousands."""
    sql, params = rows.query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[int, int]] = cursor.fetchall()
        return found


def _ids(rows: QuerySet[Any], column: str, source: int) -> QuerySet[Any, Any]:
    named = rows.order_by().annotate(found=F(column), source=Value(source)).values_list("found", "source")
    found: QuerySet[Any, Any] = named[:CANDIDATES]
    return found


def _readable(who: Viewer) -> QuerySet[Entry]:
    """What staff may find by: not restricted notes of others, nor any note on a ticket where they are the customer."""
    entries = Entry.objects.exclude(visibility=Entry.Visibility.RESTRICTED)
    if who.person_id is None:
        return entries
    taking_part = Participant.objects.filter(person=who.person_id, role__in=SEES)
    own = Q(ticket__in=Ticket.objects.filter(requester=who.person_id).values("pk")) | Q(
        ticket__in=taking_part.values("ticket")
    )
    return entries.filter(Q(visibility=Entry.Visibility.PUBLIC) | ~own)


def _people(words: list[str]) -> QuerySet[Person, Any]:
    """People with all these words in their name, or an address that begins so; bounded."""
    whole = " ".join(words)
    if len(whole) < 3:
        return Person.objects.none().values("pk")
    names = Q()
    for word in words:
        names &= Q(name__icontains=word)
    addresses = EmailAddress.objects.filter(address__istartswith=words[0]) if len(words) == 1 else None
    people = Person.objects.filter(names).values("pk")[:200]
    if addresses is None:
        return people
    return people.union(addresses.values("person_id")[:200], all=True)
