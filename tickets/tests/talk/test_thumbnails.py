"""Small pictures: made once, of what is a picture and no larger than it should, for whoever may see the large one."""

import io
import struct
import zlib
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from common.errors import Refused
from tickets import attachments, lifecycle, thumbnails


def drawn(size=(1200, 900), kind="JPEG", mode="RGB", **more) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(out, kind, **more)
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A few bytes that announce a picture of that many pixels, all of them black."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * ((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.fixture
def kept(mailed, carol, file):
    """``kept(bytes)`` is an attachment of Carol's with them."""
    return lambda data, name="a.png": lifecycle.receive(
        mailed, person=carol, text="See", files=[file(name, data)]
    ).attachments.get()


def small(attachment) -> Image.Image:
    with thumbnails.serve_small(attachment).file as file:
        picture = Image.open(file)
        picture.load()
    return picture


def test_a_small_one_is_made_once_beside_the_picture_and_served_harmless(kept, attachments_folder):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Secret camera"  # lies on its side
    picture = kept(drawn(exif=exif), "photo.jpg")

    served = thumbnails.serve_small(picture)
    data = served.file.read()
    served.file.close()

    assert len(data) < 20_000 < picture.size
    assert (served.headers["Content-Type"], served.headers["Content-Length"]) == ("image/webp", str(len(data)))
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert served.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert b"Secret camera" not in data
    assert small(picture).size == thumbnails.SIZE
    [path] = [path for path in attachments_folder.rglob("*") if path.name.endswith(attachments.SMALL)]
    made = path.stat().st_mtime_ns
    assert small(picture).size == thumbnails.SIZE
    assert path.stat().st_mtime_ns == made
    assert path.with_name(path.name.removesuffix(attachments.SMALL)).exists()


@pytest.mark.parametrize(
    ("kind", "mode", "size", "shown"),
    [
        ("PNG", "RGBA", (500, 400), (192, 128)),
        ("PNG", "P", (500, 400), (192, 128)),
        ("PNG", "1", (40, 30), (40, 30)),
        ("GIF", "P", (300, 300), (192, 128)),
        ("WEBP", "RGB", (3000, 2), (192, 1)),
        ("JPEG", "CMYK", (500, 400), (192, 128)),
    ],
)
def test_every_usual_kind_has_one(kept, kind, mode, size, shown):
    assert small(kept(drawn(size, kind, mode))).size == shown


HOSTILE = {
    "a bomb of a million pixels a side": png_of(200_000, 20_000),
    "a bomb just below what the decoder warns of": png_of(8_000, 8_000),
    "cut short": drawn()[:900],
    "a header alone": b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
    "a size of nothing": png_of(0, 10),
    "noise in the middle": drawn(kind="PNG")[:200] + b"\xff" * 4000,
    "another kind behind the first bytes": b"\xff\xd8\xff" + drawn(kind="PNG"),
    "a GIF without end": b"GIF89a" + b"\xff" * 300,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_picture_has_none_and_is_looked_at_once(kept, monkeypatch, data):
    picture = kept(data)

    with pytest.raises(Refused, match="not here"):
        thumbnails.serve_small(picture)

    monkeypatch.setattr(thumbnails, "shrunk", lambda *_: pytest.fail("It was decoded again."))
    with pytest.raises(Refused, match="not here"):
        thumbnails.serve_small(picture)


def test_what_is_no_picture_or_is_infected_has_none(kept):
    markup, picture = kept(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), kept(drawn(kind="PNG"))
    picture.blob.scan = "infected"

    for attachment in (markup, picture):
        with pytest.raises(Refused, match="not here"):
            thumbnails.serve_small(attachment)
    assert not thumbnails.has_small(markup)


def test_it_goes_with_the_picture_and_no_sweep_takes_it(
    kept, now, attachments_folder, django_capture_on_commit_callbacks
):
    picture = kept(drawn(kind="PNG"))
    small(picture)
    later = timezone.now() + timedelta(days=2)

    assert attachments.sweep(at=later) == 0
    assert small(picture).size == thumbnails.SIZE
    with django_capture_on_commit_callbacks(execute=True):
        attachments.erase(picture, at=now)

    assert [path for path in attachments_folder.rglob("*") if path.is_file()] == []


def test_one_that_was_made_while_its_picture_went_is_swept(
    kept, now, attachments_folder, django_capture_on_commit_callbacks
):
    picture = kept(drawn(kind="PNG"))
    small(picture)
    (left,) = attachments_folder.rglob(f"*{attachments.SMALL}")
    bytes_left = left.read_bytes()
    with django_capture_on_commit_callbacks(execute=True):
        attachments.erase(picture, at=now)
    left.write_bytes(bytes_left)

    assert attachments.sweep() == 0  # not a day old
    assert attachments.sweep(at=timezone.now() + timedelta(days=2)) == 1
    assert not left.exists()
