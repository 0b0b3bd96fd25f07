"""Pictures in memory: hosts, a codec, a shelf, the book of rows and a feed, held by the contract suites."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256 as hash_bytes

from tests.fakes.observations import TICK

from airtide.domain.clock import Clock
from airtide.domain.errors import PartUnreachable
from airtide.domain.models import Platform
from airtide.domain.pictures import (
    CapturedPicture,
    EncodedPicture,
    FetchedPicture,
    LastPicture,
    PictureRefusal,
    PictureRefused,
    PictureWish,
)
from airtide.domain.retention import FoundPicture
from airtide.warehouse.picture_ages import CLAIMED_FOR


def make_wish(key: int = 1, **values: object) -> PictureWish:
    """Return a wish of CHZZK of a broadcast whose key is also its channel's."""
    given: dict[str, object] = {
        "platform": Platform.CHZZK,
        "broadcast_key": key,
        "channel_key": key,
        "sampled_at": TICK,
        "viewers": 10,
        "picture_url": f"https://pictures.example/{key}",
    }
    return PictureWish(**(given | values))


class DrawnPictures:
    """A `PictureSource` that sends what `pages` says of an address: bytes, or the refusal to raise."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.pages: dict[str, bytes | PictureRefusal] = {}
        self.asked: list[str] = []

    def fetch(self, platform: Platform, picture_url: str, last: LastPicture | None, *, at: datetime) -> FetchedPicture:
        with self._lock:
            self.asked.append(picture_url)
        page = self.pages.get(picture_url, picture_url.encode())
        if isinstance(page, PictureRefusal):
            raise PictureRefused(page, f"{picture_url}: {page}")
        etag = hash_bytes(page).hexdigest()[:8]
        is_same = last is not None and last.etag == etag and last.picture_url == picture_url
        return FetchedPicture(body=None if is_same else page, fetched_at=at, etag=etag)


class PlainCodec:
    """A `PictureCodec` that keeps bytes as they come, and refuses those that begin with `bad`."""

    def encode(self, body: bytes) -> EncodedPicture:
        if body.startswith(b"bad"):
            raise PictureRefused(PictureRefusal.NO_PICTURE, "no picture")
        return EncodedPicture(body=body, sha256=hash_bytes(body).hexdigest(), width=16, height=9)


@dataclass
class MemoryShelf:
    """A `PictureShelf`, and the `StoredPictures` of it. Set `is_down` and nothing answers any more."""

    objects: dict[str, bytes] = field(default_factory=dict)
    written_at: dict[str, datetime] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)
    now: datetime | None = None
    is_down: bool = False

    def object_key(self, platform: Platform, sha256: str) -> str:
        return f"thumbnails/{platform}/{sha256[:2]}/{sha256}.webp"

    def put(self, platform: Platform, picture: EncodedPicture) -> str:
        if self.is_down:
            raise PartUnreachable("the store in memory is down")
        key = self.object_key(platform, picture.sha256)
        self.uploads.append(key)
        self.objects.setdefault(key, picture.body)
        if self.now is not None:
            self.written_at.setdefault(key, self.now)
        return key

    def remove(self, object_key: str) -> None:
        if self.is_down:
            raise PartUnreachable("the store in memory is down")
        self.objects.pop(object_key, None)

    def list_pictures(self, platform: Platform) -> Iterator[FoundPicture]:
        for key in sorted(self.objects):
            if key.startswith(f"thumbnails/{platform}/"):
                yield FoundPicture(object_key=key, written_at=self.written_at[key])


@dataclass
class PictureObject:
    """One object's row."""

    platform: Platform
    claimed_at: datetime
    stored_at: datetime | None = None
    condemned: bool = False


class MemoryPictures:
    """A `PictureBook` and the `PictureAges` of the same rows, as the warehouse keeps them."""

    def __init__(self, picture_age: timedelta = timedelta(days=30)) -> None:
        self.picture_age = picture_age
        self.rows: list[CapturedPicture] = []
        self.objects: dict[str, PictureObject] = {}
        self.placeholders: set[tuple[Platform, str]] = set()
        self.is_down = False

    def read_last(self, broadcast_keys: Sequence[int]) -> Mapping[int, CapturedPicture]:
        self._answer()
        wanted = set(broadcast_keys)
        return {
            row.broadcast_key: row
            if self.objects[row.object_key].stored_at is not None
            else replace(row, etag=None, last_modified=None)
            for row in sorted(self.rows, key=lambda row: row.captured_at)
            if row.broadcast_key in wanted
        }

    def find_placeholders(self, platform: Platform, sha256s: Collection[str]) -> Collection[str]:
        self._answer()
        return {sha256 for sha256 in sha256s if (platform, sha256) in self.placeholders}

    def claim(self, object_keys: Mapping[str, Platform], *, now: datetime) -> Collection[str]:
        self._answer()
        for key, platform in object_keys.items():
            claimed = self.objects.setdefault(key, PictureObject(platform, now))
            claimed.claimed_at, claimed.condemned = max(now, claimed.claimed_at), False
        return {key for key in object_keys if self.objects[key].stored_at is not None}

    def note(self, captured: Sequence[CapturedPicture], *, every: Mapping[Platform, timedelta]) -> int:
        self._answer()
        before = list(self.rows)
        for one in captured:
            kept = self.objects.get(one.object_key)
            if kept is None or kept.condemned:
                continue
            kept.stored_at = kept.stored_at or one.captured_at
            near = any(
                other.broadcast_key == one.broadcast_key
                and (abs(other.captured_at - one.captured_at) < every[one.platform])
                for other in before
            )
            if not near and (one.platform, one.sha256) not in self.placeholders:
                self.rows.append(replace(one))
        return len(self.rows) - len(before)

    def learn_placeholders(self, platform: Platform, sha256s: Collection[str], *, channels: int, now: datetime) -> int:
        self._answer()
        learned = set()
        for sha256 in sha256s:
            seen_on = {row.channel_key for row in self.rows if (row.platform, row.sha256) == (platform, sha256)}
            if len(seen_on) >= channels and (platform, sha256) not in self.placeholders:
                learned.add((platform, sha256))
        self.placeholders |= learned
        self.rows = [row for row in self.rows if (row.platform, row.sha256) not in learned]
        return len(learned)

    def delete_rows(self, platform: Platform, *, now: datetime) -> int:
        old = [row for row in self.rows if row.platform is platform and row.captured_at < now - self.picture_age]
        self.rows = [row for row in self.rows if row not in old]
        return len(old)

    def count_expired(self, platform: Platform, *, now: datetime) -> tuple[int, int]:
        young = [row for row in self.rows if row.captured_at >= now - self.picture_age]
        old = sum(row.platform is platform for row in self.rows) - sum(row.platform is platform for row in young)
        needed = {row.object_key for row in young}
        objects = [
            key
            for key, one in self.objects.items()
            if one.platform is platform and key not in needed and (one.condemned or self._is_free(one, now))
        ]
        return old, len(objects)

    def condemn(self, platform: Platform, *, now: datetime) -> int:
        needed = {row.object_key for row in self.rows}
        condemned = [
            one
            for key, one in self.objects.items()
            if one.platform is platform and not one.condemned and key not in needed and self._is_free(one, now)
        ]
        for one in condemned:
            one.condemned, one.stored_at = True, None
        return len(condemned)

    def find_unlisted(self, object_keys: Sequence[str]) -> Collection[str]:
        return [key for key in object_keys if key not in self.objects]

    def condemn_loose(self, platform: Platform, object_keys: Sequence[str], *, now: datetime) -> int:
        fresh = [key for key in object_keys if key not in self.objects]
        self.objects |= {key: PictureObject(platform, now, condemned=True) for key in fresh}
        return len(fresh)

    def list_stored(self, platform: Platform, *, now: datetime) -> Iterator[str]:
        for key, one in sorted(self.objects.items()):
            if one.platform is platform and self._was_stored(one, now):
                yield key

    def note_lost(self, object_keys: Sequence[str], *, now: datetime) -> int:
        lost = [one for key in object_keys if self._was_stored(one := self.objects[key], now)]
        for one in lost:
            one.stored_at = None
        return len(lost)

    @contextmanager
    def remove_condemned(self, platform: Platform, *, most: int) -> Iterator[Sequence[str]]:
        keys = [key for key, one in sorted(self.objects.items()) if one.platform is platform and one.condemned][:most]
        yield keys
        for key in keys:
            del self.objects[key]

    def _was_stored(self, one: PictureObject, now: datetime) -> bool:
        return one.stored_at is not None and one.stored_at <= now - CLAIMED_FOR

    def _is_free(self, one: PictureObject, now: datetime) -> bool:
        return one.claimed_at <= now - CLAIMED_FOR

    def _answer(self) -> None:
        if self.is_down:
            raise PartUnreachable("the warehouse in memory is down")


class MemoryBatch:
    """A `WishBatch` of one partition; refuses to be committed once the feed says that it was lost."""

    def __init__(self, feed: MemoryFeed, read: Sequence[PictureWish | None], start: int, *, is_caught_up: bool) -> None:
        self._feed = feed
        self._read = read
        self._start = start
        newest = {one.broadcast_key: one for one in sorted(filter(None, read), key=lambda one: one.sampled_at)}
        self.wishes = sorted(newest.values(), key=lambda one: one.sampled_at, reverse=True)
        self.messages = len(read)
        self.is_caught_up = is_caught_up

    def commit(self, done: Collection[int]) -> bool:
        self._feed.commits += 1
        if self._feed.commits in self._feed.lost_at:
            self._feed.position = self._feed.committed
            return False
        undone = [place for place, one in enumerate(self._read) if one is not None and one.broadcast_key not in done]
        self._feed.committed = self._start + (undone[0] if undone else len(self._read))
        return True


@dataclass
class MemoryFeed:
    """A `WishFeed` over a list of messages; None is one that asks for nothing."""

    messages: list[PictureWish | None] = field(default_factory=list)
    committed: int = 0
    position: int = 0
    lost_at: Collection[int] = ()
    """The calls of commit, from 1 on, before which the partition goes away and comes back."""
    commits: int = 0
    is_down: bool = False

    def read(self, most: int, within_s: float) -> MemoryBatch:
        if self.is_down:
            raise PartUnreachable("Kafka in memory is down")
        start, named = self.position, set[int]()
        for wish in self.messages[start:]:
            if len(named) == most:
                break
            self.position += 1
            named |= set() if wish is None else {wish.broadcast_key}
        read = self.messages[start : self.position]
        return MemoryBatch(self, read, start, is_caught_up=self.position == len(self.messages))
