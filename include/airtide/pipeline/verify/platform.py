"""Audits one platform: ranges against positions and Kafka, messages against objects, samples against both."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from airtide.domain.audited import LedgerState, ListedObject, ObjectRows, Place, Run
from airtide.domain.batches import Batch, OffsetRange, TopicFacts
from airtide.domain.clock import Clock
from airtide.domain.errors import MessagesLost, ObjectConflict, ObjectMissing, OffsetAhead
from airtide.domain.models import Platform
from airtide.pipeline.ports import AuditLake, AuditLedger, LedgerAudit, SnapshotLog
from airtide.pipeline.verify.findings import (
    MOST_SHOWN,
    Finding,
    FindingKind,
    Findings,
    PartitionLine,
    PlatformReport,
)
from airtide.pipeline.verify.messages import Messages
from airtide.pipeline.verify.ranges import check_log, check_ranges
from airtide.pipeline.verify.samples import LandingOrder, ToldSamples, check_samples, join_samples

logger = logging.getLogger(__name__)

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def verify_platform(
    platform: Platform,
    *,
    log: SnapshotLog,
    lake: AuditLake,
    ledger: AuditLedger,
    clock: Clock,
    within: timedelta | None = None,
) -> PlatformReport:
    """Hold everything that is on record of a platform's messages against each other; changes nothing.

    Ranges are looked at from the first one on; messages and samples of the last `within`, or of all hours whose samples
    have not begun to expire. The ledger is read as it was at one moment: what lands meanwhile is no finding. Raises
    what the ports raise when a part cannot be asked.
    """
    topics = log.describe_topics(platform)
    with ledger.open_audit(platform) as audit:
        state = audit.read_state()
        if _is_ahead(state, topics):
            # a landing may have passed these end offsets before the ledger was read: newer ones tell
            topics = log.describe_topics(platform)
        age = state.raw_age if within is None else min(within, state.raw_age)
        run = _Audit(platform, state, topics, log, audited_from=_ceil_to_hour(clock.now() - age))
        report = run.audit(audit, lake)
    logger.info(
        "verified platform=%s audited_from=%s objects=%s samples=%s findings=%s",
        platform,
        report.audited_from.isoformat(),
        report.objects,
        report.samples,
        report.findings.total,
    )
    return report


class _Audit:
    """One audit of one platform."""

    def __init__(
        self,
        platform: Platform,
        state: LedgerState,
        topics: Sequence[TopicFacts],
        log: SnapshotLog,
        *,
        audited_from: datetime,
    ) -> None:
        self._platform = platform
        self._state = state
        self._topics = {facts.topic: facts for facts in topics}
        self._log = log
        self._from = audited_from
        self._findings = Findings()
        self._messages = Messages(state, audited_from, self._count_delivered)
        self._order = LandingOrder(state.batches)
        self._objects = self._samples = 0

    def audit(self, audit: LedgerAudit, lake: AuditLake) -> PlatformReport:
        self._findings.add(*check_ranges(self._state))
        self._findings.add(*check_log(self._state.positions, self._topics))
        objects = self._list_objects()
        sample_hours = defaultdict(list)
        for hour in audit.find_sample_hours(self._from):
            sample_hours[_floor_to_day(hour)].append(hour)
        for day in sorted({*objects, *sample_hours}):
            self._check_day(objects.get(day, ()), sample_hours.get(day, ()), audit, lake)
        self._findings.add(*self._messages.check())
        return PlatformReport(
            platform=self._platform,
            audited_from=self._from,
            lines=list(self._draw_lines()),
            findings=self._findings,
            objects=self._objects,
            samples=self._samples,
            planned=self._state.planned,
        )

    def _list_objects(self) -> dict[datetime, list[ListedObject]]:
        """Return the objects to read by their day."""
        days: defaultdict[datetime, list[ListedObject]] = defaultdict(list)
        for stored in self._state.objects:
            ends_at = stored.starts_at + (_DAY if stored.is_of_day else _HOUR)
            if not stored.is_retired and ends_at > self._from:
                days[_floor_to_day(stored.starts_at)].append(stored)
        return days

    def _check_day(
        self,
        objects: Sequence[ListedObject],
        sample_hours: Sequence[datetime],
        audit: LedgerAudit,
        lake: AuditLake,
    ) -> None:
        of_day = join_samples([told for stored in objects if stored.is_of_day for told in self._read(stored, lake)])
        by_hour: defaultdict[datetime, list[ListedObject]] = defaultdict(list)
        for stored in objects:
            if not stored.is_of_day:
                by_hour[stored.starts_at].append(stored)
        for hour in sorted({*by_hour, *sample_hours, *of_day.find_hours()}):
            told = [told for stored in by_hour[hour] for told in self._read(stored, lake)]
            self._check_hour(hour, join_samples([*told, of_day]), audit)

    def _check_hour(self, hour: datetime, told: ToldSamples, audit: LedgerAudit) -> None:
        from_ms, to_ms = (round(at.timestamp() * 1000) for at in (hour, hour + _HOUR))
        kept = audit.read_samples(hour, hour + _HOUR)
        self._samples += len(kept.viewers)
        for kind, count, shown in check_samples(told.within(from_ms, to_ms), kept, MOST_SHOWN):
            self._findings.add(*shown)
            self._findings.count(kind, count - len(shown))

    def _read(self, stored: ListedObject, lake: AuditLake) -> Iterator[ToldSamples]:
        held = self._try_to_read(stored, lake)
        if held is not None:
            self._objects += 1
            self._messages.add(stored.object_key, held.runs)
            if held.samples is not None:
                yield self._order.tell(held, held.samples)

    def _try_to_read(self, stored: ListedObject, lake: AuditLake) -> ObjectRows | None:
        try:
            return lake.read_object(self._platform, stored, from_at=self._from)
        except ObjectMissing:
            kind, text = FindingKind.OBJECT_MISSING, f"it is listed with {stored.rows} rows, but the store has none"
        except ObjectConflict as conflict:
            kind, text = FindingKind.OBJECT_DIFFERS, str(conflict)
        self._findings.add(Finding(kind=kind, text=text, count=stored.rows, object_key=stored.object_key))
        return None

    def _count_delivered(self, place: Place, run: Run) -> int:
        """Return how many messages Kafka hands out of a run; all of it where Kafka holds it no longer."""
        facts = self._topics.get(place.topic)
        lives = {position.place for position in self._state.positions}
        if facts is None or place not in lives or facts.low_offsets[place.topic_partition] > run.start_offset:
            return run.end_offset - run.start_offset
        asked = Batch(
            batch_id=0,
            platform=self._platform,
            ranges=[OffsetRange(topic=place.topic, topic_partition=place.topic_partition, **run._asdict())],
            topic_ids={place.topic: place.topic_id},
            planned_at=self._from,
        )
        try:
            read = self._log.read_batch(asked)
        except (MessagesLost, OffsetAhead):
            return run.end_offset - run.start_offset
        return len(read.snapshots) + len(read.sweeps) + len(read.dead_letters)

    def _draw_lines(self) -> Iterator[PartitionLine]:
        landed = Counter[Place]()
        for batch in self._state.batches:
            for place, run in batch.runs:
                landed[place] += run.end_offset - run.start_offset
        lost = Counter[Place]()
        for place, run in self._state.losses:
            lost[place] += run.end_offset - run.start_offset
        for position in self._state.positions:
            place = position.place
            facts = self._topics.get(place.topic)
            yield PartitionLine(
                topic=place.topic,
                topic_partition=place.topic_partition,
                first_offset=position.first_offset,
                next_offset=position.next_offset,
                landed=landed[place],
                lost=lost[place],
                dead_letters=len(self._state.dead_letters.get(place, ())),
                expired=self._messages.absent[place],
                end_offset=facts.end_offsets.get(place.topic_partition) if facts else None,
                findings=self._findings.places[place.topic, place.topic_partition],
            )


def _is_ahead(state: LedgerState, topics: Sequence[TopicFacts]) -> bool:
    ends = {(facts.topic, number): end for facts in topics for number, end in facts.end_offsets.items()}
    return any(
        position.next_offset > ends.get((position.place.topic, position.place.topic_partition), position.next_offset)
        for position in state.positions
    )


def _floor_to_day(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _ceil_to_hour(instant: datetime) -> datetime:
    floor = instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return floor if floor == instant else floor + _HOUR
