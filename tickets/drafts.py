"""What somebody is writing waits on the server: on any machine, through a lost session, in two tabs at once."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed
from common.html import html_to_text, sanitise
from tickets.models import Draft, Entry, Ticket

LONGEST = 400_000  # characters of markup; a reply may be half as long


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a saving: the draft as it is now, if there is one, and whether another tab was there first."""

    draft: Draft | None
    is_behind: bool = False


def kept(user: User, ticket: Ticket, kind: str) -> Draft | None:
    """The draft of this place."""
    return Draft.objects.filter(user=user, ticket=ticket, kind=kind).first()


@transaction.atomic
def save(
    user: User, ticket: Ticket, kind: str, *, html: str = "", text: str = "", seen: int | None = None,
    version: int | None = None,
) -> Saved:  # fmt: skip
    """Keep it. ``version`` is the draft that the page knows (0: none); an older one than is kept changes nothing and
    is told so. None: what is given wins. An empty text takes the draft away."""
    if kind not in Draft.Kind.values:
        raise Malformed(_("One writes a reply or a note."), code="bad_choice", field="kind")
    if len(html) > LONGEST or len(text) > LONGEST:
        raise Malformed(_("This is too long to be kept as a draft."), code="too_long", field="text")
    clean = sanitise(html.replace("\x00", "")) if html else ""
    text = (html_to_text(clean) if clean else text).replace("\x00", "")
    mine = Draft.objects.select_for_update().filter(user=user, ticket=ticket, kind=kind).first()
    if mine is not None and version is not None and version < mine.version and mine.text != text:
        return Saved(mine, is_behind=True)
    if not text.strip():
        if mine is not None:
            mine.delete()
        return Saved(None)
    fields = {"html": clean, "text": text, "seen": seen, "updated_at": timezone.now()}
    if mine is None:
        mine, _is_new = Draft.objects.update_or_create(user=user, ticket=ticket, kind=kind, defaults=fields)
        return Saved(mine)
    if mine.text != text or mine.html != clean:
        fields["version"] = mine.version + 1
    for name, value in fields.items():
        setattr(mine, name, value)
    mine.save(update_fields=[*fields])
    return Saved(mine)


def put_back(entry: Entry, *, user: User) -> Draft | None:
    """A reply that was taken back is a draft again; what was begun since stands below it."""
    later = kept(user, entry.ticket, Draft.Kind.REPLY)
    html, text = entry.html, entry.text
    if later is not None and later.text.strip() != text.strip():
        text = f"{text}\n\n{later.text}"
        html = f"{html}<br><br>{later.html}" if html and later.html else ""
    return save(user, entry.ticket, Draft.Kind.REPLY, html=html, text=text).draft


def drop(user: User, ticket: Ticket, kind: str) -> None:
    """It was sent, or is not wanted any more."""
    Draft.objects.filter(user=user, ticket=ticket, kind=kind).delete()
