"""Makes taken pictures durable: what is new to the store is written, then the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from airtide.domain.clock import Clock
from airtide.domain.models import Platform
from airtide.domain.pictures import CapturedPicture, EncodedPicture, PictureRefusal
from airtide.pipeline.capturing import CaptureLimits, CaptureOutcome, Studio
from airtide.pipeline.taking import TakenPicture


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunPictures:
    """Pictures whose objects are being written; finish them in the order in which they were begun."""

    rows: Sequence[CapturedPicture]
    writing: Sequence[Future[str]]
    unchanged: int


class PictureKeeper:
    """Keeps what one run takes, some pictures at a time; adds to its outcome.

    While some are being written, the next ones can be begun.
    """

    def __init__(self, studio: Studio, clock: Clock, limits: CaptureLimits, outcome: CaptureOutcome) -> None:
        self._shelf = studio.shelf
        self._book = studio.book
        self._clock = clock
        self._limits = limits
        self._outcome = outcome
        # to write costs this process more time than to wait for the store: more threads get into each other's way
        self._pool = ThreadPoolExecutor(max(2, limits.at_once // 2), thread_name_prefix="uploads")
        self._writing: dict[str, Future[str]] = {}
        """What is being written, by object key."""

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)

    def begin(self, taken: Sequence[TakenPicture]) -> BegunPictures:
        """Claim the objects, and begin to write those that are not in the store."""
        captured = self._leave_placeholders([self._to_row(one) for one in taken])
        if not captured:
            return BegunPictures(rows=[], writing=[], unchanged=0)
        stored = self._book.claim({row.object_key: row.platform for row in captured}, now=self._clock.now())
        bodies = {one.encoded.sha256: one.encoded for one in taken if one.encoded is not None}
        # without a body and not in the store: given up since its host was asked; the next message asks for all of it
        there = [row for row in captured if row.object_key in stored or row.sha256 in bodies]
        return BegunPictures(
            rows=there,
            writing=self._upload([row for row in there if row.object_key not in stored], bodies),
            unchanged=sum(row.sha256 not in bodies for row in there),
        )

    def finish(self, begun: BegunPictures) -> None:
        """Note the rows once all objects are in the store.

        When it raises, some objects may be in the store without a row; retention removes them.
        """
        if not begun.rows:
            return
        for writing in begun.writing:
            self._writing.pop(writing.result(), None)
        self._outcome.rows += self._book.note(begun.rows, every=self._limits.every)
        self._outcome.pictures.update(row.platform for row in begun.rows)
        self._outcome.unchanged += begun.unchanged
        for platform, own in _by_platform(begun.rows).items():
            self._outcome.placeholders += self._book.learn_placeholders(
                platform,
                {row.sha256 for row in own},
                channels=self._limits.placeholder_channels,
                now=self._clock.now(),
            )

    def _leave_placeholders(self, rows: Sequence[CapturedPicture]) -> list[CapturedPicture]:
        kept: list[CapturedPicture] = []
        for platform, own in _by_platform(rows).items():
            known = self._book.find_placeholders(platform, {row.sha256 for row in own})
            kept += [row for row in own if row.sha256 not in known]
        self._outcome.refused[PictureRefusal.PLACEHOLDER] += len(rows) - len(kept)
        return kept

    def _upload(self, rows: Sequence[CapturedPicture], bodies: Mapping[str, EncodedPicture]) -> list[Future[str]]:
        """Begin to write objects, each once, and return whatever is writing them, be it begun before."""
        for row in rows:
            if row.object_key not in self._writing:
                self._outcome.uploads += 1
                self._writing[row.object_key] = self._pool.submit(self._shelf.put, row.platform, bodies[row.sha256])
        return [self._writing[key] for key in {row.object_key for row in rows}]

    def _to_row(self, taken: TakenPicture) -> CapturedPicture:
        wish, fetched, encoded, last = taken.due.wish, taken.fetched, taken.encoded, taken.due.last
        if encoded is None and last is not None:
            return replace(last, channel_key=wish.channel_key, captured_at=fetched.fetched_at)
        if encoded is None:
            raise ValueError(f"nothing came of {wish}, and nothing is known of it")
        return CapturedPicture(
            platform=wish.platform,
            broadcast_key=wish.broadcast_key,
            channel_key=wish.channel_key,
            captured_at=fetched.fetched_at,
            sha256=encoded.sha256,
            object_key=self._shelf.object_key(wish.platform, encoded.sha256),
            bytes=len(encoded.body),
            width=encoded.width,
            height=encoded.height,
            picture_url=wish.picture_url,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
        )


def _by_platform(rows: Sequence[CapturedPicture]) -> dict[Platform, list[CapturedPicture]]:
    own: dict[Platform, list[CapturedPicture]] = {}
    for row in rows:
        own.setdefault(row.platform, []).append(row)
    return own
