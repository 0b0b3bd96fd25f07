"""Reading the query parameters: sizes, lists of ids, and cursors."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from typing import Final

from airtide.simulators.answers import Call
from airtide.simulators.chzzk.envelope import STALE_CURSOR, refuse

PAGE_ROWS: Final = 20
CURSOR_LIFE_S: Final = 300
"""Seconds after which a cursor has gone stale."""

_MAX_IDS: Final = 20
_PLACE: Final = struct.Struct(">II")


def read_size(call: Call, most: int) -> int:
    """Read how many rows are asked for."""
    text = call.params.get("size", str(PAGE_ROWS))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        refuse(400, f"size must be from 1 to {most}")
    return int(text)


def read_ids(call: Call, name: str) -> list[str]:
    """Read a list of ids, parted by commas or given by repeating the parameter."""
    ids = [part for text in call.params.getlist(name) for part in text.split(",") if part]
    if not 1 <= len(ids) <= _MAX_IDS:
        refuse(400, f"{name} must be from 1 to {_MAX_IDS} ids")
    return ids


def make_cursor(offset: int, now_s: int) -> str:
    """Name the page that begins after `offset` rows, for a while from now: 16 bytes in base64, which ends in `==`."""
    place = _PLACE.pack(offset, now_s)
    seal = hashlib.blake2b(place, digest_size=_PLACE.size).digest()
    return base64.b64encode(_veil(place, seal) + seal).decode()


def read_cursor(call: Call) -> int:
    """Read how many rows lie before the page asked for; the list may have moved since the cursor was made."""
    cursor = call.params.get("next", "")
    if not cursor:
        return 0
    try:
        sealed = base64.b64decode(cursor, validate=True)
    except (binascii.Error, ValueError):
        refuse(400, STALE_CURSOR)
    if len(sealed) != 2 * _PLACE.size:
        refuse(400, STALE_CURSOR)
    seal = sealed[_PLACE.size :]
    place = _veil(sealed[: _PLACE.size], seal)
    offset, made_s = _PLACE.unpack(place)
    if hashlib.blake2b(place, digest_size=_PLACE.size).digest() != seal or abs(call.now_s - made_s) > CURSOR_LIFE_S:
        refuse(400, STALE_CURSOR)
    return int(offset)


def _veil(place: bytes, seal: bytes) -> bytes:
    """Cover or uncover a place with its seal, so that cursors of neighbouring pages look nothing alike."""
    return bytes(one ^ other for one, other in zip(place, seal, strict=True))
