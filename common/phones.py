"""Telephone numbers: one written form for each, so that any way of typing it finds the same person."""

from functools import cache
from importlib.resources import files

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

LONGEST = 40  # characters of input worth reading
SHORT = 5  # digits: an extension inside the house or an emergency number, in no country's plan


def normalise(raw: str, region: str | None = None) -> str:
    """The number in E.164 (``+4930123456``) where it can be one, else its digits; an empty text has none.

    ``region`` (``"DE"``) reads numbers without a country code. Extensions are kept as ``;ext=12``.
    """
    raw = raw.strip()[:LONGEST]
    if len(digits(raw)) <= SHORT:
        return digits(raw)
    try:
        number = phonenumbers.parse(raw, region.upper() if region else None)
    except NumberParseException:
        return digits(raw)
    if not phonenumbers.is_possible_number(number):
        return digits(raw)
    written = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return f"{written};ext={number.extension}" if number.extension else written


def digits(raw: str) -> str:
    """The digits alone, in ASCII whatever script they were typed in; a leading plus or 00 is no digit of the number."""
    found = "".join(str(int(character)) for character in raw[:LONGEST] if character.isdecimal())
    return found.removeprefix("00")


def search_digits(raw: str) -> str:
    """What to look for inside stored numbers: the digits without a national leading zero."""
    return digits(raw).removeprefix("0")


def readable(number: str) -> str:
    """A stored number grouped as people of its country write it; what is no such number comes back unchanged."""
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return number
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


def region_of(number: str) -> str | None:
    """The region of an E.164 number (``"DE"``), None when it names none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
    except NumberParseException:
        return None


def region_of_time_zone(time_zone: str) -> str | None:
    """The region to read local numbers in, from where a zone lies (``Europe/Berlin`` -> ``"DE"``); None for UTC."""
    return _regions().get(time_zone)


@cache
def _regions() -> dict[str, str]:
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text()
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {zone: region for region, _place, zone, *_rest in rows}
