"""Files of entries: bytes kept once by their SHA-256, outside the web root, counted, served with safe headers.

A file is written before the transaction commits and its row counts with it: a rollback leaves at most a file without a
row, which ``sweep`` removes a day later. Every writing uses a name of its own, so the sweep never takes a file that
somebody is about to point at.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import IO, Any
from urllib.parse import quote

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Refused
from common.files import is_inline_safe, safe_name, sniff_type
from events import values
from tickets.models import Attachment, Blob, Entry, Ticket
from tickets.values import ATTACHMENT_BYTES, ATTACHMENT_COUNT, ATTACHMENT_REFUSED
from tickets.visibility import entries_for

log = logging.getLogger(__name__)

HEAD = 4096  # bytes that tell what a file is
ORPHAN_AGE = timedelta(days=1)
SMALL = ".small"
"""Ends the key of a small picture, which lies beside the picture and goes with it."""


def storage() -> Storage:
    """Where the bytes lie: Django's storage named ``attachments``."""
    return storages["attachments"]


def keep(entry: Entry, files: Iterable[File[Any]]) -> list[Attachment]:
    """Keep these files with an entry, inside its transaction.

    One that is too large, one too many or of a forbidden kind becomes a row with the reason (``refused``), and the
    message stands. A storage that takes nothing refuses the whole act (``storage_failed``): nothing is written.
    """
    files = list(files)
    if not files:
        return []
    limits = values.many(ATTACHMENT_BYTES, ATTACHMENT_COUNT, ATTACHMENT_REFUSED)
    kept: list[Attachment] = []
    for file in files:
        name = safe_name(file.name or "")
        room = sum(1 for one in kept if one.blob_id) < limits[ATTACHMENT_COUNT]
        refused = "" if room else _("There were too many files.")
        kept.append(_keep_one(entry, file, name, limits, refused))
    return kept


def _keep_one(entry: Entry, file: File[Any], name: str, limits: dict[str, Any], refused: str) -> Attachment:
    size = file.size
    head = _head(file)
    kind = sniff_type(head, name)
    refused = refused or _objection(name, size, limits)
    blob = None if refused else _store(file, size, kind)
    return Attachment.objects.create(
        entry=entry,
        blob=blob,
        name=name,
        size=size,
        content_type=kind,
        inline_id=str(getattr(file, "inline_id", "") or "")[:250],
        refused=refused[:200],
    )


def _objection(name: str, size: int, limits: dict[str, Any]) -> str:
    """Why a file is not kept; empty when it is. Every ending counts, so ``x.pdf.exe`` and ``x.exe.`` are both seen."""
    if size > limits[ATTACHMENT_BYTES]:
        return _("It is larger than %(megabytes)d MB.") % {"megabytes": limits[ATTACHMENT_BYTES] // 2**20}
    forbidden = {"." + word.lower().lstrip(".") for word in limits[ATTACHMENT_REFUSED]}
    if PurePosixPath(name.lower().rstrip(". ")).suffix in forbidden:
        return _("Files of this kind are not kept: they could run.")
    return ""


def _head(file: File[Any]) -> bytes:
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    return head if isinstance(head, bytes) else str(head).encode()


def _digest(file: File[Any]) -> str:
    seen = hashlib.sha256()
    for chunk in file.chunks():
        seen.update(chunk if isinstance(chunk, bytes) else str(chunk).encode())
    file.seek(0)
    return seen.hexdigest()


def _store(file: File[Any], size: int, kind: str) -> Blob:
    """The blob of these bytes with one reference more; written when nobody has them yet."""
    digest = _digest(file)
    known = Blob.objects.select_for_update().filter(sha256=digest).first()
    if known is None:
        key = _write(file, digest)
        known = _claim(digest, size, kind, key)
        if known.storage_key != key:  # somebody else was faster; ours goes once this stands
            transaction.on_commit(lambda: _remove(key))
        return known
    known.references += 1
    known.save(update_fields=["references"])
    return known


def _write(file: File[Any], digest: str) -> str:
    try:
        return storage().save(f"{digest[:2]}/{digest[2:4]}/{digest}-{uuid.uuid4().hex[:12]}", file)
    except (OSError, SuspiciousFileOperation) as error:
        log.error("The storage of files took nothing.", exc_info=True)
        raise Refused(
            _("The file could not be stored, so nothing was sent. Try again later or send it without the file."),
            code="storage_failed",
            field="files",
        ) from error


def _claim(digest: str, size: int, kind: str, key: str) -> Blob:
    """One row per digest, whoever comes first; waits for a writer that has not committed."""
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO "tickets_blob" (sha256, size, content_type, storage_key, scan, "references", created_at) '
            "VALUES (%s, %s, %s, %s, %s, 1, %s) "
            'ON CONFLICT (sha256) DO UPDATE SET "references" = "tickets_blob"."references" + 1 RETURNING id',
            [digest, size, kind, key, Blob.Scan.UNSCANNED, timezone.now()],
        )
        (pk,) = cursor.fetchone()
    return Blob.objects.get(pk=pk)


@transaction.atomic
def erase(attachment: Attachment, *, at: datetime) -> None:
    """Take the bytes away and keep the fact that there was a file; they go when nothing else refers to them."""
    mine = Attachment.objects.select_for_update(of=("self",)).get(pk=attachment.pk)
    if mine.blob_id is None:
        return
    blob = Blob.objects.select_for_update().get(pk=mine.blob_id)
    mine.blob, mine.erased_at = None, at
    mine.save(update_fields=["blob", "erased_at"])
    blob.references -= 1
    if blob.references > 0:
        blob.save(update_fields=["references"])
        return
    key = blob.storage_key
    blob.delete()
    transaction.on_commit(lambda: _remove(key))


def _remove(key: str) -> None:
    for path in (key + SMALL, key):
        _delete(path)


def _delete(path: str) -> bool:
    try:
        storage().delete(path)
    except OSError:
        log.warning("A file without a row stays for the sweep.", exc_info=True)
        return False
    return True


def sweep(*, at: datetime | None = None) -> int:
    """Remove files that no row points at and that are a day old; returns how many. May run twice and at any time."""
    before = (at or timezone.now()) - ORPHAN_AGE
    removed = 0
    for folder in _folders(""):
        names = storage().listdir(folder)[1]
        owner = {path: path.removesuffix(SMALL) for path in (f"{folder}/{name}" for name in names)}
        owned = set(Blob.objects.filter(storage_key__in=owner.values()).values_list("storage_key", flat=True))
        for path, key in owner.items():
            if key not in owned and _is_older(path, before):
                removed += _delete(path)
    return removed


def _is_older(path: str, before: datetime) -> bool:
    try:
        return storage().get_modified_time(path) < before
    except OSError:
        return False  # another sweep was faster


def _folders(path: str, depth: int = 2) -> Iterable[str]:
    try:
        names = storage().listdir(path)[0]
    except FileNotFoundError:
        return
    for name in names:
        below = f"{path}/{name}".lstrip("/")
        if depth > 1:
            yield from _folders(below, depth - 1)
        else:
            yield below


@dataclass(frozen=True, slots=True)
class Serving:
    """What a door answers with: the open file and headers that let no browser run it."""

    file: IO[bytes]
    headers: dict[str, str]


def for_reader(user: User, public_id: uuid.UUID | str) -> Attachment | None:
    """The attachment, if this person may read the entry it belongs to (T13); else None, as if there were none."""
    try:
        found = Attachment.objects.select_related("blob", "entry").filter(public_id=uuid.UUID(str(public_id))).first()
    except ValueError:
        return None
    if found is None or found.blob is None:
        return None
    ticket = Ticket.objects.visible_to(user).select_related("team").filter(pk=found.entry.ticket_id).first()
    if ticket is None or not entries_for(ticket, user).filter(pk=found.entry_id).exists():
        return None
    return found


def serve(attachment: Attachment, *, download: bool = False) -> Serving:
    """Open a kept file for an answer. Only harmless pictures, sounds and texts are shown; all else is downloaded.

    Raises ``Refused`` (``file_gone``) when there are no bytes.
    """
    blob = attachment.blob
    if blob is None or blob.scan == Blob.Scan.INFECTED:
        raise file_gone()
    inline = is_inline_safe(blob.content_type) and not download
    kind = blob.content_type if inline else "application/octet-stream"
    try:
        file = storage().open(blob.storage_key, "rb")
    except OSError as error:
        raise file_gone() from error
    return Serving(file, harmless(attachment.name, kind, blob.size, inline=inline))


def file_gone() -> Refused:
    """There are no bytes, or none that may be shown."""
    return Refused(_("This file is not here any more."), code="file_gone")


def harmless(name: str, kind: str, size: int, *, inline: bool) -> dict[str, str]:
    """The headers of a file from outside: no browser runs it, whatever it is."""
    plain = name.encode("ascii", "replace").decode().replace('"', "_").replace("\\", "_")
    return {
        "Content-Type": f"{kind}; charset=utf-8" if kind == "text/plain" else kind,
        "Content-Length": str(size),
        "Content-Disposition": f'{"inline" if inline else "attachment"}; filename="{plain}"; '
        f"filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, max-age=3600, immutable",
    }
