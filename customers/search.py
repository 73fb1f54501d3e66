"""Finding people as one types: by name, what they are called, e-mail, telephone, organisation.

Every source has a trigram index and gives a bounded number of candidates: the cost does not follow how many there are.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Upper

from common import phones
from common.functions import Unaccent
from common.text import clean_line
from customers.models import EmailAddress, Organisation, Person, PhoneNumber

LONGEST = 80
CANDIDATES = 40
FEWEST_DIGITS = 3
FEWEST_FOR_TYPOS = 4


def people(q: str, limit: int = 8, *, within: QuerySet[Person] | None = None) -> list[Person]:
    """The people that ``q`` may mean, best first, with all loaded that a row shows.

    ``within`` narrows to those that the reader may know of. Merged and erased records are left out.
    """
    q = clean_line(q[: 4 * LONGEST], 4 * LONGEST)[:LONGEST]
    if not q:
        return []
    base = (Person.objects.all() if within is None else within).filter(merged_into=None, erased_at=None)
    ranked = _candidates(base, q, max(CANDIDATES, limit))
    if not ranked and len(q) >= FEWEST_FOR_TYPOS:
        ranked = _similar(base, q, limit)
    chosen = sorted(ranked, key=lambda pk: (ranked[pk], pk))
    found = loaded(Person.objects.filter(pk__in=chosen[: 4 * limit])).in_bulk()
    ordered = sorted(found.values(), key=lambda person: (ranked[person.pk], person.name.casefold(), person.pk))
    return ordered[:limit]


def matching(q: str, within: QuerySet[Person]) -> QuerySet[Person]:
    """Those of ``within`` whose name, address, number or firm holds the words of ``q``: for a list with pages."""
    q = clean_line(q[: 4 * LONGEST], 4 * LONGEST)[:LONGEST]
    if not q:
        return within
    hit = Q(pk__in=_by_address(Person.objects.all(), q).values("pk")) | Q(_named(q))
    hit |= Q(organisation_id__in=_organisations(q).values("pk"))
    if _is_number(q):
        hit |= Q(pk__in=PhoneNumber.objects.filter(normalised__contains=phones.search_digits(q)).values("person"))
    return within.filter(hit)


def loaded(rows: QuerySet[Person]) -> QuerySet[Person]:
    """With all that a row about a person shows: four queries for any number of rows."""
    return rows.select_related("organisation", "department").prefetch_related("addresses", "phones", "flags")


def _candidates(base: QuerySet[Person], q: str, many: int) -> dict[int, int]:
    """Ids with their rank, 0 the best, in one query over all sources."""
    folded = Upper(Unaccent(Value(q)))
    sources = [
        _ranked(base.filter(search__startswith=folded), 1, many),
        _ranked(base.filter(_named(q)), 3, many),
        _ranked(_by_address(base, q), 2, many),
        _ranked(base.filter(organisation_id__in=_organisations(q).values("pk")[:many]), 4, many),
    ]
    if "@" in q:
        exact = EmailAddress.objects.alias(upper=Upper("address")).filter(upper=Upper(Value(q))).values("person")
        sources.append(_ranked(base.filter(pk__in=exact), 0, many))
    if _is_number(q):
        digits = phones.search_digits(q)
        whole = PhoneNumber.objects.filter(normalised__endswith=digits).values("person")[:many]
        part = PhoneNumber.objects.filter(normalised__contains=digits).values("person")[:many]
        sources += [_ranked(base.filter(pk__in=whole), 0, many), _ranked(base.filter(pk__in=part), 2, many)]
    words = q.split()
    if len(words) > 1:
        sources.append(_ranked(_name_and_organisation(base, words, many), 3, many))
    ranked: dict[int, int] = {}
    for pk, rank in sources[0].union(*sources[1:], all=True):
        ranked[pk] = min(rank, ranked.get(pk, rank))
    return ranked


def _ranked(rows: QuerySet[Person], rank: int, many: int) -> QuerySet[Any, Any]:
    return rows.order_by().values_list("pk").annotate(rank=Value(rank))[:many]


def _named(q: str) -> Q:
    """Every word stands somewhere in the name or in what they are called."""
    found = Q()
    for word in q.split()[:6]:
        found &= Q(search__contains=Upper(Unaccent(Value(word))))
    return found


def _by_address(rows: QuerySet[Person], q: str) -> QuerySet[Person]:
    if " " in q:
        return rows.none()
    return rows.filter(pk__in=EmailAddress.objects.filter(address__icontains=q).values("person")[:CANDIDATES])


def _organisations(q: str) -> QuerySet[Organisation]:
    return Organisation.objects.filter(name__icontains=q).order_by()


def _name_and_organisation(base: QuerySet[Person], words: list[str], many: int) -> QuerySet[Person]:
    """Some words name the person, the last or the first ones their organisation ("anna acme", "acme gmbh anna")."""
    found = Q()
    for cut in range(1, len(words[:5])):
        head, tail = " ".join(words[:cut]), " ".join(words[cut:])
        found |= Q(_named(head), organisation_id__in=_organisations(tail).values("pk")[:many])
        found |= Q(_named(tail), organisation_id__in=_organisations(head).values("pk")[:many])
    return base.filter(found)


def _is_number(q: str) -> bool:
    return len(phones.search_digits(q)) >= FEWEST_DIGITS and not any(character.isalpha() for character in q)


def _similar(base: QuerySet[Person], q: str, limit: int) -> dict[int, int]:
    """Names that sound alike to the index when nothing fits: a slip of the finger still finds the person."""
    rows = base.filter(search__trigram_word_similar=q.upper()).values_list("pk", flat=True)[:limit]
    return dict.fromkeys(rows, 5)
