"""The acts of a ticket as buttons and as lines of its menu.

Written here and not in templates: a page has fifteen of them, and each answer to an act draws them all again.
"""

from __future__ import annotations

from django.utils.html import escape
from django.utils.safestring import SafeString

from common.templatetags import desk_ui
from desk.tickets.head import Offer


def button(act: Offer) -> SafeString:
    """A button. What a rule forbids is grey and tells its reason, by pointer, by Tab and to who listens."""
    primary = " primary" if act.is_primary else ""
    folded = " data-folded" if act.is_folded else ""
    words = f"{desk_ui.icon(act.icon, small=True)}{escape(act.label)}"
    if act.verdict:
        cap = f' <kbd aria-hidden="true">{act.key}</kbd>' if act.key else ""
        return SafeString(f'<a class="button small{primary}"{folded} {_leads(act)}>{words}{cap}</a>\n')
    return SafeString(
        f'<button class="button small"{folded} type="button" aria-disabled="true" '
        f'aria-describedby="why-{act.code}"{_key(act)}>{words}'
        f'<span class="why" id="why-{act.code}" role="tooltip">{escape(act.verdict.why)}</span></button>\n'
    )


def line(act: Offer, *, narrow: bool = False) -> SafeString:
    """A line of the menu; ``narrow``: only where a phone has no button for it."""
    named = f'class="item{" only-phone" if narrow else ""}" id="more-{act.code}"'
    mark, label = desk_ui.icon(act.icon, small=True), escape(act.label)
    if act.verdict:
        return SafeString(f"<a {named} {_leads(act)}>{mark}{label}</a>\n")
    return SafeString(
        f'<button {named} type="button" aria-disabled="true"{_key(act)}>{mark}'
        f'<span>{label}<br><small class="why-not">{escape(act.verdict.why)}</small></span></button>\n'
    )


def _leads(act: Offer) -> str:
    heard = f' aria-keyshortcuts="{act.key}"' if act.key else ""
    return f'href="{act.url}" hx-get="{act.url}" hx-target="#act"{_key(act)}{heard}'


def _key(act: Offer) -> str:
    return f' data-key="{act.key}"' if act.key else ""
