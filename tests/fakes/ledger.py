"""The warehouse side of landing in memory, by the plainest code that keeps the port's promises.

It is held against the real ledger batch for batch: what it calls dirty comes from the pure rule of the domain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime, timedelta

from tests.fakes.audit import ViewAudit
from tests.fakes.judging import CountHistory, find_end, find_settled
from tests.landed_views import BatchRow, Bounds, LandedView, SampleRow

from airtide.bus.topics import snapshots_topic, sweeps_topic
from airtide.domain.batches import Batch, DeadLetter, LakeObject, OffsetRange, TopicFacts
from airtide.domain.dirty import Dirty, KnownBounds, find_dirty_by_bounds, find_dirty_by_samples
from airtide.domain.ends import MAX_SILENCE
from airtide.domain.errors import AirtideError, Fenced
from airtide.domain.keys import hash_id
from airtide.domain.landed import Dimension, LandedRows, LandingCounts
from airtide.domain.models import Platform, Sweep
from airtide.domain.periods import ZoneDay
from airtide.domain.positions import AcceptedLosses, Position, cap_ranges, check_position, choose_losses

_HOUR_MS = 3_600_000


class MemoryLedger:
    """A ledger of one platform."""

    def __init__(self, zone_days: Sequence[ZoneDay] = (), raw_age: timedelta = timedelta(days=30)) -> None:
        self.view = LandedView()
        self.raw_age = raw_age
        self.taken_keys: dict[int, str] = {}
        """Text ids that hold a key they would not hash to."""
        self.letters: list[DeadLetter] = []
        self.channel_of: dict[int, int] = {}
        """The channel's key by the broadcast's."""
        self.fail_before_commit: AirtideError | None = None
        self.fail_after_commit: AirtideError | None = None
        self.max_silence = MAX_SILENCE
        self.is_inferring = True
        """Off, to tell what inferred ends change."""
        self._sweeps: dict[str, Sweep] = {}
        self._broadcast_ids: dict[int, str] = {}
        self._counts = CountHistory()
        self._zone_days = zone_days
        self._batches: dict[int, Batch] = {}
        self._observed_ms: dict[tuple[Dimension, str], int] = {}

    def plan_batch(
        self, platform: Platform, topics: Sequence[TopicFacts], *, max_snapshots: int, now: datetime
    ) -> Batch | None:
        for topic in topics:
            for number, low_offset in topic.low_offsets.items():
                self.view.positions.setdefault((topic.topic, number), (topic.topic_id, low_offset, low_offset))
        for topic in topics:
            for position in self._positions(topic):
                check_position(position, topic, platform)
        for batch_id, row in self.view.batches.items():
            if row.state == "planned":
                return self._batches[batch_id]
        ranges = [part for topic in topics for part in cap_ranges(self._positions(topic), topic, max_snapshots)]
        if all(part.start_offset == part.end_offset for part in ranges):
            return None
        batch = Batch(
            batch_id=len(self._batches) + 1,
            platform=platform,
            ranges=ranges,
            topic_ids={topic.topic: self._positions(topic)[0].topic_id for topic in topics},
            planned_at=now,
        )
        self._batches[batch.batch_id] = batch
        self.view.batches[batch.batch_id] = BatchRow("planned", tuple(ranges), batch.topic_ids, 0, 0, 0, now)
        return batch

    def read_raw_age(self, platform: Platform) -> timedelta:
        return self.raw_age

    def find_collisions(self, platform: Platform, dimension: Dimension, keys: Mapping[str, int]) -> Collection[str]:
        return {text_id for text_id, key in keys.items() if self.taken_keys.get(key, text_id) != text_id}

    def land_batch(
        self, batch: Batch, rows: LandedRows, objects: Sequence[LakeObject], *, now: datetime
    ) -> LandingCounts:
        before, counts_before, sweeps_before = self.view, deepcopy(self._counts), dict(self._sweeps)
        self.view = deepcopy(before)
        try:
            counts = self._land(batch, rows, objects)
            if self.fail_before_commit is not None:
                failure, self.fail_before_commit = self.fail_before_commit, None
                raise failure
        except AirtideError:
            self.view, self._counts, self._sweeps = before, counts_before, sweeps_before
            raise
        if self.fail_after_commit is not None:
            failure, self.fail_after_commit = self.fail_after_commit, None
            raise failure
        return counts

    def is_landed(self, batch: Batch) -> bool:
        return self.view.batches[batch.batch_id].state == "landed"

    def read_positions(self, platform: Platform) -> Mapping[tuple[str, int], int]:
        return {
            (topic, number): following
            for (topic, number), (_, _, following) in self.view.positions.items()
            if topic in (snapshots_topic(platform), sweeps_topic(platform))
        }

    def accept_loss(
        self,
        platform: Platform,
        topics: Sequence[TopicFacts],
        *,
        now: datetime,
        wanted: OffsetRange | None = None,
        dry_run: bool = False,
    ) -> AcceptedLosses:
        planned = [batch_id for batch_id, row in self.view.batches.items() if row.state == "planned"]
        ranges = [part for batch_id in planned for part in self.view.batches[batch_id].ranges]
        positions = {topic.topic: self._positions(topic) for topic in topics}
        losses = choose_losses(positions, topics, ranges, wanted, platform)
        for loss in () if dry_run else losses:
            place = (loss.gone.topic, loss.gone.topic_partition)
            topic_id, first, _ = self.view.positions[place]
            first = first if topic_id == loss.restart.topic_id else loss.restart.next_offset
            self.view.positions[place] = (loss.restart.topic_id, first, loss.restart.next_offset)
            self.view.losses.append((loss.topic_id, loss.gone))
        for batch_id in planned if losses and not dry_run else ():
            self.view.batches[batch_id] = self.view.batches[batch_id]._replace(state="superseded")
        return AcceptedLosses(losses=losses, superseded=planned[0] if losses and planned else None)

    @contextmanager
    def open_audit(self, platform: Platform) -> Iterator[ViewAudit]:
        yield ViewAudit(deepcopy(self.view), self.raw_age)

    def _positions(self, topic: TopicFacts) -> list[Position]:
        return [
            Position(topic=name, topic_partition=number, topic_id=topic_id, next_offset=following)
            for (name, number), (topic_id, _, following) in sorted(self.view.positions.items())
            if name == topic.topic
        ]

    def _land(self, batch: Batch, rows: LandedRows, objects: Sequence[LakeObject]) -> LandingCounts:
        if self.view.batches[batch.batch_id].state != "planned":
            raise Fenced(f"batch {batch.batch_id}: another run landed it first")
        for part in batch.ranges:
            topic_id, first, following = self.view.positions[part.topic, part.topic_partition]
            if (topic_id, following) != (batch.topic_ids[part.topic], part.start_offset):
                raise Fenced(f"batch {batch.batch_id}: another run landed it first")
            self.view.positions[part.topic, part.topic_partition] = (topic_id, first, part.end_offset)
        dirty, new_samples = self._land_samples(rows)
        dirty |= self._widen_broadcasts(rows)
        self._land_attributes(batch.platform, rows)
        self._counts.add(rows)
        self.view.flags = set(self._counts.flags)
        for record in rows.sweeps:
            self._sweeps.setdefault(record.sweep.sweep_id, record.sweep)
        new_sweeps = {record.sweep.sweep_id for record in rows.sweeps} - self.view.sweeps
        self.view.sweeps |= new_sweeps
        self._infer_ends(batch.platform)
        self.letters += rows.dead_letters
        for letter in rows.dead_letters:
            place = (letter.topic, batch.topic_ids[letter.topic], letter.topic_partition, letter.record_offset)
            self.view.dead_letters.setdefault(place, letter.reason)
        for stored in objects:
            self.view.objects[stored.object_key] = (batch.batch_id, stored.rows, stored.sha256)
        self._mark(batch.batch_id, dirty)
        row = self.view.batches[batch.batch_id]
        self.view.batches[batch.batch_id] = row._replace(
            state="landed",
            snapshots=sum(stored.rows for stored in objects if stored.kind == "snapshots"),
            dead_letters=len(rows.dead_letters),
            expired=rows.expired,
            min_sampled_at=min((stored.min_sampled_at for stored in objects), default=None),
        )
        return LandingCounts(
            samples=new_samples,
            duplicate_samples=len(rows.samples.sampled_at_ms) - new_samples,
            sweeps=len(new_sweeps),
            dead_letters=len(rows.dead_letters),
            expired=rows.expired,
        )

    def _land_samples(self, rows: LandedRows) -> tuple[Dirty, int]:
        told = rows.samples
        new = []
        for tick, key, detail_key, viewers, cadence_s in zip(
            told.sampled_at_ms, told.broadcast_key, told.detail_key, told.viewers, told.cadence_s, strict=True
        ):
            if (tick, key) not in self.view.samples:
                self.view.samples[tick, key] = SampleRow(detail_key, viewers, cadence_s)
                new.append(tick)
        return find_dirty_by_samples(new, self._zone_days), len(new)

    def _widen_broadcasts(self, rows: LandedRows) -> Dirty:
        told = rows.broadcasts
        dirty = Dirty()
        for key, channel_key in zip(told.broadcast_key, told.channel_key, strict=True):
            self.channel_of.setdefault(key, channel_key)
        self._broadcast_ids |= dict(zip(told.broadcast_key, told.broadcast_id, strict=True))
        for key, *bounds in zip(
            told.broadcast_key,
            told.started_at_ms,
            told.ended_at_ms,
            told.first_sampled_at_ms,
            told.last_sampled_at_ms,
            strict=True,
        ):
            before = self.view.broadcasts.get(key, Bounds(None, None, None, None, None))
            after = _widen(before, *bounds)
            dirty |= find_dirty_by_bounds(_known(before), _known(after), self._zone_days)
            self.view.broadcasts[key] = after
        return dirty

    def _infer_ends(self, platform: Platform) -> None:
        topic = snapshots_topic(platform)
        settled = find_settled(self._sweeps.values(), self.view.positions, topic)
        self.view.settled = {sweep.sweep_id for sweep in settled}
        if not self.is_inferring:
            return
        lost = [part for _, part in self.view.losses if part.topic == topic]
        for key, bounds in self.view.broadcasts.items():
            if bounds.ended_by != "site" and bounds.last_sampled_at_ms is not None:
                end = find_end(
                    self._broadcast_ids[key],
                    bounds.last_sampled_at_ms,
                    self._counts.last_viewers(key),
                    settled,
                    lost,
                    max_silence_ms=self.max_silence // timedelta(milliseconds=1),
                )
                self.view.broadcasts[key] = bounds._replace(
                    ended_at_ms=end.ended_at_ms if end else None, ended_by=end.ended_by.value if end else None
                )

    def _land_attributes(self, platform: Platform, rows: LandedRows) -> None:
        for channel in rows.channels:
            if self._is_newer(Dimension.CHANNEL, channel.channel_id, channel.observed_at_ms):
                handle, name = self.view.channels.get(channel.channel_id, (None, None))
                self.view.channels[channel.channel_id] = (channel.handle or handle, channel.name or name)
            assert channel.channel_key == hash_id(platform, channel.channel_id)
        for category in rows.categories:
            if self._is_newer(Dimension.CATEGORY, category.category_id, category.observed_at_ms):
                self.view.categories[category.category_id] = category.name or self.view.categories.get(
                    category.category_id
                )
        for detail in rows.details:
            known = self.view.details.get(detail.detail_key)
            seen_ms = detail.observed_from_ms if known is None else min(known[1], detail.observed_from_ms)
            self.view.details[detail.detail_key] = (
                detail.broadcast_key,
                seen_ms,
                detail.title,
                detail.language,
                tuple(detail.tags),
            )

    def _is_newer(self, dimension: Dimension, text_id: str, at_ms: int) -> bool:
        known_ms = self._observed_ms.get((dimension, text_id))
        if known_ms is not None and at_ms <= known_ms:
            return False
        self._observed_ms[dimension, text_id] = at_ms
        return True

    def _mark(self, batch_id: int, dirty: Dirty) -> None:
        self.view.dirty_hours = sorted(
            [*self.view.dirty_hours, *((batch_id, hour, hour in dirty.state_hours) for hour in dirty.hours)]
        )
        self.view.dirty_days = sorted([*self.view.dirty_days, *((batch_id, day.zone, day.day) for day in dirty.days)])


def _widen(
    before: Bounds, started_ms: int | None, ended_ms: int | None, first_ms: int | None, last_ms: int | None
) -> Bounds:
    ended_by_site = before.ended_at_ms if before.ended_by == "site" else None
    site_end = _most(ended_by_site, ended_ms, max)
    last = _most(before.last_sampled_at_ms, last_ms, max)
    if site_end is not None:
        ended, ended_by = site_end, "site"
    elif last != before.last_sampled_at_ms:
        ended, ended_by = None, None
    else:
        ended, ended_by = before.ended_at_ms, before.ended_by
    return Bounds(
        _most(before.started_at_ms, started_ms, min),
        ended,
        ended_by,
        _most(before.first_sampled_at_ms, first_ms, min),
        last,
    )


def _most(one, other, pick):
    known = [value for value in (one, other) if value is not None]
    return pick(known) if known else None


def _known(bounds: Bounds) -> KnownBounds:
    return KnownBounds(
        started_at_ms=bounds.started_at_ms,
        ended_at_ms=bounds.ended_at_ms if bounds.ended_by == "site" else None,
        first_sampled_at_ms=bounds.first_sampled_at_ms,
        last_sampled_at_ms=bounds.last_sampled_at_ms,
    )
