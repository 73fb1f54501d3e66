"""What a picture is, told by its bytes alone: its kind and its size, without decoding it."""

from __future__ import annotations

from dataclasses import dataclass

from common.files import sniff_type

RASTERS = ("image/png", "image/jpeg", "image/webp")
"""Pictures that cannot run anything and that every browser and mail program of today shows."""
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The marks of a JPEG's frame headers, which hold its size."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A media type with width and height in pixels."""

    content_type: str
    width: int
    height: int


def picture_of(data: bytes) -> Picture | None:
    """The picture that these bytes are; None when they are none of ``RASTERS`` or are damaged."""
    kind = sniff_type(data[:4096])
    readers = {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp}
    if kind not in readers:
        return None
    try:
        width, height = readers[kind](data)
    except (IndexError, ValueError):
        return None
    return Picture(kind, width, height) if width > 0 and height > 0 else None


def _png(data: bytes) -> tuple[int, int]:
    if data[12:16] != b"IHDR" or len(data) < 33:
        raise ValueError
    return _big(data, 16, 4), _big(data, 20, 4)


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while True:
        if data[at] != 0xFF:
            raise ValueError
        mark = data[at + 1]
        if mark == 0xFF:  # filling
            at += 1
            continue
        if mark in FRAMES:
            data[at + 8]
            return _big(data, at + 7, 2), _big(data, at + 5, 2)
        at += 2 + _big(data, at + 2, 2)


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if data[:4] != b"RIFF" or len(data) < 30:
        raise ValueError
    if kind == b"VP8X":
        return _little(data, 24, 3) + 1, _little(data, 27, 3) + 1
    if kind == b"VP8L":
        packed = _little(data, 21, 4)
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return _little(data, 26, 2) & 0x3FFF, _little(data, 28, 2) & 0x3FFF
    raise ValueError


def _big(data: bytes, at: int, count: int) -> int:
    return int.from_bytes(data[at : at + count], "big")


def _little(data: bytes, at: int, count: int) -> int:
    return int.from_bytes(data[at : at + count], "little")
