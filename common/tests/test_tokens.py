"""Contrast of the tokens, light and dark, after WCAG 2.2."""

import math
import re
from pathlib import Path

import pytest
from django.conf import settings

TEXT = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
PAIR = re.compile(
    r"--([\w-]+): light-dark\(oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\), oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)\);"
)
TOKENS = {m[1]: (tuple(map(float, m.groups()[1:4])), tuple(map(float, m.groups()[4:7]))) for m in PAIR.finditer(TEXT)}

WORDS = [
    *((ink, paper) for ink in ("ink", "ink-2", "ink-3") for paper in ("paper", "paper-2", "paper-3", "note")),
    *((tone, f"{tone}-soft") for tone in ("good", "warn", "bad", "calm", "accent")),
    *((tone, paper) for tone in ("good", "warn", "bad", "calm", "accent") for paper in ("paper", "paper-2")),
    ("accent-ink", "accent"),
    ("accent-ink", "accent-strong"),
    ("ink", "accent-soft"),
    ("ink-3", "accent-soft"),
]
MARKS = [("line-field", "paper"), ("line-field", "paper-2"), ("accent", "paper-2"), ("accent", "paper-3")]


def luminance(colour: tuple[float, float, float]) -> float:
    """Relative luminance of an oklch colour; what lies outside sRGB is clipped as screens do."""
    lightness, chroma, hue = colour[0] / 100, colour[1], math.radians(colour[2])
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    red, green, blue = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), WORDS)
def test_words_can_be_read(ink, paper, mode):
    n = mode == "dark"
    assert contrast(TOKENS[ink][n], TOKENS[paper][n]) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("mark", "paper"), MARKS)
def test_borders_of_fields_and_the_focus_can_be_seen(mark, paper, mode):
    n = mode == "dark"
    assert contrast(TOKENS[mark][n], TOKENS[paper][n]) >= 3
