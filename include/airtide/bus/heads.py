"""The heads of snapshots' messages: what changes with every sweep, recognised as bytes where only the count is new."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from airtide.bus.instants import read_instant_ms, read_tick_ms
from airtide.bus.messages import SnapshotHead
from airtide.bus.records import ESCAPED_NUL

MOST_HEADS = 10_000
"""A run that has met more forgets them all, and reads again those that it meets again."""

_COUNT_BEGINS = b',"viewers":'
_LONGEST_COUNT = 9
"""Digits of a count that is below the largest whatever they are."""
_ZERO = ord("0")

_decoder = msgspec.json.Decoder(SnapshotHead)
_encoder = msgspec.json.Encoder()


Head: TypeAlias = tuple[int, int, int | None, str]
"""Tick and time of arrival in epoch milliseconds, viewers, and sweep id; a class of its own costs more than reading."""


class HeadBook:
    """Reads heads; of those that our own encoder wrote, all but the count is the same in very many messages."""

    def __init__(self) -> None:
        self._times: dict[bytes, tuple[int, int]] = {}
        """By what stands before the count."""
        self._sweep_ids: dict[bytes, str] = {}
        """By what stands after it."""
        self._begins, self._ends = 0, 0
        """Where the count stood last, from the front and from the back: it seldom moves."""

    @property
    def is_full(self) -> bool:
        """True when it holds as much as memory allows."""
        return len(self._times) >= MOST_HEADS

    def read(self, start: bytes) -> Head:
        """Return the head in the bytes before the rest of a message.

        Raises what a decoder raises for bytes that are none, and `ValueError` for a time of another form.
        """
        times = self._times.get(start[: self._begins])
        sweep_id = self._sweep_ids.get(start[self._ends :])
        if times is None or sweep_id is None:
            self._find_count(start)
            times, sweep_id = self._times.get(start[: self._begins]), self._sweep_ids.get(start[self._ends :])
            if times is None or sweep_id is None:
                return self._decode(start)
        count = start[self._begins : self._ends]
        # digits as JSON writes them, and not too many
        if count.isdigit() and len(count) <= _LONGEST_COUNT and (count[0] != _ZERO or len(count) == 1):
            return (*times, int(count), sweep_id)
        return self._decode(start)

    def _find_count(self, start: bytes) -> None:
        self._begins = start.find(_COUNT_BEGINS) + len(_COUNT_BEGINS)
        self._ends = start.find(b",", self._begins) - len(start)

    def _decode(self, start: bytes) -> Head:
        if ESCAPED_NUL in start:
            raise ValueError("a text may hold U+0000")
        message = _decoder.decode(start + b"}")
        times = read_tick_ms(message.sampled_at), read_instant_ms(message.fetched_at)
        # another encoder's white space, order or escapes may stand between: only whole heads of ours are taken apart
        if _encoder.encode(message) == start + b"}":
            self._find_count(start)
            self._times[start[: self._begins]] = times
            self._sweep_ids[start[self._ends :]] = message.sweep_id
        return (*times, message.viewers, message.sweep_id)
