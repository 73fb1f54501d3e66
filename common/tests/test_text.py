import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Malformed
from common.text import clean_line, clean_text, initials, snippet, spoken_number, text_to_html

anything = st.text(st.characters(), max_size=60)  # surrogates and controls included


@given(anything)
def test_a_line_is_one_line_fit_for_the_database(text):
    line = clean_line(text, 1000)

    assert line.isprintable() or not set(line) & set("\x00\r\n\t\x7f\x85")
    assert "\x00" not in line
    assert len(line.splitlines()) <= 1
    line.encode()
    assert clean_line(line, 1000) == line


@given(anything)
def test_a_text_keeps_its_lines_and_is_fit_for_the_database(text):
    cleaned = clean_text(text, 1000)

    assert not set(cleaned) & set(map(chr, [*range(9), 11, 12, 13, *range(14, 32), 127]))
    cleaned.encode()
    assert clean_text(cleaned, 1000) == cleaned


def test_cleans_a_line():
    assert clean_line(" a\x00b\r\n c\u202ed \ud83d e\u0301 👩\u200d👧 ", 100) == "ab cd \ufffd \u00e9 👩\u200d👧"


def test_cleans_a_text():
    assert clean_text("\n\na \r\n\tb\rc\x00\x07\u2028d\n \n", 100) == "a\n\tb\nc\nd"


def test_limits_count_characters_after_cleaning():
    assert clean_line("  👍👍  ", 2) == "👍👍"
    with pytest.raises(Malformed) as refused:
        clean_line("👍👍👍", 2, field="subject")

    assert (refused.value.code, refused.value.field) == ("too_long", "subject")
    assert "at most 2 characters" in str(refused.value)


@pytest.mark.parametrize("clean", [clean_line, clean_text])
@pytest.mark.parametrize("piece", ["a", "\ud800"])
def test_twenty_megabytes_are_refused_soon(clean, piece):
    huge = piece * (20_000_000 // len(piece))

    began = time.process_time()
    with pytest.raises(Malformed, match="too long"):
        clean(huge, 1000)
    assert time.process_time() - began < 45


@pytest.mark.parametrize("clean", [clean_line, clean_text])
@pytest.mark.parametrize("piece", ["\x00", " \t\n"])
def test_twenty_megabytes_of_nothing_are_nothing(clean, piece):
    began = time.process_time()
    assert clean(piece * (20_000_000 // len(piece)), 1000) == ""
    assert time.process_time() - began < 45


@given(st.text(), st.integers(10, 200))
def test_a_snippet_fits(text, length):
    assert len(snippet(text, length)) <= length


def test_a_snippet_ends_between_words():
    assert snippet("The printer\n on the second floor smokes.", 22) == "The printer on the\u2026"
    assert snippet("The printer", 22) == "The printer"
    assert snippet("x" * 50, 10) == "x" * 9 + "\u2026"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada King Lovelace", "AL"),
        ("cher", "C"),
        ("", "?"),
        ("  ", "?"),
        ("李 明", "李明"),
        ("a@b.c", "AC"),
        ("🤖", "?"),
    ],
)
def test_initials(name, letters):
    assert initials(name) == letters


@pytest.mark.parametrize(
    ("number", "said"), [(7, "7"), (1234, "1234"), (12345, "12 345"), (123456, "123 456"), (1234567, "1 234 567")]
)
def test_a_number_is_grouped_to_be_said_on_the_phone(number, said):
    assert spoken_number(number) == said.replace(" ", "\u00a0")


def test_text_becomes_paragraphs_and_lines():
    assert text_to_html("a\r\nb\n\n \nc & <d>") == "<p>a<br>b</p><p>c &amp; &lt;d&gt;</p>"


REL = 'rel="noopener nofollow noreferrer" target="_blank"'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("see https://a.example/x?b=1&c=2.", f'see <a href="https://a.example/x?b=1&amp;c=2" {REL}>https://a.example/x?b=1&amp;c=2</a>.'),
        ("(http://a.example/b_(c))", f'(<a href="http://a.example/b_(c)" {REL}>http://a.example/b_(c)</a>)'),
        ("mailto:a@b.example!", f'<a href="mailto:a@b.example" {REL}>mailto:a@b.example</a>!'),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("https://", "https://"),
        ('http://a"onclick="x', f'<a href="http://a" {REL}>http://a</a>&quot;onclick=&quot;x'),
    ],
)  # fmt: skip
def test_addresses_become_links_and_nothing_else_does(text, html):
    assert text_to_html(text) == f"<p>{html}</p>"


def test_links_in_a_huge_text_take_bounded_time():
    began = time.process_time()

    text_to_html("http://" * 100_000 + "(" * 100_000 + ")" * 200_000 + "!" * 100_000)

    assert time.process_time() - began < 30
