"""Files: kept once, outside the web root, refused with a reason, served so that no browser runs them."""

import errno
import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from common.errors import Refused
from events import values
from tickets import attachments, lifecycle
from tickets.models import Attachment, Blob, Entry
from tickets.values import ATTACHMENT_BYTES, ATTACHMENT_COUNT


def stored(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_the_same_bytes_are_kept_once(mailed, alice, file, attachments_folder):
    lifecycle.reply(mailed, by=alice, text="A", files=[file("a.txt"), file("b.txt"), file("c.txt", b"else")])

    assert Attachment.objects.count() == 3
    assert sorted(Blob.objects.values_list("references", flat=True)) == [1, 2]
    assert len(stored(attachments_folder)) == 2


@pytest.mark.parametrize("name", ["../../x", "..\\..\\x", "/etc/passwd", "a\x00b/../x", "C:\\x", "..", ""])
def test_no_name_reaches_a_path(mailed, carol, attachments_folder, name):
    upload = ContentFile(b"harmless words", name="placeholder")
    upload.name = name
    entry = lifecycle.receive(mailed, person=carol, text="See", files=[upload])

    kept = entry.attachments.get()
    assert kept.refused == ""
    assert not {"/", "\\", "\x00"} & set(kept.name)
    assert kept.name not in ("", ".", "..")
    [path] = stored(attachments_folder)
    assert path.is_relative_to(attachments_folder)
    assert path.name.startswith(kept.blob.sha256)


def test_a_refused_file_says_why_and_the_message_stands(mailed, carol, alice, file, attachments_folder):
    values.put(ATTACHMENT_BYTES, 10, by=None)
    values.put(ATTACHMENT_COUNT, 1, by=None)
    entry = lifecycle.receive(
        mailed, person=carol, text="See",
        files=[file("run.EXE", b"x"), file("a.txt", b"x" * 11), file("b.txt", b"x"), file("c.txt", b"y")],
    )  # fmt: skip

    kept = {row.name: (row.blob is not None, bool(row.refused)) for row in entry.attachments.all()}
    assert kept == {
        "run.EXE": (False, True), "a.txt": (False, True), "b.txt": (True, False), "c.txt": (False, True),
    }  # fmt: skip
    assert len(stored(attachments_folder)) == 1


def test_a_rollback_leaves_no_row_and_the_sweep_takes_the_file(mailed, carol, file, attachments_folder):
    with transaction.atomic():
        lifecycle.receive(mailed, person=carol, text="See", files=[file()])
        transaction.set_rollback(True)
    assert not Blob.objects.exists()
    assert len(stored(attachments_folder)) == 1

    assert attachments.sweep() == 0  # somebody may be about to point at it
    lifecycle.receive(mailed, person=carol, text="See", files=[file("kept.txt", b"kept")])
    assert attachments.sweep(at=timezone.now() + timedelta(days=2)) == 1
    assert [path.read_bytes() for path in stored(attachments_folder)] == [b"kept"]


def test_a_full_disk_refuses_and_nothing_is_written(mailed, alice, file, monkeypatch):
    def full(*_args, **_more):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", full)
    with pytest.raises(Refused) as refusal:
        lifecycle.reply(mailed, by=alice, text="A", files=[file()])

    assert refusal.value.code == "storage_failed"
    assert mailed.entries.count() == 1
    assert not Attachment.objects.exists()


def test_erasing_keeps_the_fact_and_takes_the_bytes_with_the_last(
    mailed, alice, file, now, attachments_folder, django_capture_on_commit_callbacks
):
    entry = lifecycle.reply(mailed, by=alice, text="A", files=[file("a.txt"), file("b.txt")])
    first, second = entry.attachments.all()
    with django_capture_on_commit_callbacks(execute=True):
        attachments.erase(first, at=now)
    assert len(stored(attachments_folder)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        attachments.erase(second, at=now)
        attachments.erase(second, at=now)

    assert stored(attachments_folder) == []
    assert not Blob.objects.exists()
    second.refresh_from_db()
    assert (second.name, second.blob, second.erased_at) == ("b.txt", None, now)


@pytest.mark.parametrize(
    ("name", "content", "kind", "shown"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * 20, "image/png", True),
        ("a.png", b"<html><script>alert(1)</script>", "text/html", False),
        ("a.svg", b"<svg onload=alert(1)></svg>", "image/svg+xml", False),
        ("a.txt", b"words", "text/plain", True),
        ("a.pdf", b"%PDF-1.7", "application/pdf", False),
    ],
)
def test_only_what_cannot_run_is_shown(mailed, alice, file, name, content, kind, shown):
    kept = lifecycle.reply(mailed, by=alice, text="A", files=[file(name, content)]).attachments.get()

    served = attachments.serve(kept)
    assert kept.content_type == kind
    assert served.file.read() == content
    served.file.close()
    assert served.headers["Content-Disposition"].startswith("inline" if shown else "attachment")
    assert served.headers["Content-Type"].startswith(kind if shown else "application/octet-stream")
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served.headers["Content-Security-Policy"]


def test_headers_take_any_name(mailed, alice, file):
    kept = lifecycle.reply(mailed, by=alice, text="A", files=[file('é"\r\nX: y🔥.txt')]).attachments.get()

    served = attachments.serve(kept)
    served.file.close()
    assert not {"\r", "\n"} & set("".join(served.headers.values()))
    assert "".join(served.headers.values()).isascii()


def test_only_who_may_read_the_entry_gets_the_file__T13(mailed, alice, bob, theo, carol, make_user, file):
    secret = lifecycle.add_note(mailed, by=alice, text="A", files=[file("secret.txt")]).attachments.get()
    public = lifecycle.reply(mailed, by=alice, text="A", files=[file("public.txt")]).attachments.get()
    reader = make_user("reader")
    reader.staff_profile.delete()
    carol.user = reader
    carol.save(update_fields=["user"])

    assert attachments.for_reader(bob, secret.public_id) == secret
    assert attachments.for_reader(reader, public.public_id) == public
    assert attachments.for_reader(reader, secret.public_id) is None
    assert attachments.for_reader(theo, public.public_id) is None
    assert attachments.for_reader(bob, "nonsense") is None
    assert attachments.for_reader(bob, uuid.uuid4()) is None


def test_an_empty_file_is_a_file(mailed, carol, file):
    entry = lifecycle.receive(mailed, person=carol, text="See", files=[file("empty.txt", b"")])
    assert (entry.attachments.get().size, Entry.objects.count()) == (0, 2)
