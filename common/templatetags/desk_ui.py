"""The desk's words and marks for templates: chips, avatars, times, priorities, icons."""

import json
from datetime import datetime
from functools import lru_cache

from django import forms, template
from django.conf import settings
from django.forms.boundfield import BoundField, BoundWidget
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from common import dates
from common.business_hours import BusinessHours
from common.durations import spoken
from common.icons import drawn
from common.time_left import TimeLeft, time_left

register = template.Library()

CHANNEL_ICONS = {
    "email": "mail",
    "mail": "mail",
    "web": "globe",
    "web_form": "globe",
    "phone": "phone",
    "call": "phone",
    "desk": "store",
    "desk_visit": "store",
    "face_to_face": "store",
    "letter": "file-text",
    "chat": "message-circle",
    "live_chat": "message-circle",
    "api": "code",
}
PRIORITY_BARS = {"low": 1, "normal": 2, "high": 3}
BARS = ("<i></i>", "<i data-on></i>")


@register.simple_tag
def icon(name: str, small: bool = False, label: str = "") -> SafeString:
    """A drawing from the one set: hidden from readers unless it has a label of its own."""
    found = drawn(name, 15 if small else 18, bool(label))
    return SafeString(found.replace('"LABEL"', f'"{escape(label)}"', 1) if label else found)


@register.simple_tag
def chip(text: object, tone: str = "", icon_name: str = "", title: str = "") -> SafeString:
    """A state in words; ``tone`` is good, warn, bad, calm, accent or empty."""
    toned = f' data-tone="{escape(tone)}"' if tone else ""
    titled = f' title="{escape(title)}"' if title else ""
    mark = icon(icon_name) if icon_name else ""
    words = text if isinstance(text, SafeString) else escape(str(text))
    return SafeString(f'<span class="chip"{toned}{titled}>{mark}{words}</span>')


@register.simple_tag
def avatar(name: object, size: str = "", title: bool = True) -> SafeString:
    """Initials in a circle; ``size`` is small, large or empty. Nobody is a dashed circle."""
    words = str(name or "").split()
    if not words:
        return SafeString(f'<span class="avatar {escape(size)}" data-nobody title="{escape(_("Nobody yet"))}">–</span>')
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])
    titled = f' title="{escape(" ".join(words))}"' if title else ""
    drawn_as = f"avatar {escape(size)}" if size else "avatar"
    return SafeString(f'<span class="{drawn_as}"{titled} aria-hidden="true">{escape(letters.upper())}</span>')


@register.filter
def duration(seconds: float | None, exact: str = "") -> str:
    """``2 h 50 min`` for seconds; ``|duration:"exact"`` also says seconds; nothing for nothing."""
    return "" if seconds is None else spoken(float(seconds), exact=bool(exact))


@register.simple_tag
def due_chip(
    due_at: datetime | None,
    started_at: datetime | None = None,
    paused: object = False,
    now: datetime | None = None,
    hours: BusinessHours | None = None,
    target: int | None = None,
    says_when: bool = True,
) -> SafeString:
    """The time left as a chip that counts down; ``paused`` is true, or the words to show while the clock stands.

    With ``hours`` it counts their open time and stands still while they are closed; ``target`` is the whole of it. An
    hour of working time may end days later, so the moment stands beside it, unless the page says it (``says_when``).
    """
    if paused:
        return chip(
            paused if isinstance(paused, str) else _("Paused"),
            tone="calm",
            icon_name="pause",
        )
    if due_at is None:
        return mark_safe("")
    now = now or timezone.now()
    left = time_left(due_at, now, started_at=started_at, target=target, hours=hours)
    toned = f' data-tone="{left.tone}"' if left.tone else ""
    told = absolute(due_at)
    if left.is_working:
        told += " · " + _distances(get_language() or "")["working"]
    ticking = _ticking(left, started_at)
    by = f'<span class="by">{escape(by_when(due_at, now))}</span>' if says_when and left.spans else ""
    return SafeString(
        f'<span class="chip"{toned} data-countdown>{_clock_icon(left.is_working)}<time datetime="{due_at.isoformat()}"'
        f'{ticking} title="{escape(told)}">{escape(left_words(left))}</time>{by}</span>'
    )


@register.simple_tag
def due_line(
    due_at: datetime | None,
    now: datetime | None = None,
    hours: BusinessHours | None = None,
    started_at: datetime | None = None,
    target: int | None = None,
) -> SafeString:
    """The time left in a sentence that counts down: ``2 h 10 min of working time, Mon 10:40`` in the reader's zone."""
    if due_at is None:
        return mark_safe("")
    left = time_left(due_at, now or timezone.now(), started_at=started_at, target=target, hours=hours)
    when = escape(by_when(due_at, now))
    return SafeString(
        f'<span data-countdown="told"><time datetime="{due_at.isoformat()}"{_ticking(left, started_at)} '
        f'data-when="{when}" title="{escape(absolute(due_at))}">{escape(left_words(left, by_when(due_at, now)))}'
        f"</time></span>"
    )


def _ticking(left: TimeLeft, started_at: datetime | None) -> str:
    """What countdown.js counts with."""
    if left.is_working:
        return f' data-whole="{round(left.whole)}" data-open="{left.told_spans}" data-rest="{left.rest}"'
    return f' data-started="{started_at.isoformat()}"' if started_at else ""


def _clock_icon(is_working: bool) -> SafeString:
    return icon("briefcase") if is_working else icon("clock")


def left_words(left: TimeLeft, when: str = "") -> str:
    """``18 min left``; with ``when`` the moment too, and what kind of time is left. countdown.js says the same."""
    distances = _distances(get_language() or "")
    over = left.seconds < 0
    span = spoken(left.seconds, days=over or not left.is_working)
    if not when:
        return distances["overdue" if over else "left"] % {"span": span}
    told = "overBy" if over else "leftOfWork" if left.is_working else "leftBy"
    return distances[told] % {"span": span, "when": when}


def by_when(moment: datetime, now: datetime | None = None) -> str:
    """``Mon 10:40`` within a week, else ``23 Nov, 10:40``: in the reader's zone."""
    local = timezone.localtime(moment)
    if abs((moment - (now or timezone.now())).total_seconds()) < 6 * 86400:
        return f"{dates.on_day(local.date(), 'D')} {local:%H:%M}"
    return f"{dates.on_day(local.date(), 'MONTH_DAY_FORMAT')}, {local:%H:%M}"


def absolute(moment: datetime) -> str:
    """A moment in full, in the reader's zone and format."""
    return dates.in_full(moment)


@register.filter(name="absolute")
def absolute_filter(moment: datetime | None) -> str:
    """A moment in full, in the reader's zone and format; nothing for nothing."""
    return absolute(moment) if moment else ""


@register.simple_tag
def time_ago(moment: datetime | None, now: datetime | None = None) -> SafeString:
    """A moment as distance from now within a week, then as a date; in full on hover."""
    if moment is None:
        return mark_safe("")
    now = now or timezone.now()
    fresh = " data-ago" if abs((now - moment).total_seconds()) < 86400 else ""
    return SafeString(
        f'<time datetime="{moment.isoformat(timespec="seconds")}" title="{escape(absolute(moment))}"{fresh}>'
        f"{escape(ago_words(moment, now))}</time>"
    )


def ago_words(moment: datetime, now: datetime) -> str:
    """``5 min ago``, ``in 2 h``, ``3 Nov``; local-time.js says the same for the first day."""
    seconds = (now - moment).total_seconds()
    distance, distances = abs(seconds), _distances(get_language() or "")
    if distance < 60:
        return distances["now"]
    if distance >= 7 * 86400:
        local, today = timezone.localtime(moment), timezone.localtime(now)
        return dates.on_day(local.date(), "MONTH_DAY_FORMAT" if local.year == today.year else "SHORT_DATE_FORMAT")
    if distance < 3600:
        span = distances["min"] % {"n": distance // 60}
    elif distance < 86400:
        span = distances["h"] % {"n": distance // 3600}
    else:
        span = distances["d"] % {"n": distance // 86400}
    return distances["ago" if seconds > 0 else "in"] % {"span": span}


@lru_cache(maxsize=64)
def _distances(_language: str) -> dict[str, str]:
    """How one language says how far a moment is."""
    return {
        "left": _("%(span)s left"),
        "overdue": _("Overdue %(span)s"),
        "leftBy": _("%(span)s left, %(when)s"),
        "leftOfWork": _("%(span)s of working time, %(when)s"),
        "overBy": _("over by %(span)s, since %(when)s"),
        "working": _("counted in working time"),
        "ago": _("%(span)s ago"),
        "in": pgettext("time", "in %(span)s"),
        "now": _("just now"),
        "d": _("%(n)d d"),
        "h": _("%(n)d h"),
        "min": _("%(n)d min"),
    }


@register.simple_tag
def priority(level: str, label: object = "") -> SafeString:
    """Bars for low, normal, high; a sign of its own for urgent; always with its name."""
    name = label or {
        "low": _("Low"),
        "normal": _("Normal"),
        "high": _("High"),
        "urgent": _("Urgent"),
    }.get(level, level)
    said = escape(_("Priority: %(name)s") % {"name": name})
    lit = PRIORITY_BARS.get(level, 0)
    mark = icon("octagon-alert") if level == "urgent" else "".join(BARS[n < lit] for n in range(3))
    named = f'role="img" aria-label="{said}" title="{said}"'
    return SafeString(f'<span class="priority" data-level="{escape(level)}" {named}>{mark}</span>')


@register.simple_tag
def channel_icon(channel: str, label: str = "") -> SafeString:
    """The drawing of a channel, named by ``label`` for those who do not see it."""
    return icon(CHANNEL_ICONS.get(str(channel), "message-square"), small=True, label=str(label))


@register.filter
def language_label(code: str) -> str:
    """The name of a language from its code; the code itself where it is none of ours."""
    return str(dict(settings.LANGUAGES).get(code, code))


@register.filter
def widget_kind(field: BoundField) -> str:
    """How a form field is to be drawn: hidden, radio, checkboxes, checkbox or input."""
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checkboxes"
    if isinstance(widget, forms.RadioSelect):
        return "radio"
    return "checkbox" if isinstance(widget, forms.CheckboxInput) else "input"


@register.filter
def choice_input(choice: BoundWidget) -> SafeString:
    """A radio or checkbox as Django draws it, which takes five templates for each; a form has dozens."""
    told = choice.data
    value = "" if told["value"] is None else f' value="{escape(str(told["value"]))}"'
    attrs = "".join(
        f" {escape(name)}" if more is True else f' {escape(name)}="{escape(str(more))}"'
        for name, more in told["attrs"].items()
        if more is not False
    )
    return SafeString(f'<input type="{told["type"]}" name="{escape(told["name"])}"{value}{attrs}>')


@register.simple_tag
def js_words() -> SafeString:
    """The words that scripts need, in the page's language, as a data block (a strict CSP lets it be)."""
    return _js_words(get_language() or "")


@lru_cache(maxsize=64)
def _js_words(language: str) -> SafeString:
    words = _distances(language) | {
        "soon": _("under 1 min"),
        "keys": _("Keyboard shortcuts"),
        "close": _("Close"),
        "next": _("Next row"),
        "previous": _("Previous row"),
        "select": _("Select the row"),
        "open": _("Open the row"),
        "choose": _("Choose an answer"),
        "send": _("Send what you write"),
        "palette": _("Find anything, do anything"),
        "escape": _("Close what is open, leave a field"),
        "help": _("Show this list"),
        "thisPage": _("On this page"),
        "everywhere": _("Everywhere"),
        "goTo": _("Go to"),
        "changeKeys": _("Change the keys"),
        "doHere": _("Do here"),
        "found": _("%(n)d found"),
        "notFound": _("The search did not answer. Type on, or press Enter for the whole search."),
        "failed": _("That did not work. Nothing was saved; please try again."),
        "remove": _("Remove"),
        "tooLarge": _("Too large"),
        "offline": _("No connection. What you write is kept; we try again by ourselves."),
        "online": _("Connected again."),
        "ended": _("Your session has ended. What you wrote is kept."),
        "signIn": _("Sign in"),
        "gone": _("This ticket has moved to where you cannot see it."),
        "looks": _("%(name)s is looking at this ticket"),
        "writes": _("%(name)s is writing"),
        "arrived": _("%(n)d new or changed"),
        "stale": _("Something here has changed"),
        "refresh": _("Refresh"),
        "offlineForm": _("You are offline. Nothing is lost: what you typed stays here, to be sent once you are back."),
    }
    block = json.dumps(words).replace("<", "\\u003c")
    return format_html('<script type="application/json" id="words">{}</script>', mark_safe(block))
