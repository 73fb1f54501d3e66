"""A mail as it leaves: subject, plain text, and HTML whose style stands in every tag: many readers drop the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from common import palette
from common.text import text_to_html
from staff.branding import face_of
from staff.colours import Looks
from staff.models import Brand
from tickets.models import Entry

INLINER = css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)
"""Rules for dark and narrow screens stay in the head; everything else goes into the tags."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One mail in one language."""

    subject: str
    text: str
    html: str


def render(template: str, language: str, brand: Brand | None, context: dict[str, Any]) -> Rendered:
    """``notifications/<template>`` as subject, text and HTML, in this language and this brand's face."""
    with translation.override(language):
        full = {
            **context,
            "brand": brand,
            "language": language,
            "is_rtl": translation.get_language_bidi(),
            "public_url": settings.PUBLIC_URL,
            "written": written(context.get("entry")),
        }
        subject = " ".join(render_to_string(f"notifications/{template}.subject.txt", full).split())
        text = render_to_string(f"notifications/{template}.txt", full).strip()
        html = dressed(f"notifications/{template}.html", {**full, "subject": subject}, brand)
    return Rendered(subject, f"{text}\n", html)


def plainly(subject: str, text: str) -> str:
    """A mail that came as text alone (signing in, passwords) in the desk's dress."""
    brand = Brand.objects.filter(is_default=True).first()
    language = translation.get_language() or settings.LANGUAGE_CODE
    context = {"subject": subject, "written": text_to_html(text.strip()), "brand": brand, "language": language,
               "is_rtl": translation.get_language_bidi(), "public_url": settings.PUBLIC_URL}  # fmt: skip
    return dressed("notifications/plain.html", context, brand)


def dressed(template: str, context: dict[str, Any], brand: Brand | None) -> str:
    """The HTML of a mail with the tokens' colours and the brand's, written into its tags."""
    face = face_of(brand)
    light, dark = _colours(face.looks)
    html = render_to_string(template, {**context, "face": face, "light": light, "dark": dark})
    return INLINER.inline(html)


def written(entry: Entry | None) -> SafeString:
    """What a person wrote, as HTML: their own where it was cleaned on the way in, else made of the text."""
    if entry is None:
        return SafeString("")
    return mark_safe(entry.html) if entry.html else text_to_html(entry.text.strip())


def _colours(looks: Looks) -> tuple[dict[str, str], dict[str, str]]:
    """The tokens on light and on dark, with the brand's shades in the accent's place."""
    light = {"accent": looks.accent, "accent_ink": looks.accent_ink, "accent_soft": looks.accent_soft}
    dark = {"accent": looks.accent_dark, "accent_ink": looks.accent_ink_dark, "accent_soft": looks.accent_soft_dark}
    return palette.plain("light") | light, palette.plain("dark") | dark
