"""No customer reads a sentence in a language that is not theirs."""

import re

import polib
import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from common.languages import speak
from helpdesk.words import LOCALE, entry_of, sentences

LANGUAGES = sorted(path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/django.po"))
HOLES = re.compile(r"%\(\w+\)[sd]")
MARKS = re.compile(r"<[^>]+>")


def test_hebrew_is_among_them():
    assert "he" in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_for_customers_is_translated(language):
    po, missing, broken = polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "django.po")), [], []
    for sentence, places in sentences().items():
        entry = entry_of(po, sentence)
        words = [] if entry is None else list(entry.msgstr_plural.values()) if sentence.plural else [entry.msgstr]
        if not words or not all(words):
            missing.append((places[0], sentence.text))
        for text in words[-1:]:
            same = all(set(what.findall(sentence.text)) == set(what.findall(text)) for what in (HOLES, MARKS))
            if not same or sentence.text.count("\n") != text.count("\n"):
                broken.append((sentence.text, text))
    assert missing == [], "Run manage.py words, then translate what it wrote."
    assert broken == []


def test_a_hebrew_customer_reads_hebrew(client, db):
    page = client.get(reverse("portal:submit"), headers={"accept-language": "he"}).content.decode()

    assert '<html lang="he" dir="rtl"' in page
    assert "איך אפשר לעזור?" in page
    body = re.sub(r"<script.*?</script>", "", page.split("<main")[1], flags=re.S).split("</main>")[0]
    assert re.findall(r">[^<]*\b(?:the|your|you|what|is)\b[^<]*<", body) == []


def test_a_page_of_a_failure_speaks_it_too():
    with translation.override("he"):
        assert "משהו השתבש אצלנו" in render_to_string("500.html")


@pytest.mark.parametrize(("asked", "spoken"), [("he", "he"), ("en", "en"), ("ru", "en"), ("", "en"), ("x" * 99, "en")])
def test_who_speaks_another_language_reads_english_throughout(asked, spoken):
    assert speak(asked) == spoken
