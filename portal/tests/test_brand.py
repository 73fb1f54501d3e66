"""A brand's name, colour and logo on customers' pages; nothing in them can run."""

import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from events.models import Event
from staff import branding
from staff.models import Brand, BrandLogo
from tickets import lifecycle
from tickets.links import closure_token

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
LOOK = {"name": "Aurora", "colour": "#AB12cd", "greeting": "We are  glad to help.", "support_address": "a@b.example"}


def png(width=2, height=2, padding=0):
    """A real PNG of that size, with some bytes more if wanted."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\xff\0\0" * width for _row in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"") + b"\0" * padding


@pytest.fixture
def brand(db):
    return Brand.objects.get(is_default=True)


@pytest.fixture
def save(client, adam, brand):
    """``save(logo=…)``: an admin saves the brand's page."""
    client.force_login(adam)
    return lambda **fields: client.post(reverse("desk:brand", args=[brand.pk]), LOOK | fields)


def test_an_admin_gives_the_desk_its_face(save, client, brand):
    answer = save(logo=SimpleUploadedFile("logo.png", png(40, 20)))

    assert answer.url == reverse("desk:brand", args=[brand.pk])
    brand.refresh_from_db()
    assert (brand.colour, brand.greeting, brand.logo_width, brand.logo_height) == (
        "#ab12cd", "We are glad to help.", 40, 20,
    )  # fmt: skip
    assert Event.objects.filter(kind="settings.changed").count() == 2
    page = client.get(reverse("portal:submit")).content.decode()
    assert 'data-brand="ab12cd"' in page
    assert f'src="{branding.logo_path(brand)}" alt="Aurora" width="40" height="20"' in page
    assert "We are glad to help." in page

    save(remove_logo="on")

    assert "<img" not in client.get(reverse("portal:submit")).content.decode()
    assert not BrandLogo.objects.exists()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (SVG, b"PNG, JPEG or WebP"),
        (b"\x89PNG\r\n\x1a\n" + SVG, b"PNG, JPEG or WebP"),
        (png(padding=branding.LOGO_BYTES), b"larger than 256 kB"),
        (png(3000, 1), b"larger than 2000 pixels"),
    ],
)
def test_a_logo_is_told_by_its_bytes_and_refused_in_words(save, data, why):
    answer = save(name="Northwind", logo=SimpleUploadedFile("logo.png", data, content_type="image/png"))

    assert answer.status_code == 422
    assert why in answer.content
    assert not BrandLogo.objects.exists()
    assert not Brand.objects.filter(name="Northwind").exists()


def test_logo_and_colours_are_kept_by_browsers_and_run_nothing(client, adam, brand):
    shown = branding.put_logo(brand, png(), by=adam)
    logo = client.get(branding.logo_path(shown))
    style = client.get(branding.style_path("#ab12cd"))

    assert (logo.headers["Content-Type"], logo.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in logo.headers["Content-Security-Policy"]
    for answer in (logo, style):
        assert "immutable" in answer.headers["Cache-Control"]
    assert style.headers["Content-Type"].startswith("text/css")
    for wrong in ("brand/zzzzzz.1.css", "brand/ab12cd.99.css", "brand/ab12cd}.1.css"):
        assert client.get(f"/{wrong}").status_code == 404


def test_the_domain_and_the_ticket_choose_the_brand(client, brand, taken_ticket, alice, settings):
    settings.ALLOWED_HOSTS = ["*"]
    other = Brand.objects.create(name="Southwind", colour="#0b7a3b", domain="help.south.example")
    assert b"Southwind" in client.get(reverse("portal:submit"), headers={"host": "help.south.example"}).content
    assert b"Southwind" not in client.get(reverse("portal:submit"), headers={"host": "elsewhere.example"}).content

    taken_ticket.brand = other
    taken_ticket.save(update_fields=["brand"])
    closure = lifecycle.resolve(taken_ticket, by=alice)

    page = client.get(reverse("portal:confirm", args=[closure_token(closure)])).content.decode()
    assert 'data-brand="0b7a3b"' in page
    assert "Southwind" in page


def test_the_preview_saves_nothing(client, adam, brand):
    client.force_login(adam)
    answer = client.get(reverse("desk:brand_preview"), {"colour": "#ffe600", "name": "<b>X", "brand": brand.pk})

    assert b"too pale to read" in answer.content
    assert b"<b>X" not in answer.content
    brand.refresh_from_db()
    assert brand.colour != "#ffe600"
    assert client.get(reverse("desk:brand_preview"), {"colour": "red;}", "brand": "x"}).status_code == 200
