"""Lands one platform: from exact ranges of its topics into the lake and the warehouse.

Planned ranges first, then the objects, then one transaction that moves rows, ledger and positions together. Wherever
it is broken off, doing it again reads the same ranges, writes the same objects and lands them once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from enum import StrEnum

from airtide.domain.batches import Batch, TopicFacts, count_messages
from airtide.domain.clock import Clock
from airtide.domain.errors import Fenced, OffsetAhead
from airtide.domain.landed import LandingCounts
from airtide.domain.models import Platform
from airtide.pipeline.arrange import Arranger
from airtide.pipeline.collecting import uncollected
from airtide.pipeline.ports import Lake, LandingLedger, SnapshotLog
from airtide.pipeline.stop_line import BadRecordLimits, check_dead_letters

logger = logging.getLogger(__name__)


class LandingStatus(StrEnum):
    """How a landing ended."""

    LANDED = "landed"
    NOTHING_TO_LAND = "nothing to land"
    OUT_OF_TIME = "out of time"
    """The deadline passed between two batches; what is left lands next time."""
    FENCED = "fenced"
    """Another run was landing the same batch and was first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingOutcome:
    """What one landing of one platform did."""

    platform: Platform
    status: LandingStatus
    batches: int = 0
    objects: int = 0
    messages: int = 0
    """Offsets of its batches; markers of transactions count."""
    samples: int = 0
    duplicate_samples: int = 0
    sweeps: int = 0
    dead_letters: int = 0
    expired: int = 0

    def to_dict(self) -> dict[str, str | int]:
        """Return it as plain values."""
        return {name: value.value if isinstance(value, StrEnum) else value for name, value in asdict(self).items()}

    def add(self, batch: Batch, counts: LandingCounts, objects: int) -> LandingOutcome:
        """Return the outcome after one more landed batch."""
        return replace(
            self,
            status=LandingStatus.LANDED,
            batches=self.batches + 1,
            objects=self.objects + objects,
            messages=self.messages + count_messages(batch),
            samples=self.samples + counts.samples,
            duplicate_samples=self.duplicate_samples + counts.duplicate_samples,
            sweeps=self.sweeps + counts.sweeps,
            dead_letters=self.dead_letters + counts.dead_letters,
            expired=self.expired + counts.expired,
        )


def land_platform(
    platform: Platform,
    *,
    log: SnapshotLog,
    lake: Lake,
    ledger: LandingLedger,
    clock: Clock,
    max_snapshots: int,
    limits: BadRecordLimits,
    deadline_s: float | None = None,
) -> LandingOutcome:
    """Land batch after batch until the end offsets seen at the start are reached, or `deadline_s` has passed.

    A batch left over from an earlier run is landed first. Raises what the ports raise, and `TooManyBadRecords` before
    anything is written of a batch that passes `limits`; a batch that failed stays planned and is read again next time.
    """
    started_at = clock.now()
    outcome = LandingOutcome(platform=platform, status=LandingStatus.NOTHING_TO_LAND)
    arranger = Arranger(platform, ledger.find_collisions, ledger.read_raw_age(platform))
    topics = log.describe_topics(platform)
    while batch := _plan(platform, topics, log, ledger, clock, max_snapshots):
        if deadline_s is not None and clock.now() - started_at >= timedelta(seconds=deadline_s):
            return replace(outcome, status=LandingStatus.OUT_OF_TIME)
        try:
            with uncollected():
                counts, objects = _land_batch(batch, topics, arranger, limits, log, lake, ledger, clock)
        except Fenced:
            logger.warning("fenced platform=%s batch_id=%s: another run landed it first", platform, batch.batch_id)
            return replace(outcome, status=LandingStatus.FENCED)
        outcome = outcome.add(batch, counts, objects)
        log.note_positions(platform, {(r.topic, r.topic_partition): r.end_offset for r in batch.ranges})
    return outcome


def _plan(
    platform: Platform,
    topics: Sequence[TopicFacts],
    log: SnapshotLog,
    ledger: LandingLedger,
    clock: Clock,
    max_snapshots: int,
) -> Batch | None:
    try:
        return ledger.plan_batch(platform, topics, max_snapshots=max_snapshots, now=clock.now())
    except OffsetAhead:
        # another run may have landed what came after these end offsets were asked for: newer ones tell
        topics = log.describe_topics(platform)
        return ledger.plan_batch(platform, topics, max_snapshots=max_snapshots, now=clock.now())


def _land_batch(
    batch: Batch,
    topics: Sequence[TopicFacts],
    arranger: Arranger,
    limits: BadRecordLimits,
    log: SnapshotLog,
    lake: Lake,
    ledger: LandingLedger,
    clock: Clock,
) -> tuple[LandingCounts, int]:
    started_at = clock.now()
    read = log.read_batch(batch)
    now = clock.now()
    arranged = arranger.arrange(batch, read, now=now)
    check_dead_letters(batch, read, arranged.rows.dead_letters, limits)
    objects = [*lake.write_snapshots(batch, arranged.snapshots), *lake.write_sweeps(batch, arranged.sweeps)]
    counts = ledger.land_batch(batch, arranged.rows, objects, now=now)
    seconds, messages = (clock.now() - started_at).total_seconds(), count_messages(batch)
    ends = sum(end for topic in topics for end in topic.end_offsets.values())
    logger.info(
        "landed platform=%s batch_id=%s messages=%s seconds=%.2f messages_per_s=%s lag_messages=%s samples=%s "
        "duplicates=%s sweeps=%s dead_letters=%s expired=%s objects=%s",
        batch.platform,
        batch.batch_id,
        messages,
        seconds,
        f"{messages / seconds:.0f}" if seconds else "unknown",
        max(0, ends - sum(part.end_offset for part in batch.ranges)),
        counts.samples,
        counts.duplicate_samples,
        counts.sweeps,
        counts.dead_letters,
        counts.expired,
        len(objects),
    )
    return counts, len(objects)
