"""Makes taken pictures durable: what is new to the store is written, then the rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from airtide.domain.clock import Clock
from airtide.domain.models import Platform
from airtide.domain.pictures import CapturedPicture, EncodedPicture, PictureRefusal
from airtide.pipeline.capturing import CaptureLimits, CaptureOutcome, Studio
from airtide.pipeline.taking import TakenPicture


class PictureKeeper:
    """Keeps what one run takes, some pictures at a time; adds to its outcome."""

    def __init__(self, studio: Studio, clock: Clock, limits: CaptureLimits, outcome: CaptureOutcome) -> None:
        self._shelf = studio.shelf
        self._book = studio.book
        self._clock = clock
        self._limits = limits
        self._outcome = outcome
        self._pool = ThreadPoolExecutor(limits.at_once, thread_name_prefix="uploads")

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)

    def keep(self, taken: Sequence[TakenPicture]) -> None:
        """Claim the objects, write those that are not in the store, and note the rows of all.

        When it raises, some objects may be in the store without a row; retention removes them.
        """
        captured = self._leave_placeholders([self._to_row(one) for one in taken])
        if not captured:
            return
        stored = self._book.claim({row.object_key: row.platform for row in captured}, now=self._clock.now())
        bodies = {one.encoded.sha256: one.encoded for one in taken if one.encoded is not None}
        # without a body and not in the store: given up since its host was asked; the next message asks for all of it
        there = [row for row in captured if row.object_key in stored or row.sha256 in bodies]
        self._upload(there, bodies, stored)
        self._outcome.rows += self._book.note(there, every=self._limits.every)
        self._outcome.pictures.update(row.platform for row in there)
        self._outcome.unchanged += sum(row.sha256 not in bodies for row in there)
        for platform, own in _by_platform(there).items():
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

    def _upload(
        self, rows: Sequence[CapturedPicture], bodies: Mapping[str, EncodedPicture], stored: Collection[str]
    ) -> None:
        wanted = {row.object_key: row for row in rows if row.object_key not in stored}
        self._outcome.uploads += len(wanted)
        for _ in self._pool.map(lambda row: self._shelf.put(row.platform, bodies[row.sha256]), wanted.values()):
            pass

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
