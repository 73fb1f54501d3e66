"""``/styleguide/``: every token by its value, every component in every state with its markup."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from desk.access import staff_required
from desk.styleguide import samples

DECLARED = re.compile(r"--([\w-]+):\s*([^;]+);")
KINDS = (
    ("type", re.compile(r"t-|font|mono")),
    ("space", re.compile(r"s\d")),
    ("radius", re.compile("radius")),
    ("shadow", re.compile("shadow")),
    ("motion", re.compile("quick|slow|ease")),
    ("size", re.compile("rail|topbar|tabbar|context")),
)


class Example(NamedTuple):
    """One component's states, and the markup that gave them."""

    name: str
    shown: SafeString
    markup: str


@staff_required
@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """All tokens and all components."""
    context = samples.context()
    examples = [_example(name, context, request) for name in samples.NAMES]
    return render(request, "desk/styleguide/index.html", {"tokens": tokens(), "examples": examples})


def _example(name: str, context: dict[str, Any], request: HttpRequest) -> Example:
    shown = render_to_string(f"desk/styleguide/parts/{name}.html", context, request)
    return Example(name, SafeString(shown), "\n".join(line for line in shown.splitlines() if line.strip()))


@lru_cache(maxsize=1)
def tokens() -> dict[str, list[tuple[str, str]]]:
    """Every token with its value, by kind, in the order of tokens.css."""
    text = (settings.BASE_DIR / "static/css/tokens.css").read_text(encoding="utf-8")
    found: dict[str, list[tuple[str, str]]] = {"colour": [], **{kind: [] for kind, _names in KINDS}}
    seen: set[str] = set()
    for name, value in DECLARED.findall(text):
        if name not in seen:
            seen.add(name)
            found[next((kind for kind, names in KINDS if names.match(name)), "colour")].append((name, value))
    return found
