"""Snapshots, sweeps and batches with sensible values, of which a test names only what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from airtide.domain.batches import Batch, OffsetRange, TopicFacts
from airtide.domain.models import Outcome, Platform, Scope, Snapshot, Sweep

TICK = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def make_snapshot(broadcast_id: str = "b1", **values: Any) -> Snapshot:
    """Return a snapshot of a Chzzk broadcast at TICK."""
    given: dict[str, Any] = {
        "platform": Platform.CHZZK,
        "sweep_id": "chzzk:2026-01-31T12:00:00Z:0badcafe",
        "sampled_at": TICK,
        "fetched_at": TICK,
        "broadcast_id": broadcast_id,
        "channel_id": f"channel of {broadcast_id}",
        "viewers": 100,
        "cadence_s": 300,
    }
    return Snapshot(**(given | values))


def make_sweep(**values: Any) -> Sweep:
    """Return a complete sweep of Chzzk at TICK."""
    given: dict[str, Any] = {
        "sweep_id": "chzzk:2026-01-31T12:00:00Z:0badcafe",
        "platform": Platform.CHZZK,
        "sampled_at": TICK,
        "started_at": TICK,
        "finished_at": TICK,
        "outcome": Outcome.COMPLETE,
        "scope": Scope.LISTING,
        "pages": 1,
        "requests": 1,
        "snapshots": 1,
        "duplicates": 0,
    }
    return Sweep(**(given | values))


def make_batch(before: Sequence[TopicFacts], after: Sequence[TopicFacts], platform: Platform = Platform.CHZZK) -> Batch:
    """Return the batch of everything written between two descriptions of the same topics."""
    return Batch(
        batch_id=1,
        platform=platform,
        ranges=[
            OffsetRange(topic=a.topic, topic_partition=number, start_offset=b.end_offsets[number], end_offset=end)
            for b, a in zip(before, after, strict=True)
            for number, end in a.end_offsets.items()
        ],
        topic_ids=topic_ids(after),
        planned_at=TICK,
    )


def topic_ids(topics: Sequence[TopicFacts]) -> Mapping[str, str]:
    """Return the id by topic."""
    return {facts.topic: facts.topic_id for facts in topics}
