"""Takes the pictures that messages ask for: one run of one member of the group, until it has caught up.

Whatever ends it, nothing is lost: a message is committed once the picture of its broadcast and the row of it are
durable, or it is known that it needs none. It needs none when it is stale (the host shows another time by now), when
its broadcast has got one lately, and when its picture was refused: the broadcast's next message asks for it again. What
the run did not come to stays uncommitted and is read again, so does all of a site whose hosts fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from itertools import chain

from airtide.domain.clock import Clock
from airtide.domain.pictures import CapturedPicture, PictureWish
from airtide.pipeline.capturing import CaptureLimits, CaptureOutcome, CaptureStatus, Studio
from airtide.pipeline.picture_keeping import PictureKeeper
from airtide.pipeline.picture_ports import WishBatch, WishFeed
from airtide.pipeline.taking import CameOf, DuePicture, PictureTaker, RefusedPicture, TakenPicture

MOST_AHEAD = timedelta(minutes=5)
"""A message from farther in the future than this is none that will land."""
WAIT_S = 15.0
"""How long a run waits for messages: longer than a member that was killed keeps its partitions."""
_SLICE = 5_000
_KEPT_AT_ONCE = 64
_KEPT_EVERY = timedelta(seconds=5)


def capture_pictures(feed: WishFeed, studio: Studio, clock: Clock, limits: CaptureLimits) -> CaptureOutcome:
    """Take what is due of the messages that wait; the newest messages of those read together come first.

    Raises `PartUnreachable` and its like when broker, warehouse or store fail: what is durable by then stays committed.
    """
    run = _Run(studio, clock, limits)
    status = CaptureStatus.BUDGET_SPENT
    while clock.now() < run.until:
        batch = feed.read(limits.broadcasts, WAIT_S)
        if not run.work(batch):
            run.outcome.fenced += 1
        elif clock.now() < run.until and (batch.is_caught_up or not batch.messages):
            status = CaptureStatus.CAUGHT_UP if batch.is_caught_up else CaptureStatus.NOTHING_CAME
            break
    return run.end(status)


class _Run:
    def __init__(self, studio: Studio, clock: Clock, limits: CaptureLimits) -> None:
        self.until = clock.now() + limits.budget
        self.outcome = CaptureOutcome()
        self._studio = studio
        self._clock = clock
        self._limits = limits
        self._taker = PictureTaker(studio.source, studio.codec, clock, at_once=limits.at_once)

    def work(self, batch: WishBatch) -> bool:
        """Take the pictures of a batch; False when it is no longer this member's."""
        self.outcome.messages += batch.messages
        due, done = self._sort_out(batch.wishes)
        if not batch.commit(done):
            return False
        keeper = PictureKeeper(self._studio, self._clock, self._limits, self.outcome)
        with closing(keeper), closing(self._taker.take(due, until=self.until)) as coming:
            before: Sequence[CameOf] = []
            begun = keeper.begin([])
            # one more, of nothing: what was begun last has to be finished as well
            for came in chain(self._gather(coming), [[]]):
                next_begun = keeper.begin([one for one in came if isinstance(one, TakenPicture)])
                keeper.finish(begun)
                self.outcome.refused.update(one.refusal for one in before if isinstance(one, RefusedPicture))
                done.update(one.due.wish.broadcast_key for one in before)
                if not batch.commit(done):
                    keeper.finish(next_begun)  # taken is taken: whoever reads its message again finds it not due
                    return False
                before, begun = came, next_begun
        return True

    def end(self, status: CaptureStatus) -> CaptureOutcome:
        """Return what came of it."""
        self.outcome.status = status
        self.outcome.left = sorted(self._taker.left)
        return self.outcome

    def _sort_out(self, wishes: Sequence[PictureWish]) -> tuple[list[DuePicture], set[int]]:
        """Return the pictures to take, in the order of the wishes, and the broadcasts that need none."""
        now = self._clock.now()
        fresh = [one for one in wishes if now - self._limits.stale_after <= one.sampled_at <= now + MOST_AHEAD]
        due: list[DuePicture] = []
        for first in range(0, len(fresh), _SLICE):
            part = fresh[first : first + _SLICE]
            last = self._studio.book.read_last([one.broadcast_key for one in part])
            due += self._find_due(part, last, now)
        self.outcome.wishes += len(wishes)
        self.outcome.stale += len(wishes) - len(fresh)
        self.outcome.not_due += len(fresh) - len(due)
        needed = {one.wish.broadcast_key for one in due}
        return due, {one.broadcast_key for one in wishes} - needed

    def _find_due(
        self, wishes: Sequence[PictureWish], last: Mapping[int, CapturedPicture], now: datetime
    ) -> Iterator[DuePicture]:
        for wish in wishes:
            newest = last.get(wish.broadcast_key)
            if newest is None or newest.is_due(self._limits.every[wish.platform], now):
                yield DuePicture(wish=wish, last=newest)

    def _gather(self, coming: Iterator[CameOf | None]) -> Iterator[list[CameOf]]:
        """Yield what came some at a time; where nothing comes, what there is after a while, be it nothing."""
        gathered: list[CameOf] = []
        since = self._clock.now()
        for came in coming:
            if came is not None:
                gathered.append(came)
            if len(gathered) >= _KEPT_AT_ONCE or self._clock.now() - since >= _KEPT_EVERY:
                yield gathered
                gathered, since = [], self._clock.now()
        yield gathered
