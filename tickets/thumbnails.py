"""Small pictures of attached ones, made once and kept beside them: no page loads megabytes for a stamp.

A picture comes from anybody. It is decoded by the decoder of the kind that its bytes tell, one at a time, and only when
its header announces no more than ``MOST_PIXELS``; whatever goes wrong means that there is no small one.
"""

from __future__ import annotations

import io
import logging
import threading
from typing import IO

from django.core.files.base import ContentFile
from PIL import Image, ImageOps

from tickets.attachments import SMALL, Serving, file_gone, harmless, storage
from tickets.models import Attachment, Blob

log = logging.getLogger(__name__)

DECODERS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}
MOST_PIXELS = {"JPEG": 50_000_000}  # it is shrunk while it is decoded
MOST_PIXELS_ELSE = 16_000_000
SIZE = (192, 128)  # twice what a page shows, for sharp screens
BOX = 1024
_one_at_a_time = threading.Lock()


def has_small(attachment: Attachment) -> bool:
    """Whether a page may ask for a small one: a kept picture of a kind that we decode."""
    return attachment.blob_id is not None and attachment.content_type in DECODERS


def serve_small(attachment: Attachment) -> Serving:
    """Open the small picture, making it when it is asked for first. ``Refused`` (``file_gone``) when there is none."""
    blob = attachment.blob
    if blob is None or blob.scan == Blob.Scan.INFECTED or blob.content_type not in DECODERS:
        raise file_gone()
    key = blob.storage_key + SMALL
    try:
        if not storage().exists(key):
            with _one_at_a_time:
                _keep(blob, key)
        file = storage().open(key, "rb")
    except OSError as error:
        raise file_gone() from error
    if not file.size:
        file.close()
        raise file_gone()
    return Serving(file, harmless(f"{attachment.name}.webp", "image/webp", file.size, inline=True))


def shrunk(file: IO[bytes], decoder: str) -> bytes:
    """The small picture as WebP, without what the camera wrote into it; nothing for what is none, or too large."""
    try:
        with Image.open(file, formats=[decoder]) as picture:
            if picture.width * picture.height > MOST_PIXELS.get(decoder, MOST_PIXELS_ELSE):
                return b""
            picture.thumbnail((BOX, BOX), reducing_gap=2.0)
            upright = ImageOps.exif_transpose(picture)
            plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
            small = ImageOps.fit(plain, (min(plain.width, SIZE[0]), min(plain.height, SIZE[1])))
            out = io.BytesIO()
            small.save(out, "WEBP", quality=72)
            return out.getvalue()
    except Exception as problem:  # a damaged picture fails in any way that a decoder can
        log.info("No small picture: %s", type(problem).__name__)
        return b""


def _keep(blob: Blob, key: str) -> None:
    """Make it beside the picture; an empty one says that there is none, so that nobody tries again."""
    if storage().exists(key):
        return  # somebody made it while we waited
    with storage().open(blob.storage_key, "rb") as file:
        small = shrunk(file, DECODERS[blob.content_type])
    kept = storage().save(key, ContentFile(small))
    if kept != key:  # another process was faster
        storage().delete(kept)
