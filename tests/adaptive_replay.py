"""One Pacific day of a simulated world polled by id through the real poll, adaptively and uniformly, on equal units.

The full need is a question for every live broadcast at every tick. Hours watched are held against the world's exact
truth, peaks against what asking everybody at every tick would have shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from math import ceil

from tests.fakes.polling import MemoryCandidates
from tests.fakes.quota import PACIFIC, MemorySpendBook, make_quota

from airtide.domain.candidates import CandidateAnswer
from airtide.domain.cells import ObservedBroadcast, ViewerSample
from airtide.domain.clock import SetClock
from airtide.domain.models import Platform, Reject, Scope, Snapshot, Sweep
from airtide.domain.pacing import IDS_PER_CALL
from airtide.domain.pages import NOBODY, Page, Tally
from airtide.domain.periods import Period
from airtide.domain.quota import Bucket, BucketLimit, Call
from airtide.domain.viewership import measure
from airtide.pipeline.asking import Asking
from airtide.pipeline.poll import poll_platform
from airtide.platforms.quota import Quota
from airtide.platforms.youtube.client import CATEGORIES_EVERY_S
from airtide.simulators.world import World
from airtide.simulators.world.measure import Truth

SITE = Platform.YOUTUBE
DAY = Period(*(int(datetime(2026, 11, day, 8, tzinfo=UTC).timestamp()) * 1000 for day in (20, 21)))
"""From midnight to midnight of the Pacific coast."""
WARM_UP = timedelta(hours=3)
"""Polled before the day, so that it begins with volatilities known."""

RETRIED_EVERY = 100
"""One call in so many is made again, which costs a unit and brings nothing."""
RESERVE_SHARE = 0.05
"""As in service: what calls made again and names are paid from."""

Counts = Mapping[str, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDay:
    """What a world showed at every tick."""

    cadence_s: int
    ticks: Sequence[tuple[datetime, Counts]]
    """Viewers by broadcast; None where hidden."""
    truths: Mapping[str, Truth]
    full_need: int
    """Units that asking everybody at every tick of the day would cost, with all calls full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How one policy did."""

    units: int
    """Of all calls within the day: those by id, those made again, and the names of categories once an hour."""
    calls: int
    """Calls by id."""
    full_calls: int
    samples: int
    """Published within the day; what only ends a broadcast is none."""
    hours_error: float
    """Absolute errors of viewer-time over broadcasts, as a share of all viewer-time."""
    missed_peaks: float
    """What was missed of the peaks of the largest hundredth of broadcasts, as a share of them."""
    longest_silence_s: int


def record_day(seed: int, *, channels: int, cadence_s: int) -> RecordedDay:
    """Watch a world over the warm-up and the day."""
    world = World(seed, channels)
    begin_s, end_s = DAY.start_ms // 1000 - int(WARM_UP.total_seconds()), DAY.end_ms // 1000
    ticks = [
        (
            datetime.fromtimestamp(at_s, UTC),
            {live.broadcast.broadcast_id: live.viewers if live.known else None for live in world.live(SITE, at_s)},
        )
        for at_s in range(begin_s, end_s, cadence_s)
    ]
    truths = {one.broadcast.broadcast_id: one for one in world.truths(SITE, begin_s * 1000, DAY.end_ms, {})}
    inside = {one.broadcast.broadcast_id: one for one in world.truths(SITE, DAY.start_ms, DAY.end_ms, {})}
    asked = sum(len(counts) for tick, counts in ticks if DAY.holds(_to_ms(tick)))
    return RecordedDay(
        cadence_s=cadence_s, ticks=ticks, truths={**truths, **inside}, full_need=ceil(asked / IDS_PER_CALL)
    )


def replay(day: RecordedDay, *, units: int, is_adaptive: bool) -> Score:
    """Poll a recorded day with `units` for it; uniformly is the same planner without knowing any volatility."""
    clock = SetClock(day.ticks[0][0])
    book = MemorySpendBook()
    quota = make_quota(clock, book, {Bucket.YOUTUBE_UNITS: units})
    period = BucketLimit(units, "day", PACIFIC).find_period(clock.now())
    book.spent[Bucket.YOUTUBE_UNITS, period] = int(units * (1 - WARM_UP / timedelta(days=1)))
    candidates = MemoryCandidates() if is_adaptive else BlindCandidates()
    asking = Asking(candidates, partial(quota.read, Bucket.YOUTUBE_UNITS), reserve_share=RESERVE_SHARE)
    source, sink = RecordedSource(day, quota), SampleSink()
    for tick, counts in day.ticks:
        clock.set(tick)
        source.counts = counts
        candidates.add_ids(SITE, list(counts), found_at=tick)
        poll_platform(source, sink, clock, tick=tick, asking=asking)
    return _score(day, source, sink)


class BlindCandidates(MemoryCandidates):
    """Forgets how restless each broadcast is."""

    def note_answers(self, platform: Platform, *, asked_at: datetime, answers: Sequence[CandidateAnswer]) -> None:
        """Note the answers, all of them equally calm."""
        blind = [replace(one, motion=replace(one.motion, volatility=0.0)) for one in answers]
        super().note_answers(platform, asked_at=asked_at, answers=blind)


class RecordedSource:
    """A recorded day asked by id."""

    platform = SITE
    scope = Scope.BY_ID
    id_capacity = 100 * IDS_PER_CALL

    def __init__(self, day: RecordedDay, quota: Quota) -> None:
        self.cadence_s = day.cadence_s
        self.counts: Counts = {}
        self.calls: list[int] = []
        """Ids of each call made within the day."""
        self.units = 0
        """Spent within the day."""
        self._truths = day.truths
        self._quota = quota

    def read_pages(
        self, *, sweep_id: str, sampled_at: datetime, tally: Tally, asked: Mapping[str, int] = NOBODY
    ) -> Iterator[Page]:
        """Yield one page for every 50 ids."""
        ordered = list(asked)
        if asked and sampled_at.timestamp() % CATEGORIES_EVERY_S == 0:
            self._spend(tally, Call.VIDEO_CATEGORIES_LIST, sampled_at)
        for number, start in enumerate(range(0, len(ordered), IDS_PER_CALL), 1):
            ids = ordered[start : start + IDS_PER_CALL]
            self._spend(tally, Call.VIDEOS_LIST, sampled_at)
            if DAY.holds(_to_ms(sampled_at)):
                self.calls.append(len(ids))
                if len(self.calls) % RETRIED_EVERY == 0:
                    self._spend(tally, Call.VIDEOS_LIST, sampled_at)
            page = [self._observe(one, asked[one], sweep_id, sampled_at) for one in ids]
            yield Page(number=number, fetched_at=sampled_at, site_time=sampled_at, snapshots=page)

    def _spend(self, tally: Tally, call: Call, sampled_at: datetime) -> None:
        before = sum(tally.spend.values())
        self._quota.book(tally, Bucket.YOUTUBE_UNITS, call=call)()
        if DAY.holds(_to_ms(sampled_at)):
            self.units += sum(tally.spend.values()) - before

    def _observe(self, broadcast_id: str, promise_s: int, sweep_id: str, sampled_at: datetime) -> Snapshot:
        broadcast = self._truths[broadcast_id].broadcast
        is_live = broadcast_id in self.counts
        return Snapshot(
            platform=SITE,
            sweep_id=sweep_id,
            sampled_at=sampled_at,
            fetched_at=sampled_at,
            broadcast_id=broadcast_id,
            channel_id=broadcast.channel.channel_id,
            viewers=self.counts.get(broadcast_id),
            cadence_s=promise_s,
            started_at=datetime.fromtimestamp(broadcast.started_s, UTC),
            ended_at=None if is_live else datetime.fromtimestamp(broadcast.ended_s, UTC),
        )


@dataclass(slots=True)
class SampleSink:
    """Keeps what the arithmetic of a day needs of each snapshot."""

    samples: dict[str, list[ViewerSample]] = field(default_factory=lambda: defaultdict(list))
    ended: set[str] = field(default_factory=set)

    def publish_snapshots(self, platform: Platform, records: Sequence[Snapshot | Reject]) -> dict[int, int]:
        """Keep samples and ends."""
        for one in records:
            if not isinstance(one, Snapshot):
                raise TypeError(f"a recorded day has no rejects, but {one}")
            if one.ended_at is not None:
                self.ended.add(one.broadcast_id)
                continue
            sample = ViewerSample(sampled_at_ms=_to_ms(one.sampled_at), viewers=one.viewers, cadence_s=one.cadence_s)
            self.samples[one.broadcast_id].append(sample)
        return {0: len(records)}

    def publish_sweep(self, sweep: Sweep) -> None:
        """Nothing is kept of it."""


def _score(day: RecordedDay, source: RecordedSource, sink: SampleSink) -> Score:
    inside = {key: one for key, one in day.truths.items() if one.broadcast.ended_s * 1000 > DAY.start_ms}
    told = {key: measure(_observe_whole(key, one, sink), DAY) for key, one in inside.items() if key in sink.samples}
    wrong = sum(abs((told[key].viewer_ms if key in told else 0) - one.viewer_ms) for key, one in inside.items())
    peaks = _find_peaks(day)
    largest = sorted(peaks, key=lambda key: -peaks[key])[: max(len(peaks) // 100, 1)]
    seen = {key: told[key].peak_viewers or 0 for key in largest if key in told}
    gaps = [
        (later.sampled_at_ms - earlier.sampled_at_ms) // 1000
        for samples in sink.samples.values()
        for earlier, later in pairwise(samples)
    ]
    return Score(
        units=source.units,
        calls=len(source.calls),
        full_calls=source.calls.count(IDS_PER_CALL),
        samples=sum(DAY.holds(one.sampled_at_ms) for samples in sink.samples.values() for one in samples),
        hours_error=wrong / sum(one.viewer_ms for one in inside.values()),
        missed_peaks=sum(peaks[key] - seen.get(key, 0) for key in largest) / sum(peaks[key] for key in largest),
        longest_silence_s=max(gaps),
    )


def _observe_whole(key: str, truth: Truth, sink: SampleSink) -> ObservedBroadcast:
    return ObservedBroadcast(
        broadcast_key=1,
        channel_key=1,
        samples=tuple(sink.samples[key]),
        started_at_ms=truth.broadcast.started_s * 1000,
        ended_at_ms=truth.broadcast.ended_s * 1000 if key in sink.ended else None,
    )


def _find_peaks(day: RecordedDay) -> dict[str, int]:
    """Return the largest count of each broadcast at any tick of the day."""
    peaks: dict[str, int] = {}
    for tick, counts in day.ticks:
        if DAY.holds(_to_ms(tick)):
            for key, viewers in counts.items():
                peaks[key] = max(peaks.get(key, 0), viewers or 0)
    return peaks


def _to_ms(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000
