"""What makes a small JPEG dear: looked at before a decoder is made of it."""

from __future__ import annotations

import struct
from typing import Final

from airtide.domain.pictures import PictureRefusal, PictureRefused

MAX_SCANS: Final = 100
"""Of one JPEG: a few bytes each make the decoder go over the whole picture once more. Real ones have about ten."""
MAX_STEPS: Final = 1_000
"""Segments and stray bytes before the first scan: Pillow takes them one by one. Real ones have about twenty."""

_MARK: Final = 0xFF
_START_OF_SCAN: Final = b"\xff\xda"
_SCAN: Final = 0xDA
_BARE: Final = frozenset({0x00, 0xC8, *range(0xD0, 0xDA), *range(0xF0, 0xFE)})
"""Markers that Pillow takes for whole, without a length behind them."""


def check_jpeg(body: bytes) -> None:
    """Raise `PictureRefused` for a JPEG that would cost far more than pictures of its size do."""
    if body.count(_START_OF_SCAN) > MAX_SCANS:
        raise PictureRefused(PictureRefusal.NO_PICTURE, f"a JPEG of more than {MAX_SCANS} scans")
    place = 2
    for _ in range(MAX_STEPS):
        if place + 1 >= len(body):
            return
        mark, kind = body[place], body[place + 1]
        if mark != _MARK or kind == _MARK:
            place += 1  # a byte that belongs to nothing, or one that fills
        elif kind == _SCAN:
            return
        elif kind in _BARE:
            place += 2
        else:
            (length,) = struct.unpack(">H", body[place + 2 : place + 4].ljust(2, b"\0"))
            place += 2 + max(length, 2)
    raise PictureRefused(PictureRefusal.NO_PICTURE, f"a JPEG of more than {MAX_STEPS:,} steps to its first scan")
