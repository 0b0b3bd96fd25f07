"""Messages that ask for pictures, gathered until they are worked off: the newest of each broadcast, and its first.

Only what a picture needs is decoded. What does not decode, or was refused by a parser, asks for none: landing makes a
dead letter of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

from airtide.bus.instants import read_tick_ms, to_datetime
from airtide.bus.messages import Count, Id, Instant, Tick
from airtide.bus.reading import Delivered, Place
from airtide.bus.records import NOT_JSON, REJECT_HEADER
from airtide.domain.keys import hash_id
from airtide.domain.models import Platform
from airtide.domain.pictures import PictureWish


class PictureMessage(Struct, frozen=True, gc=False):
    """Those fields of a snapshot that its picture depends on."""

    v: Literal[1]
    sampled_at: Tick
    platform: Platform
    broadcast_id: Id
    channel_id: Id
    viewers: Count | None = None
    ended_at: Instant | None = None
    thumbnail_url: str | None = None


_decoder = msgspec.json.Decoder(PictureMessage)
_UNREADABLE = (msgspec.ValidationError, *NOT_JSON, ValueError)


@dataclass(slots=True)
class PlaceRead:
    """What was read of one topic partition."""

    assignment: int
    """As which the member owned it then."""
    start: int
    end: int
    """The next offset to read."""
    firsts: list[tuple[int, int]] = field(default_factory=list)
    """Where each broadcast that asks for a picture began: offset and broadcast key."""
    passed: int = 0
    """How many of them are done."""

    def find_done(self, waiting: Collection[int]) -> int:
        """Return the offset of the first message of a broadcast that waits; the end when none does."""
        while self.passed < len(self.firsts) and self.firsts[self.passed][1] not in waiting:
            self.passed += 1
        return self.firsts[self.passed][0] if self.passed < len(self.firsts) else self.end


class _Newest(NamedTuple):
    sampled_ms: int
    message: PictureMessage


class Gathering:
    """What one read has found so far. Its size goes by the broadcasts that it names, not by the messages."""

    def __init__(self, platforms: Mapping[str, Platform]) -> None:
        """`platforms` says of which platform each topic tells."""
        self._platforms = platforms
        self.places: dict[Place, PlaceRead] = {}
        self.messages = 0
        self._newest: dict[int, _Newest] = {}
        self._seen: set[tuple[Place, int]] = set()
        self._keys: dict[tuple[Platform, str], int] = {}
        """Keys of broadcasts, each hashed once: most messages name one that was named before."""

    def __len__(self) -> int:
        """Return how many broadcasts were found, each once for every partition that names it."""
        return len(self._seen)

    def take(self, message: Delivered, assignment: int) -> None:
        """Note a message, or that a partition has no more of them."""
        place, offset = (message.topic(), message.partition()), message.offset()
        read = self.places.get(place)
        if read is None or read.assignment != assignment:
            read = self.places[place] = PlaceRead(assignment, offset, offset)
        if message.error() is not None:  # the end of the partition: markers of transactions may lie before it
            read.end = max(read.end, offset)
            return
        read.end = offset + 1
        self.messages += 1
        key = self._find(message)
        if key is not None and (place, key) not in self._seen:
            self._seen.add((place, key))
            read.firsts.append((offset, key))

    def wishes(self) -> list[PictureWish]:
        """Return the broadcasts that were live when last heard of: newest first, of one tick the most watched."""
        live = [(key, newest) for key, newest in self._newest.items() if newest.message.ended_at is None]
        live.sort(key=lambda found: (found[1].sampled_ms, found[1].message.viewers or 0), reverse=True)
        return [_to_wish(key, newest) for key, newest in live]

    def _find(self, message: Delivered) -> int | None:
        """Return the key of the broadcast whose picture a message asks for, or whose end it tells."""
        value = message.value()
        if value is None:
            return None
        try:
            found = _decoder.decode(value)
            newest = _Newest(read_tick_ms(found.sampled_at), found)
        except _UNREADABLE:
            return None
        # its own platform may be one whose pictures are not captured
        if found.platform is not self._platforms[message.topic()]:
            return None
        if (found.thumbnail_url is None and found.ended_at is None) or _is_refused(message):
            return None
        named = (found.platform, found.broadcast_id)
        key = self._keys.get(named)
        if key is None:
            key = self._keys[named] = hash_id(*named)
        before = self._newest.get(key)
        if before is None or before.sampled_ms <= newest.sampled_ms:
            self._newest[key] = newest
        return key


def _is_refused(message: Delivered) -> bool:
    return any(name == REJECT_HEADER for name, _ in message.headers() or ())


def _to_wish(key: int, newest: _Newest) -> PictureWish:
    message = newest.message
    return PictureWish(
        platform=message.platform,
        broadcast_key=key,
        channel_key=hash_id(message.platform, message.channel_id),
        sampled_at=to_datetime(newest.sampled_ms),
        viewers=message.viewers,
        picture_url=message.thumbnail_url or "",
    )
