"""What capturing pictures needs of the outside, as protocols like those of `ports`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from airtide.domain.lags import CaptureFigures
from airtide.domain.models import Platform
from airtide.domain.pictures import CapturedPicture, EncodedPicture, FetchedPicture, LastPicture, PictureWish
from airtide.domain.retention import FoundPicture


class WishBatch(Protocol):
    """Messages that were read together, as wishes; none of them is committed yet."""

    wishes: Sequence[PictureWish]
    """The newest of each broadcast that a message showed live, the newest first."""
    messages: int
    """How many messages were read."""

    @property
    def is_caught_up(self) -> bool:
        """Tell whether nothing more was waiting."""
        ...

    def commit(self, done: Collection[int]) -> bool:
        """Commit the messages before the first one whose broadcast key is not in `done`, of every partition.

        Called again with more of them, it goes on; each call also keeps the membership alive. What is still not done
        when the next batch is read is left to another run: its partitions are read no further.

        False, and nothing done, when a partition has gone to another member of the group meanwhile: what was not
        committed before is read again, by whoever owns its partition then.
        """
        ...


class WishFeed(Protocol):
    """The snapshots topics, read as one member of a consumer group."""

    def read(self, most: int, within_s: float) -> WishBatch:
        """Return what waits, however many messages, until they name `most` broadcasts; an empty batch when none came.

        `within_s` bounds how long nothing comes, where the end of what waits is not known.

        Raises `PartUnreachable` when the broker does not answer.
        """
        ...


class PictureSource(Protocol):
    """The picture hosts of the sites. Safe for several threads at once."""

    def fetch(self, platform: Platform, picture_url: str, last: LastPicture | None, *, at: datetime) -> FetchedPicture:
        """Return what the host sends for an address; asks only for what has changed since `last`.

        Raises `PictureRefused`, never anything else that a host can cause. `at` moves the clock of simulated hosts.
        """
        ...


class PictureCodec(Protocol):
    """Makes what came into what is kept. Safe for several threads at once."""

    def encode(self, body: bytes) -> EncodedPicture:
        """Decode within bounds, strip, and encode again; raises `PictureRefused`."""
        ...


class PictureShelf(Protocol):
    """The object store's side of pictures. Safe for several threads at once."""

    def object_key(self, platform: Platform, sha256: str) -> str:
        """Return the name under which a picture lies."""
        ...

    def put(self, platform: Platform, picture: EncodedPicture) -> str:
        """Write a picture unless it is there; return its object's key."""
        ...


class PictureBook(Protocol):
    """The warehouse's side of pictures."""

    def read_last(self, broadcast_keys: Sequence[int]) -> Mapping[int, CapturedPicture]:
        """Return the newest picture of each broadcast that has one."""
        ...

    def find_placeholders(self, platform: Platform, sha256s: Collection[str]) -> Collection[str]:
        """Return those that are known to stand for no picture."""
        ...

    def claim(self, object_keys: Mapping[str, Platform], *, now: datetime) -> Collection[str]:
        """Keep objects from being removed; return those that are in the store already and need no writing."""
        ...

    def note(self, captured: Sequence[CapturedPicture], *, every: Mapping[Platform, timedelta]) -> int:
        """Write rows of pictures whose objects are in the store, in one transaction; return how many were new.

        A broadcast that got another picture less than `every` before keeps that one: so two members of the group that
        take the same message write one row. Neither a placeholder gets a row, nor what is condemned meanwhile.
        """
        ...

    def learn_placeholders(self, platform: Platform, sha256s: Collection[str], *, channels: int, now: datetime) -> int:
        """Know those that so many channels have for placeholders, and delete their rows; return how many are new."""
        ...


class CaptureBook(Protocol):
    """Where it stands how capturing pictures went."""

    def note_capture(self, figures: CaptureFigures) -> None:
        """Put the figures on record: an error stands there until a run ends without one."""
        ...


class PictureAges(Protocol):
    """The rows of pictures, and the objects that they need."""

    def delete_rows(self, platform: Platform, *, now: datetime) -> int:
        """Delete rows older than the platform's picture age; return how many."""
        ...

    def count_expired(self, platform: Platform, *, now: datetime) -> tuple[int, int]:
        """Return how many rows and how many objects the other calls would remove; reads only."""
        ...

    def condemn(self, platform: Platform, *, now: datetime) -> int:
        """Mark objects that no row has needed for a while; return how many."""
        ...

    def find_unlisted(self, object_keys: Sequence[str]) -> Collection[str]:
        """Return those that nobody has claimed."""
        ...

    def condemn_loose(self, platform: Platform, object_keys: Sequence[str], *, now: datetime) -> int:
        """Enter unlisted objects as condemned, unless somebody claims them meanwhile; return how many."""
        ...

    def list_stored(self, platform: Platform, *, now: datetime) -> Iterator[str]:
        """Yield, by key, the objects that are said to have been in the store for a while."""
        ...

    def note_lost(self, object_keys: Sequence[str], *, now: datetime) -> int:
        """Trust no longer that objects are in the store: who claims one writes it again; return how many.

        What was written again meanwhile is left as it is.
        """
        ...

    def remove_condemned(self, platform: Platform, *, most: int) -> AbstractContextManager[Sequence[str]]:
        """Give objects to remove from the store; nobody claims them meanwhile.

        Their rows go when the block ends well, and stay when it does not.
        """
        ...


class StoredPictures(Protocol):
    """The pictures that the object store really holds."""

    def list_pictures(self, platform: Platform) -> Iterator[FoundPicture]:
        """Yield the objects of a platform by key, whether or not a row lists them."""
        ...

    def remove(self, object_key: str) -> None:
        """Remove an object; nothing happens when there is none."""
        ...
