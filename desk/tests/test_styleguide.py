"""The style guide shows every token and every component; what it shows keeps the rules of our styles."""

import re

import pytest
from django.conf import settings
from django.urls import reverse

from desk.styleguide import samples, views

CSS = settings.BASE_DIR / "static/css"
WITHOUT_SAMPLE = {"styleguide"}
"""The guide's own style."""
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch|oklab|lab|lch|color)\(")
INLINE = re.compile(r"<[a-z][^>]*?\s(style|on[a-z]+)\s*=", re.IGNORECASE | re.DOTALL)


@pytest.fixture
def guide(client, alice):
    client.force_login(alice)
    response = client.get(reverse("desk:styleguide"))
    assert response.status_code == 200
    return response.content.decode()


def test_every_component_has_its_example(guide):
    files = {path.stem for path in (CSS / "components").glob("*.css")} - WITHOUT_SAMPLE

    assert set(samples.NAMES) == files
    assert set(re.findall(r'data-component="([\w-]+)"', guide)) == files


def test_every_token_is_shown_and_has_a_look(guide):
    declared = set(re.findall(r"--([\w-]+):", (CSS / "tokens.css").read_text()))
    looks = set(re.findall(r'data-token="([\w-]+)"\]', (CSS / "components/styleguide.css").read_text()))

    assert set(re.findall(r'data-token="([\w-]+)"', guide)) == declared
    assert declared - looks == {name for name, _value in views.tokens()["size"]}


def test_every_style_sheet_is_in_the_bundle():
    imported = set(re.findall(r'@import url\("([^"]+)"\)', (CSS / "desk.css").read_text()))

    assert imported == {str(path.relative_to(CSS)) for path in CSS.rglob("*.css")} - {"desk.css"}


def test_colours_stand_in_the_tokens_alone():
    rest = [path for path in CSS.rglob("*.css") if path.name != "tokens.css"]
    mails = list((settings.BASE_DIR / "templates/notifications").glob("*.*"))

    found = {
        str(path.relative_to(settings.BASE_DIR)): hits
        for path in [*rest, *mails]
        if (hits := [hit for hit in COLOUR.findall(_bare(path.read_text())) if hit])
    }
    assert found == {}


def test_no_template_styles_or_scripts_a_tag():
    found = {
        str(path.relative_to(settings.BASE_DIR)): hits
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        if (hits := INLINE.findall(path.read_text()))
    }
    assert found == {}


def test_no_style_shouts():
    assert [path.name for path in CSS.rglob("*.css") if "!important" in path.read_text()] == []


def _bare(text: str) -> str:
    """Without comments, links to places in a page, entities and what templates fill in."""
    text = re.sub(r"/\*.*?\*/|\{[{%#].*?[}%#]\}", "", text, flags=re.DOTALL)
    return re.sub(r'(?:href|action|hx-\w+|data-\w+|id|for)="[^"]*"|&#\w+;|color-mix\(', "", text)
