import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.tabular import safe_cell, write_csv

FORMULA_STARTS = ("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def is_number(text):
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def could_run(text):
    """Would a reader that parts cells at commas, semicolons, tabs or lines, and drops quotes, find a formula?"""
    for separator in ";\t\r\n":
        text = text.replace(separator, "\n")
    cells = (cell.strip(' "\u00a0\u200b\ufeff') for cell in text.split("\n"))
    return any(cell.startswith(FORMULA_STARTS) and not is_number(cell) for cell in cells)


def test_no_known_cell_runs_and_each_stays_readable(shared_data):
    cases = json.loads((shared_data / "data" / "csv-injection" / "cases.json").read_text())["cases"]

    assert len(cases) >= 15
    for case in cases:
        cell = safe_cell(case["cell"])
        assert not could_run(cell), case
        assert cell.replace("'", "") == case["cell"].replace("'", "")


@given(st.text(st.sampled_from("=+-@|%;,\t\r\n \"'aB1(\uff1d\uff0b\u200b\ufeff")))
def test_no_mixture_of_signs_runs(text):
    cell = safe_cell(text)

    assert not could_run(cell) or is_number(text)
    assert cell.replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize(
    "text", ["-5", "+4930123456", "3.14", "Printer (2nd floor) = broken", "a@b.example", "50 % off", "日本"]
)
def test_harmless_texts_stay_as_they_are(text):
    assert safe_cell(text) == text


@pytest.mark.parametrize(
    "value", [5, -5, 1.5, True, Decimal("2.50"), date(2026, 1, 5), datetime(2026, 1, 5, tzinfo=UTC)]
)
def test_numbers_and_dates_stay_what_they_are(value):
    assert safe_cell(value) is value


@pytest.mark.parametrize(
    ("value", "cell"), [(None, ""), (float("nan"), ""), (float("inf"), ""), ("a\x00\x07b\ud800", "ab")]
)
def test_what_no_cell_can_hold_is_left_out(value, cell):
    assert safe_cell(value) == cell


def test_long_texts_fit_a_cell():
    assert len(safe_cell("=" + "x" * 50_000)) <= 32_767


def test_a_file_opens_with_the_right_letters_and_cells():
    rows = [
        ["=1+1", 3, None, date(2026, 1, 5)],
        ['Zoë "Z", 2nd\nline', -1.5, True, datetime(2026, 1, 5, 9, tzinfo=UTC)],
    ]

    content = b"".join(write_csv(rows, ["Subject", "Open", "Note", "Due"]))

    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) == [
        ["Subject", "Open", "Note", "Due"],
        ["'=1+1", "3", "", "2026-01-05"],
        ['Zoë "Z", 2nd\nline', "-1.5", "True", "2026-01-05T09:00:00+00:00"],
    ]


def test_a_long_file_comes_in_pieces():
    pieces = list(write_csv(([number] for number in range(1000)), ["n"]))

    assert len(pieces) > 3
    assert b"".join(pieces).count(b"\r\n") == 1001


def test_an_empty_table_still_has_its_header():
    assert b"".join(write_csv([], ["n"])) == b'\xef\xbb\xbf"n"\r\n'
