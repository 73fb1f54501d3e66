"""Public holidays by country and region: what there is to choose, and which days they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache

import holidays
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from holidays.registry import COUNTRIES

from common.errors import Malformed

IN_ENGLISH = {
    "AX": "Åland Islands", "BL": "Saint Barthélemy", "BQ": "Bonaire, Sint Eustatius and Saba",
    "CD": "Congo (Democratic Republic)", "CI": "Côte d’Ivoire", "CW": "Curaçao", "GW": "Guinea-Bissau",
    "HM": "Heard Island and McDonald Islands", "RE": "Réunion", "SH": "Saint Helena, Ascension and Tristan da Cunha",
    "ST": "São Tomé and Príncipe", "SY": "Syria", "TL": "Timor-Leste", "TR": "Türkiye",
}  # fmt: skip
"""Countries whose name in the library lacks its signs."""
REGIONS_CALLED = {("NO", "55"): "Troms", ("NO", "56"): "Finnmark"}
"""Regions of several names in the library, of which it does not say the usual one."""
SMALL = frozenset({"And", "Of", "The"})


@cache
def countries() -> list[tuple[str, str]]:
    """Code (ISO 3166-1) and name of each country whose holidays are known, by name."""
    known = holidays.list_supported_countries(include_aliases=False)
    named = {code: _spaced(names[0]) for names in COUNTRIES.values() if (code := names[1]) in known}
    return sorted((named | IN_ENGLISH).items(), key=lambda one: _plain(one[1]))


def country_name(code: str) -> str:
    """The name of a country; a code that is not known stays as it is."""
    return dict(countries()).get(code, code)


@cache
def regions(country: str) -> list[tuple[str, str]]:
    """Code (ISO 3166-2 without the country) and name of each region of a country that is known here, by name."""
    if country not in dict(countries()):
        return []
    calendar = holidays.country_holidays(country)
    names = calendar.get_subdivision_aliases()
    found = {code: (names.get(code) or [code])[-1] for code in calendar.subdivisions}
    found |= {code: name for (where, code), name in REGIONS_CALLED.items() if where == country}
    return sorted(found.items(), key=lambda one: _plain(one[1]))


def region_name(country: str, code: str) -> str:
    """The name of a region; a code that is not known stays as it is."""
    return dict(regions(country)).get(code, code)


def place_name(country: str, region: str) -> str:
    """``Germany, Bayern``; nothing without a country."""
    return ", ".join([country_name(country), *([region_name(country, region)] if region else [])]) if country else ""


def public_holidays_of(country: str, subdivision: str, years: Iterable[int], language: str = "") -> dict[date, str]:
    """The public holidays of a country (ISO 3166-1) and, if given, a region of it (ISO 3166-2), by local date.

    Names are in ``language`` where the library knows it, else in the country's own. Raises ``Malformed``.
    """
    if not country:
        return {}
    if country not in dict(countries()):
        words = _("Holidays of this country are not known here; add the days by hand.")
        raise Malformed(words, code="unknown_country", field="country")
    try:
        found = holidays.country_holidays(
            country, subdiv=subdivision or None, years=list(years), language=_known(country, language)
        )
    except NotImplementedError as error:
        words = _("Holidays of this region are not known here. Choose one from the list.")
        raise Malformed(words, code="unknown_country", field="subdivision") from error
    return dict(found.items())


def named_for_reader(country: str, subdivision: str, year: int) -> dict[date, str]:
    """The holidays of a year with their names in the reader's language, where it has them."""
    try:
        return public_holidays_of(country, subdivision, [year], get_language() or "en")
    except Malformed:
        return {}


def _known(country: str, language: str) -> str | None:
    """The language that the library has names in for this country; None is the country's own."""
    known = holidays.country_holidays(country).supported_languages
    return next((one for one in known if language and one.split("_")[0] == language.split("-")[0]), None)


def _spaced(name: str) -> str:
    """``UnitedStates`` in words."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).split()
    return " ".join(word.lower() if word in SMALL and place else word for place, word in enumerate(words))


def _plain(name: str) -> str:
    """To sort by: Åland stands beside Albania."""
    return name.casefold().translate(str.maketrans("åäãéèíôöøüç", "aaaeeiooouc"))
