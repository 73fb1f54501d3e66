"""Spans and sizes as people write them."""

import pytest

from common.measures import read_size, read_span, written_size, written_span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 min", 1800),
        ("2h", 7200),
        (" 1.5 Hours ", 5400),
        ("0,5 h", 1800),
        ("1 d 12 h", 129_600),
        ("1 hour, 30 minutes", 5400),
        ("1 hour and 30 min.", 5400),
        ("2 weeks", 1_209_600),
        ("0 s", 0),
    ],
)
def test_a_span_is_read_as_it_is_written(text, seconds):
    assert read_span(text) == seconds


@pytest.mark.parametrize(
    "text", ["", " ", "24", "2 h 30", "h", "-1 h", "1e3 h", "2 fortnights", "²  h", "\x00", "1 h;"]
)
def test_a_number_without_a_unit_means_nothing(text):
    with pytest.raises(ValueError, match="needs its unit"):
        read_span(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (90, "1 min 30 s"), (5400, "1 h 30 min"), (86_400, "24 h"), (172_800, "48 h"), (432_000, "5 d")],
)
def test_what_is_written_is_read_again(seconds, words):
    assert written_span(seconds) == words
    assert read_span(words) == seconds


@pytest.mark.parametrize(("size", "words"), [(26_214_400, "25 MB"), (512_000, "500 kB"), (1001, "1001 B"), (0, "0 B")])
def test_a_size_comes_back_to_the_byte(size, words):
    assert written_size(size) == words
    assert read_size(words) == size
