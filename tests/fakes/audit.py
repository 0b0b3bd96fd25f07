"""The warehouse's side of an audit on a plain view of what has landed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
from tests.landed_views import LandedView

from airtide.domain.audited import (
    NONE,
    AuditedBatch,
    AuditedPosition,
    KeptSamples,
    LedgerState,
    ListedObject,
    Place,
    Run,
)
from airtide.domain.batches import OffsetRange, TopicFacts
from airtide.domain.models import Platform

_KEY = re.compile(r"(?P<kind>\w+)/v1/platform=\w+/day=(?P<day>[\d-]+)/(hour=(?P<hour>\d\d)/)?")
_HOUR_MS = 3_600_000


class ViewAudit:
    """One platform's ledger and samples, as a view shows them."""

    def __init__(self, view: LandedView, raw_age: timedelta) -> None:
        self._view = view
        self._raw_age = raw_age

    def read_state(self) -> LedgerState:
        view = self._view
        dead_letters = defaultdict(list)
        for topic, topic_id, number, offset in view.dead_letters:
            dead_letters[Place(topic, topic_id, number)].append(offset)
        return LedgerState(
            raw_age=self._raw_age,
            positions=[
                AuditedPosition(place=Place(topic, topic_id, number), first_offset=first, next_offset=following)
                for (topic, number), (topic_id, first, following) in sorted(view.positions.items())
            ],
            batches=[
                AuditedBatch(
                    batch_id=batch_id,
                    planned_at=row.planned_at,
                    min_sampled_at=row.min_sampled_at,
                    runs=[told for part in row.ranges for told in _place(row.topic_ids[part.topic], part)],
                    snapshots=row.snapshots,
                    dead_letters=row.dead_letters,
                    expired=row.expired,
                )
                for batch_id, row in view.batches.items()
                if row.state == "landed"
            ],
            planned=[batch_id for batch_id, row in view.batches.items() if row.state == "planned"],
            losses=[
                (Place(part.topic, topic_id, part.topic_partition), Run(part.start_offset, part.end_offset))
                for topic_id, part in view.losses
            ],
            dead_letters=dead_letters,
            objects=sorted(
                (self._list(key) for key in view.objects),
                key=lambda stored: (stored.starts_at, stored.batch_id or 0, stored.object_key),
            ),
        )

    def find_sample_hours(self, from_at: datetime) -> Sequence[datetime]:
        hours = {tick // _HOUR_MS for tick, _ in self._view.samples if tick >= from_at.timestamp() * 1000}
        return [datetime.fromtimestamp(hour * 3600, UTC) for hour in sorted(hours)]

    def read_samples(self, from_at: datetime, to_at: datetime) -> KeptSamples:
        from_ms, to_ms = from_at.timestamp() * 1000, to_at.timestamp() * 1000
        rows = [
            (
                tick,
                key,
                NONE if row.viewers is None else row.viewers,
                row.cadence_s,
                self._view.details[row.detail_key][0] if row.detail_key in self._view.details else NONE,
            )
            for (tick, key), row in self._view.samples.items()
            if from_ms <= tick < to_ms
        ]
        sampled_at_ms, broadcast_key, viewers, cadence_s, detail_of = np.array(rows, dtype=np.int64).reshape(-1, 5).T
        return KeptSamples(
            sampled_at_ms=sampled_at_ms,
            broadcast_key=broadcast_key,
            viewers=viewers,
            cadence_s=cadence_s,
            detail_of=detail_of,
        )

    def _list(self, key: str) -> ListedObject:
        batch_id, rows, sha256 = self._view.objects[key]
        named = _KEY.match(key)
        assert named is not None, f"{key} is no name of an object"
        return ListedObject(
            object_key=key,
            kind=named["kind"],
            batch_id=batch_id,
            starts_at=datetime.fromisoformat(f"{named['day']}T{named['hour'] or '00'}:00:00+00:00"),
            is_of_day=named["hour"] is None,
            rows=rows,
            sha256=sha256,
            is_retired=key in self._view.retired,
        )


class ViewLedger:
    """An `AuditLedger` of one view."""

    def __init__(self, view: LandedView, raw_age: timedelta) -> None:
        self._audit = ViewAudit(view, raw_age)

    @contextmanager
    def open_audit(self, platform: Platform) -> Iterator[ViewAudit]:
        yield self._audit


class LogAtPositions:
    """What a broker tells that has dropped all that has landed, and holds nothing else."""

    def __init__(self, view: LandedView) -> None:
        self._positions = view.positions

    def describe_topics(self, platform: Platform) -> Sequence[TopicFacts]:
        topics: dict[str, dict[int, int]] = defaultdict(dict)
        for (topic, number), (_, _, following) in self._positions.items():
            topics[topic][number] = following
        ids = {topic: topic_id.partition("~")[0] for (topic, _), (topic_id, _, _) in self._positions.items()}
        return [
            TopicFacts(topic=topic, topic_id=ids[topic], low_offsets=ends, end_offsets=ends)
            for topic, ends in topics.items()
        ]


def _place(topic_id: str, part: OffsetRange) -> Iterator[tuple[Place, Run]]:
    if part.start_offset < part.end_offset:
        yield Place(part.topic, topic_id, part.topic_partition), Run(part.start_offset, part.end_offset)
