"""Whatever colour an organisation has, words in it and on it can be read, light and dark (WCAG 2.2, 1.4.3)."""

import pytest

from staff.branding import style_sheet
from staff.colours import DARK_PAPERS, LIGHT_PAPERS, READABLE, contrast, looks_of, on_colour

COLOURS = ["#3b5bdb", "#ffffff", "#000000", "#ffe600", "#7fff00", "#ff0000", "#00ffff", "#808080", "#4b0082", "#fde2e4"]


@pytest.mark.parametrize("colour", COLOURS)
def test_words_can_be_read_in_every_shade(colour):
    looks = looks_of(colour)

    for paper in (*LIGHT_PAPERS, looks.accent_soft):
        assert contrast(looks.accent, paper) >= READABLE
    for paper in (*DARK_PAPERS, looks.accent_soft_dark):
        assert contrast(looks.accent_dark, paper) >= READABLE
    for ink, ground in (
        (looks.accent_ink, looks.accent), (looks.accent_ink, looks.accent_strong),
        (looks.accent_ink_dark, looks.accent_dark), (looks.accent_ink_dark, looks.accent_strong_dark),
        (on_colour(colour), colour),
    ):  # fmt: skip
        assert contrast(ink, ground) >= READABLE


def test_a_colour_that_can_be_read_stays_as_it_is():
    assert looks_of("#3b5bdb").accent == "#3b5bdb"
    assert not looks_of("#3b5bdb").is_adjusted
    assert looks_of("#ffe600").is_adjusted


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_style_sheet_names_light_and_dark():
    text = style_sheet("#ffe600")

    assert text.startswith('[data-brand="ffe600"]')
    assert f"--accent: light-dark({looks_of('#ffe600').accent}, " in text
