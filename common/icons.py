"""The one set of drawings (lucide): each one inline, and those that pages use together in one file that browsers keep.

A page draws a hundred icons. Where the static files were collected it only points at them (``<use>``), which makes the
page half as long; where they were not, each is drawn in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import lucide
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured

SPRITE = "img/icons.svg"
DRAWN_BY_CSS = re.compile(r' (?:fill="none"|stroke="currentColor"|stroke-[a-z]+="[^"]*")|(?<=>)\s+|\s+(?=/>)')
"""What .icon says once for all drawings, and the blanks between the lines."""
WORD = re.compile(r"""["']([a-z][a-z0-9]*(?:-[a-z0-9]+)*)["']""")
NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'
ID = re.compile(r'<symbol id="([^"]+)"')
MIRRORED = frozenset(
    {"arrow-right", "arrow-left", "chevron-right", "chevron-left", "log-out", "send", "external-link"}
)  # fmt: skip


@lru_cache(maxsize=2048)
def drawn(name: str, size: int, labelled: bool) -> str:
    """The drawing; ``"LABEL"`` stands where its name goes."""
    classes = "icon" + (" small" if size == 15 else "") + (" mirror" if name in MIRRORED else "")
    heard = 'role="img" aria-label="LABEL"' if labelled else 'aria-hidden="true"'
    place, known = _kept()
    if name in known:
        return f'<svg class="{classes}" {heard}><use href="{place}#{name}"/></svg>'
    return f'<svg class="{classes}" width="{size}" height="{size}" viewBox="0 0 24 24" {heard}>{_strokes(name)}</svg>'


def sprite() -> str:
    """All drawings that our templates and modules name, as one file."""
    names = sorted(_named() & _all().keys())
    symbols = "".join(f'<symbol id="{name}" viewBox="0 0 24 24">{_strokes(name)}</symbol>' for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'


def _strokes(name: str) -> str:
    try:
        text = _all()[name]
    except KeyError:
        raise lucide.IconDoesNotExist(f"The icon {name!r} does not exist.") from None
    drawing = ElementTree.fromstring(text.replace(NAMESPACE, "", 1))  # noqa: S314 (a pinned package's own file)
    whole = DRAWN_BY_CSS.sub("", ElementTree.tostring(drawing, encoding="unicode"))
    return whole[whole.index(">") + 1 : whole.rindex("</svg>")]


@cache
def _kept() -> tuple[str, frozenset[str]]:
    """Where the collected file is served, and what is in it; nothing while nothing was collected."""
    names = getattr(staticfiles_storage, "hashed_files", {})
    try:
        if settings.DEBUG or SPRITE not in names:
            return "", frozenset()
        text = Path(staticfiles_storage.path(names[SPRITE])).read_text(encoding="utf-8")
    except (OSError, NotImplementedError, ImproperlyConfigured):
        return "", frozenset()
    return staticfiles_storage.url(SPRITE), frozenset(ID.findall(text))


@cache
def _all() -> dict[str, str]:
    """Every drawing of the package, read at one go: lucide itself reads the whole archive's list for each."""
    with ZipFile(Path(lucide.__file__).with_name("lucide.zip")) as drawings:
        return {name.removesuffix(".svg"): drawings.read(name).decode() for name in drawings.namelist()}


def _named() -> frozenset[str]:
    """Every quoted word of our sources: one too many costs a line, one too few would be drawn in its place."""
    return frozenset(word for file in _sources() for word in WORD.findall(file.read_text(encoding="utf-8")))


def _sources() -> Iterator[Path]:
    yield from (settings.BASE_DIR / "templates").rglob("*.html")
    for package in settings.BASE_DIR.glob("*/__init__.py"):
        yield from (file for file in package.parent.rglob("*.py") if "tests" not in file.parts)
