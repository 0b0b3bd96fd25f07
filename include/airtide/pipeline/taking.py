"""Takes pictures in threads: each site in lanes of its own, so that a slow host delays only its own pictures."""

from __future__ import annotations

import logging
import sys
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from queue import Empty, Full, Queue
from threading import Event, Lock

from airtide.domain.clock import Clock
from airtide.domain.models import Platform
from airtide.domain.pictures import (
    CapturedPicture,
    EncodedPicture,
    FetchedPicture,
    PictureRefusal,
    PictureRefused,
    PictureWish,
)
from airtide.pipeline.picture_ports import PictureCodec, PictureSource

logger = logging.getLogger(__name__)

MOST_FAILURES = 5
"""Pictures in a row that a site's hosts fail to send before they are left alone for the rest of the run."""
_HOST_FAILED = (PictureRefusal.TOO_SLOW, PictureRefusal.UNREACHABLE, PictureRefusal.BUSY)
_WAITING = 64
"""Pictures that are taken ahead of whoever keeps them."""
_LOOK_S = 0.5
_TURN_S = 0.001
"""After which a thread lets others go on: whoever has just got an answer waits for it after every call of a socket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePicture:
    """A picture to be taken, and the one that its broadcast has."""

    wish: PictureWish
    last: CapturedPicture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenPicture:
    """One that was due, as it came."""

    due: DuePicture
    fetched: FetchedPicture
    """Without its body."""
    encoded: EncodedPicture | None
    """None when its host says that the last one has not changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedPicture:
    """One that was due and is not taken."""

    due: DuePicture
    refusal: PictureRefusal


CameOf = TakenPicture | RefusedPicture


class PictureTaker:
    """Fetches and encodes for one run; remembers which sites' hosts fail."""

    def __init__(self, source: PictureSource, codec: PictureCodec, clock: Clock, *, at_once: int) -> None:
        self._source = source
        self._codec = codec
        self._clock = clock
        self._at_once = at_once
        self._failures: Counter[Platform] = Counter()
        self._lock = Lock()
        self.left: set[Platform] = set()
        """Sites whose hosts failed too often."""

    def take(self, due: Sequence[DuePicture], *, until: datetime) -> Generator[CameOf | None]:
        """Yield what came of each, as it comes, and None whenever nothing came for a moment.

        None is begun after `until`, and none of a site whose hosts were left: of these nothing is yielded. Close the
        iterator when it is not read to its end.
        """
        waiting: dict[Platform, deque[DuePicture]] = {}
        for one in due:
            waiting.setdefault(one.wish.platform, deque()).append(one)
        if not waiting:
            return
        lanes = [own for own in waiting.values() for _ in range(max(1, self._at_once // len(waiting)))]
        results: Queue[CameOf | None] = Queue(_WAITING)
        stopped = Event()
        with _short_turns(), ThreadPoolExecutor(len(lanes), thread_name_prefix="pictures") as pool:
            working = [pool.submit(self._work, own, results, until, stopped) for own in lanes]
            try:
                ended = 0
                while ended < len(working):
                    try:
                        came = results.get(timeout=_LOOK_S)
                    except Empty:
                        yield None
                        continue
                    if came is None:
                        ended += 1
                    else:
                        yield came
                for lane in working:
                    lane.result()
            finally:
                stopped.set()

    def _work(self, waiting: deque[DuePicture], results: Queue[CameOf | None], until: datetime, stopped: Event) -> None:
        """Take one after the other; the last that comes is None."""
        try:
            while waiting and self._clock.now() < until and not stopped.is_set():
                try:
                    due = waiting.popleft()
                except IndexError:  # another lane was faster
                    break
                if due.wish.platform in self.left:
                    break
                _put(results, self._take(due), stopped)
        finally:
            _put(results, None, stopped)

    def _take(self, due: DuePicture) -> CameOf:
        platform = due.wish.platform
        try:
            fetched = self._source.fetch(platform, due.wish.picture_url, due.last, at=self._clock.now())
            self._note(platform, has_failed=False)
            if fetched.body is None and due.last is None:
                raise PictureRefused(PictureRefusal.STATUS, "not changed, where none was known")
            encoded = None if fetched.body is None else self._codec.encode(fetched.body)
        except PictureRefused as refused:
            logger.debug("refused platform=%s: %s", platform, refused)
            self._note(platform, has_failed=refused.refusal in _HOST_FAILED)
            return RefusedPicture(due=due, refusal=refused.refusal)
        # what came is of no more use, and may be large
        return TakenPicture(due=due, fetched=replace(fetched, body=None), encoded=encoded)

    def _note(self, platform: Platform, *, has_failed: bool) -> None:
        with self._lock:
            self._failures[platform] = self._failures[platform] + 1 if has_failed else 0
            if self._failures[platform] >= MOST_FAILURES and platform not in self.left:
                self.left.add(platform)
                logger.warning("left platform=%s: its hosts failed %s times in a row", platform, MOST_FAILURES)


@contextmanager
def _short_turns() -> Iterator[None]:
    """Let the threads of this process take shorter turns than the interpreter's own of 5 ms; one run at a time."""
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before_s)


def _put(results: Queue[CameOf | None], came: CameOf | None, stopped: Event) -> None:
    while not stopped.is_set():
        try:
            results.put(came, timeout=_LOOK_S)
        except Full:
            continue
        return
