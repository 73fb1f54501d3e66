"""The colours of ``static/css/tokens.css`` as plain ``#rrggbb``, for mails: those know neither variables nor oklch."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings

PAIR = re.compile(r"--([\w-]+): light-dark\(oklch\(([^)/]+)\), oklch\(([^)/]+)\)\);")


class Oklch(NamedTuple):
    """Lightness from 0 to 1, chroma, hue in degrees."""

    lightness: float
    chroma: float
    hue: float


class Pair(NamedTuple):
    """One token on a light page and on a dark one."""

    light: Oklch
    dark: Oklch


@lru_cache(maxsize=1)
def tokens() -> dict[str, Pair]:
    """Every opaque colour of the tokens by its name (``ink-2``)."""
    text = (settings.BASE_DIR / "static/css/tokens.css").read_text(encoding="utf-8")
    return {name: Pair(_read(light), _read(dark)) for name, light, dark in PAIR.findall(text)}


@lru_cache(maxsize=2)
def plain(scheme: str) -> dict[str, str]:
    """``{"ink_2": "#565e6c", …}`` of the ``light`` or the ``dark`` scheme, named as templates can say it."""
    return {name.replace("-", "_"): hexed(getattr(pair, scheme)) for name, pair in tokens().items()}


def hexed(colour: Oklch) -> str:
    """The colour as screens show it: what lies outside sRGB is clipped."""
    return "#" + "".join(f"{round(_gamma(part) * 255):02x}" for part in _linear(colour))


def luminance(colour: Oklch) -> float:
    """Relative luminance after WCAG 2.2."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Oklch, other: Oklch) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _read(words: str) -> Oklch:
    lightness, chroma, hue, *_rest = [*words.split(), "0"]
    return Oklch(float(lightness.rstrip("%")) / 100, float(chroma), float(hue))


def _linear(colour: Oklch) -> tuple[float, float, float]:
    """OKLab to linear sRGB after Ottosson, clipped."""
    turn = math.radians(colour.hue)
    a, b = colour.chroma * math.cos(turn), colour.chroma * math.sin(turn)
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return min(1.0, max(0.0, red)), min(1.0, max(0.0, green)), min(1.0, max(0.0, blue))


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
