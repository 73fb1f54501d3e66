"""An organisation's colour made fit to read: shades for text and buttons on light and dark pages (WCAG 2.2, 1.4.3).

The chosen hue stays; only its lightness moves, and only as far as words on it and beside it need. Who chooses a very
pale or very dark colour sees the shade that customers will see, and is told why.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

READABLE = 4.5
"""The least contrast between words and what they stand on."""
LIGHT_PAPERS = ("#ffffff", "#f2f4f8")
DARK_PAPERS = ("#10131a", "#232936")
"""The lightest and the darkest paper that coloured words stand on; see ``tokens.css``."""
WHITE, BLACK = "#ffffff", "#10131a"
STEP = 0.005


@dataclass(frozen=True, slots=True)
class Looks:
    """The shades of one colour: ``…_dark`` ones for dark pages and mails. All are ``#rrggbb``."""

    colour: str
    accent: str
    accent_strong: str
    accent_soft: str
    accent_ink: str
    accent_dark: str
    accent_strong_dark: str
    accent_soft_dark: str
    accent_ink_dark: str

    @property
    def is_adjusted(self) -> bool:
        """Whether words on a light page need another shade than the one that was chosen."""
        return self.accent != self.colour


@lru_cache(maxsize=256)
def looks_of(colour: str) -> Looks:
    """Every shade that pages and mails need of a colour like ``#3b5bdb``."""
    _light, chroma, hue = _to_oklch(colour)
    soft = _to_hex(0.955, min(chroma, 0.03), hue)
    soft_dark = _to_hex(0.28, min(chroma, 0.05), hue)
    accent = _moved(colour, (*LIGHT_PAPERS, soft), step=-STEP)
    accent_dark = _moved(colour, (*DARK_PAPERS, soft_dark), step=STEP)
    return Looks(
        colour=colour,
        accent=accent,
        accent_strong=_lighter(accent, -0.06),
        accent_soft=soft,
        accent_ink=WHITE,
        accent_dark=accent_dark,
        accent_strong_dark=_lighter(accent_dark, 0.06),
        accent_soft_dark=soft_dark,
        accent_ink_dark=BLACK,
    )


def on_colour(colour: str) -> str:
    """White or black, whichever is easier to read on it; one of the two always is."""
    return max(WHITE, BLACK, key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.x, from 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _moved(colour: str, papers: tuple[str, ...], *, step: float) -> str:
    lightness, chroma, hue = _to_oklch(colour)
    found = colour
    while min(contrast(found, paper) for paper in papers) < READABLE and 0 <= lightness + step <= 1:
        lightness += step
        found = _to_hex(lightness, chroma, hue)
    return found


def _lighter(colour: str, by: float) -> str:
    lightness, chroma, hue = _to_oklch(colour)
    return _to_hex(min(max(lightness + by, 0), 1), chroma, hue)


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _linear(red), _linear(green), _linear(blue)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _luminance(colour: str) -> float:
    red, green, blue = _channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_oklch(colour: str) -> tuple[float, float, float]:
    """Lightness, chroma and hue as the eye sees them (Ottosson's OKLab)."""
    red, green, blue = _channels(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _to_hex(lightness: float, chroma: float, hue: float) -> str:
    """The nearest colour that a screen has: chroma gives way, hue and lightness stay."""
    while True:
        channels = _to_linear(lightness, chroma, hue)
        if chroma <= 0 or all(-0.0005 <= value <= 1.0005 for value in channels):
            return "#" + "".join(f"{round(_gamma(value) * 255):02x}" for value in channels)
        chroma = max(chroma - 0.005, 0)


def _to_linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _gamma(value: float) -> float:
    value = min(max(value, 0.0), 1.0)
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
