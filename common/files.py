"""Names and kinds of files from outside: nothing in a name reaches a path or a header, no name decides a type alone."""

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST_NAME = 120  # characters; and at most 240 bytes, so that every file system takes it
LONGEST_BYTES = 240
UNNAMED = "file"
UNKNOWN = "application/octet-stream"

# Shown inside a page; all else is downloaded. No markup, no SVG, nothing that runs.
INLINE_SAFE = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp", "text/plain"}
    | {"audio/mpeg", "audio/ogg", "audio/wav", "video/mp4", "video/webm"}
)

FORBIDDEN = re.compile(r"[<>:\"/\\|?*;%`$&'{}\[\]^~#]")
RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypheic", "image/heic"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"\x00\x00\x01\x00", "image/x-icon"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"%!PS", "application/postscript"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (257, b"ustar", "application/x-tar"),
    (0, b"MZ", "application/x-msdownload"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"\xca\xfe\xba\xbe", "application/java-vm"),
    (0, b"#!", "text/x-script"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
)

# Kinds whose bytes are those of a container, told apart by name; and texts, which have no magic.
INSIDE_ZIP = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "epub": "application/epub+zip",
    "jar": "application/java-archive",
}
INSIDE_OLE = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
TEXTS = {
    "csv": "text/csv",
    "json": "application/json",
    "eml": "message/rfc822",
    "ics": "text/calendar",
    "vcf": "text/vcard",
    "md": "text/markdown",
    "html": "text/html",
    "htm": "text/html",
    "xml": "application/xml",
    "svg": "image/svg+xml",
    "js": "text/javascript",
    "css": "text/css",
}
MARKUP = re.compile(
    rb"<(?:!doctype html|html|head|body|script|iframe|svg|img|a |table|div|p>|style|title|\?xml|!--)", re.I
)


def safe_name(name: str) -> str:
    """A file name fit for any file system, header and page; never empty, at most 120 characters.

    Only the last part of a path stays. Marks that hide or turn text, control characters, path and shell signs go;
    device names of Windows get an underscore, dots and blanks go from both ends. A cut keeps the extension.
    """
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    name = re.split(r"[/\\]", name.rstrip("/\\ "))[-1]
    name = "".join(" " if character.isspace() else character for character in name if _is_wanted(character))
    name = " ".join(FORBIDDEN.sub("_", name).split()).strip(". ").lstrip("-")
    name = name.strip(". ") or UNNAMED
    stem, _dot, _rest = name.partition(".")
    if RESERVED.fullmatch(stem.strip()):
        name = f"_{name}"
    return _cut(name)


def sniff_type(first_bytes: bytes, name: str = "") -> str:
    """The media type by content (some 4 kB suffice); the name only tells apart what has the same bytes.

    Anything that looks like markup is markup, whatever it is called; what is not known is ``application/octet-stream``.
    """
    kind = _by_magic(first_bytes)
    extension = PurePosixPath(name.lower()).suffix.lstrip(".")
    if kind == "application/zip":
        return INSIDE_ZIP.get(extension, kind)
    if kind == "application/x-ole-storage":
        return INSIDE_OLE.get(extension, kind)
    if kind:
        return kind
    if not _is_text(first_bytes):
        return UNKNOWN
    if MARKUP.search(first_bytes[:4096].replace(b"\x00", b"")):
        return "image/svg+xml" if b"<svg" in first_bytes[:4096].lower() else "text/html"
    return TEXTS.get(extension, "text/plain")


def is_inline_safe(media_type: str) -> bool:
    """May a page show it, or must it be downloaded?"""
    return media_type in INLINE_SAFE


def _is_wanted(character: str) -> bool:
    return character in "\u200d\u200c" or character.isspace() or unicodedata.category(character) not in UNWANTED


def _cut(name: str) -> str:
    path = PurePosixPath(name)
    suffix = path.suffix if len(path.suffix) <= 20 else ""
    stem = name.removesuffix(suffix) if suffix else name
    while stem and (len(stem + suffix) > LONGEST_NAME or len((stem + suffix).encode()) > LONGEST_BYTES):
        stem = stem[:-1]
    return stem.rstrip(". ") + suffix or UNNAMED


def _by_magic(first_bytes: bytes) -> str:
    for offset, magic, kind in MAGIC:
        if first_bytes.startswith(magic, offset):
            return kind
    if first_bytes[:2] == b"BM" and first_bytes[6:10] == b"\x00\x00\x00\x00":
        return "image/bmp"
    if len(first_bytes) > 1 and first_bytes[0] == 0xFF and first_bytes[1] & 0xE6 == 0xE2:
        return "audio/mpeg"
    return ""


def _is_text(first_bytes: bytes) -> bool:
    if first_bytes.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return True
    return not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", first_bytes[:4096])
