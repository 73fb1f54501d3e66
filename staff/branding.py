"""The face that customers see: which brand, its logo, its colours as a style sheet and for mails."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed
from common.pictures import picture_of
from events.recording import record
from staff import policy
from staff.colours import Looks, looks_of, on_colour
from staff.models import Brand, BrandLogo

LOGO_BYTES = 256 * 1024
LOGO_PIXELS = 2000
STYLE_VERSION = 1
"""Part of the style sheet's name: raise it when ``style_sheet`` writes something else."""


@dataclass(frozen=True, slots=True)
class Face:
    """What a page or a mail shows of a brand. Paths begin with a slash; a mail puts ``PUBLIC_URL`` before them."""

    name: str
    colour: str
    looks: Looks
    style: str
    logo: str = ""
    logo_width: int = 0
    logo_height: int = 0
    greeting: str = ""
    support_address: str = ""

    @property
    def code(self) -> str:
        """The colour's digits, by which the style sheet finds what it colours."""
        return self.colour[1:]


def face_of(brand: Brand | None) -> Face:
    """The face of a brand; of none at all, the desk's own."""
    shown = brand or Brand(name="")
    return Face(
        name=shown.name,
        colour=shown.colour,
        looks=looks_of(shown.colour),
        style=style_path(shown.colour),
        logo=logo_path(shown),
        logo_width=shown.logo_width,
        logo_height=shown.logo_height,
        greeting=shown.greeting,
        support_address=shown.support_address or shown.sender_address,
    )


def brand_at(host: str) -> Brand | None:
    """The brand of this domain, else the default."""
    name = host.rsplit(":", 1)[0].strip("[]").lower()
    ours = Q(is_default=True) | (Q(domain__iexact=name) & ~Q(domain=""))
    return Brand.objects.filter(ours).order_by("is_default", "pk").first()


def style_path(colour: str) -> str:
    """Where the style sheet of a colour lies: one for ever, whoever uses the colour."""
    return reverse("portal:brand_style", args=[colour[1:], STYLE_VERSION])


def logo_path(brand: Brand) -> str:
    """Where the logo lies; empty where there is none. Another logo has another path."""
    return reverse("portal:brand_logo", args=[brand.pk, brand.logo_digest]) if brand.logo_digest else ""


def style_sheet(colour: str) -> str:
    """The tokens that this colour replaces, for whatever says ``data-brand`` with its digits."""
    looks = looks_of(colour)
    pairs = {
        "accent": (looks.accent, looks.accent_dark),
        "accent-strong": (looks.accent_strong, looks.accent_strong_dark),
        "accent-soft": (looks.accent_soft, looks.accent_soft_dark),
        "accent-ink": (looks.accent_ink, looks.accent_ink_dark),
    }
    tokens = [f"--{name}: light-dark({light}, {dark});" for name, (light, dark) in pairs.items()]
    return f'[data-brand="{colour[1:]}"] {{ --brand: {colour}; --on-brand: {on_colour(colour)}; {" ".join(tokens)} }}\n'


@transaction.atomic
def put_logo(brand: Brand, data: bytes, *, by: User | None, at: datetime | None = None) -> Brand:
    """A logo, told by its bytes: PNG, JPEG or WebP, small. A drawing that could run (SVG) is refused."""
    policy.may_administer(by).demand()
    picture = picture_of(data)
    if picture is None:
        raise Malformed(
            _("Choose a picture of the kind PNG, JPEG or WebP. Save a drawing (SVG) as PNG first."),
            code="not_a_picture",
            field="logo",
        )
    if len(data) > LOGO_BYTES:
        raise Malformed(
            _("The picture is larger than %(size)d kB. Save it smaller.") % {"size": LOGO_BYTES // 1024},
            code="logo_too_large",
            field="logo",
        )
    if max(picture.width, picture.height) > LOGO_PIXELS:
        raise Malformed(
            _("The picture is larger than %(size)d pixels on a side. Save it smaller.") % {"size": LOGO_PIXELS},
            code="logo_too_large",
            field="logo",
        )
    row = Brand.objects.select_for_update().get(pk=brand.pk)
    BrandLogo.objects.update_or_create(brand=row, defaults={"content_type": picture.content_type, "data": data})
    _say(row, hashlib.sha256(data).hexdigest()[:16], picture.width, picture.height)
    record(row, "settings.changed", by=by, at=at or timezone.now(), fields=["logo"])
    return row


@transaction.atomic
def remove_logo(brand: Brand, *, by: User | None, at: datetime | None = None) -> Brand:
    """The name alone again."""
    policy.may_administer(by).demand()
    row = Brand.objects.select_for_update().get(pk=brand.pk)
    if row.logo_digest:
        BrandLogo.objects.filter(brand=row).delete()
        _say(row, "", 0, 0)
        record(row, "settings.changed", by=by, at=at or timezone.now(), fields=["logo"])
    return row


def _say(row: Brand, digest: str, width: int, height: int) -> None:
    row.logo_digest, row.logo_width, row.logo_height = digest, width, height
    row.save(update_fields=["logo_digest", "logo_width", "logo_height"])
