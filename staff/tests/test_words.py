"""Opening hours in words: what people type, and what they read back."""

from datetime import time

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Malformed
from staff.words import hours_in_words, parse_hours, parse_spans, parse_week, spans_in_words

OFFICE = "Mon–Fri 8:00–18:00"
SATURDAY = f"{OFFICE}, Sat 10:00–14:00"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Mon-Fri 8-18, Sat 10-14", SATURDAY),
        ("Mon–Fri 8–18; Sat 10–14", SATURDAY),
        ("mon - fri: 08:00 - 18:00\nsat: 10:00 - 14:00", SATURDAY),
        ("Mo-Fr 8-18 Sa 10-14", SATURDAY),
        ("weekdays 8am-6pm and Saturday 10 to 2pm", SATURDAY),
        ("Monday through Friday 8:00 to 18:00; Saturdays 10.00-14.00; Sunday closed", SATURDAY),
        ("Monday to Friday from 0800 to 1800, Sat 10h-14h", SATURDAY),
        ("Montag bis Freitag 8-18 Uhr, Samstag 10-14 Uhr", SATURDAY),
        ("man-fre 8-18, lør 10-14", SATURDAY),
        ("lundi à vendredi 8h-18h, samedi 10h00-14h00", SATURDAY),
        ("daily 8-18, Sat, Sun closed", OFFICE),
        ("Mon,Tue,Wed,Thu,Fri 8-18", OFFICE),
        ("Mon 8-18, Tue 8-18, Wed & Thu 8-18, Fri 8-18", OFFICE),
        ("Mon-Fri 8-12, 13-17", "Mon–Fri 8:00–12:00, 13:00–17:00"),
        ("Mon-Fri 8-12, Mon-Thu 13-17", "Mon–Thu 8:00–12:00, 13:00–17:00; Fri 8:00–12:00"),
        ("Mon-Fri 8-12 12-18", OFFICE),
        ("Sat-Mon 9-12", "Mon 9:00–12:00, Sat–Sun 9:00–12:00"),
        ("Fri 22-6", "Fri 22:00–24:00, Sat 0:00–6:00"),
        ("Sun 10pm-6am", "Mon 0:00–6:00, Sun 22:00–24:00"),
        ("daily 22-6", "Every day 0:00–6:00, 22:00–24:00"),
        ("Mon-Fri 1-5pm", "Mon–Fri 13:00–17:00"),
        ("Mon-Fri 9am-5", "Mon–Fri 9:00–17:00"),
        ("Mon 8:30-noon", "Mon 8:30–12:00"),
        ("Mon 0-24, Tue 24h, Wed 18-midnight", "Mon–Tue 24h, Wed 18:00–24:00"),
        ("24/7", "Around the clock"),
        ("24h", "Around the clock"),
        ("around the clock", "Around the clock"),
        ("every day 24 h", "Around the clock"),
        ("closed", "Closed"),
        ("24h, Sun closed", "Mon–Sat 24h"),
    ],
)  # fmt: skip
def test_what_people_type_is_said_back_exactly(typed, said):
    assert hours_in_words(parse_hours(typed)) == said


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("", "Write the opening hours"),
        (" ,; ", "Write the opening hours"),
        ("Mon-Fri", "Write hours after the days"),
        ("Mon-", "ends with a day"),
        ("Mon-Fri 8", "a beginning and an end"),
        ("8-18", "on which days"),
        ("Mon-Fri 25-26", "“25” is no time of day"),
        ("Mon 8:75-9", "is no time of day"),
        ("Mon 13pm-14", "“13pm” is no time of day"),
        ("Mon 9-5", "“9–5” would end the next morning. Write 9–17"),
        ("Mon 8-8", "ends when it begins"),
        ("Mon 24-6", "write it for the next day"),
        ("Mon-Fri 8-18, Fri 8-16", "hours of Friday overlap: 8:00–16:00, 8:00–18:00"),
        ("Fri 22-6, Sat 5-10", "hours of Saturday overlap"),
        ("Funday 8-18", "“funday” is neither a day nor a time"),
        ("Mon-Fri 8-18 <script>", "is neither a day nor a time"),
        ("Mon 8-18 " * 200, "too long"),
        ("T 8-18", "“t” is neither a day nor a time"),
    ],
)
def test_what_cannot_be_is_named_at_the_field(typed, answer):
    with pytest.raises(Malformed, match=answer) as refusal:
        parse_hours(typed)

    assert (refusal.value.code, refusal.value.field) == ("bad_hours", "hours")


def test_the_readers_own_language_comes_first():
    with translation.override("nb"):
        assert hours_in_words(parse_hours("ma-to 8-16, fr 8-15")) == "man–tor 8:00–16:00, fre 8:00–15:00"
    with translation.override("he"):
        assert parse_hours("ראשון 8-12") == {6: [(time(8), time(12))]}


def test_one_day_at_a_time():
    assert parse_week({0: "8-12, 13-17", 1: "", 2: "closed", 5: "22-2"}) == {
        0: [(time(8), time(12)), (time(13), time(17))], 5: [(time(22), time(0))], 6: [(time(0), time(2))],
    }  # fmt: skip
    with pytest.raises(Malformed, match="one day alone") as refusal:
        parse_week({3: "Fri 8-18"})
    assert refusal.value.field == "day_3"


def test_the_hours_of_one_date():
    assert spans_in_words(parse_spans("8-12,13-15:30")) == "8:00–12:00, 13:00–15:30"
    assert parse_spans("24h") == [(time(0), time(0))]
    assert parse_spans("closed") == []
    with pytest.raises(Malformed, match="24:00 at the latest"):
        parse_spans("20-2")


@st.composite
def weeks(draw):
    week = {}
    for day in draw(st.sets(st.integers(0, 6), min_size=1)):
        edges = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=6)))
        pairs = zip(edges[::2], edges[1::2], strict=False)
        walls = [(time(a // 4, a % 4 * 15), time(b // 4 % 24, b % 4 * 15)) for a, b in pairs]
        week[day] = walls
    return week


@given(weeks(), st.sampled_from(["en", "nb", "de", "he", "fr", "pl", "ru", "th"]))
def test_what_is_said_reads_back_as_the_same_hours(week, language):
    with translation.override(language):
        assert parse_hours(hours_in_words(week)) == week


@given(st.text(alphabet="MonTueFri 0123456789-–:,;.hapm24/7closed\n\u0661é", max_size=40))
def test_any_text_is_hours_or_a_clear_refusal(text):
    try:
        hours = parse_hours(text)
    except Malformed:
        return

    assert parse_hours(hours_in_words(hours)) == hours
