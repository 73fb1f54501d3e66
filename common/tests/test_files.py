import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.files import INLINE_SAFE, is_inline_safe, safe_name, sniff_type

DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)


def flaws(name):
    if not name or len(name) > 120 or len(name.encode()) > 240:
        yield "length"
    if set(name) & set('/\\:*?"<>|\r\n\x00;%'):
        yield "forbidden sign"
    if any(unicodedata.category(character) in ("Cc", "Cs") or character in "\u202e\u200b" for character in name):
        yield "hidden character"
    if name.startswith((".", "-", " ")) or name.endswith((".", " ")):
        yield "end"
    if DEVICE.fullmatch(name.split(".")[0].strip()):
        yield "device"


def test_every_hostile_name_becomes_harmless(shared_data):
    cases = json.loads((shared_data / "data" / "files" / "names.json").read_text())["cases"]

    flawed = {case["name"]: found for case in cases if (found := list(flaws(safe_name(case["name"]))))}

    assert len(cases) > 100
    assert flawed == {}


@given(st.text(st.characters()))
def test_any_name_becomes_harmless_and_stays(name):
    safe = safe_name(name)

    assert list(flaws(safe)) == []
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Rechnung März 2026.pdf", "Rechnung März 2026.pdf"),
        ("חשבונית.pdf", "חשבונית.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\fakepath\\a.png", "a.png"),
        ("NUL.txt", "_NUL.txt"),
        (".htaccess", "htaccess"),
        ("-rf", "rf"),
        ("cod\u202egpj.exe", "codgpj.exe"),
        ("a\r\nSet-Cookie: x=1.txt", "a Set-Cookie_ x=1.txt"),
        ("/", "file"),
        ("  ", "file"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("é" * 300 + ".pdf", "é" * 116 + ".pdf"),
        ("👍" * 300 + ".png", "👍" * 59 + ".png"),
    ],
)
def test_names_stay_readable(name, safe):
    assert safe_name(name) == safe


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "x.exe", "image/png"),
        (b"\xff\xd8\xff\xe0", "a.jpg", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a", "image/webp"),
        (b"%PDF-1.7", "a.png", "application/pdf"),
        (b"PK\x03\x04....", "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"PK\x03\x04....", "a.png", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.msg", "application/vnd.ms-outlook"),
        (b"MZ\x90\x00", "a.pdf", "application/x-msdownload"),
        (b"\x00\x00\x00\x18ftypmp42", "a.mp4", "video/mp4"),
        (b"\xff\xfbabc", "a.mp3", "audio/mpeg"),
        (b"a,b\n1,2\n", "a.csv", "text/csv"),
        (b"hello", "a.png", "text/plain"),
        (b"", "a.png", "text/plain"),
        (b"\x01\x02\x03", "a.png", "application/octet-stream"),
        (b"  <!DOCTYPE HTML><p>", "a.txt", "text/html"),
        (b"\xff\xfe<\x00s\x00c\x00r\x00i\x00p\x00t\x00>\x00", "a.txt", "text/html"),
        (b"<svg xmlns='x' onload='a()'>", "a.png", "image/svg+xml"),
        (b"<?xml version='1.0'?><svg/>", "a.xml", "image/svg+xml"),
        (b"alert(1)", "a.js", "text/javascript"),
    ],
)
def test_content_decides_the_type(content, name, kind):
    assert sniff_type(content, name) == kind


def test_nothing_that_can_run_is_shown_inside_a_page():
    assert not INLINE_SAFE & {"text/html", "image/svg+xml", "application/xml", "text/javascript", "application/pdf"}
    assert is_inline_safe("image/png")
    assert not is_inline_safe(sniff_type(b"<svg onload=a()>", "logo.png"))
