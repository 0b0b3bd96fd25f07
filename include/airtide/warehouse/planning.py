"""Plans the next batch, and moves on past what Kafka has lost; runs inside the ledger's transactions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

import psycopg
from psycopg.types.json import Jsonb

from airtide.domain.batches import Batch, OffsetRange, TopicFacts
from airtide.domain.models import Platform
from airtide.domain.positions import AcceptedLosses, Position, cap_ranges, check_position, choose_losses
from airtide.warehouse.statements import read_statement


def plan_batch(
    connection: psycopg.Connection,
    platform: Platform,
    topics: Sequence[TopicFacts],
    *,
    max_snapshots: int,
    now: datetime,
) -> Batch | None:
    """Return the platform's planned batch, or plan one from the positions to the end offsets."""
    _add_positions(connection, topics, now)
    positions = _lock_positions(connection, topics)
    for topic in topics:
        for position in positions[topic.topic]:
            check_position(position, topic, platform)
    planned = _find_planned(connection, platform)
    if planned is not None:
        return planned
    ranges = [part for topic in topics for part in cap_ranges(positions[topic.topic], topic, max_snapshots)]
    if all(part.start_offset == part.end_offset for part in ranges):
        return None
    topic_ids = {name: counted[0].topic_id for name, counted in positions.items()}
    return _insert_batch(connection, platform, ranges, topic_ids, now)


def accept_loss(
    connection: psycopg.Connection,
    platform: Platform,
    topics: Sequence[TopicFacts],
    *,
    now: datetime,
    wanted: OffsetRange | None,
    dry_run: bool,
) -> AcceptedLosses:
    """Put on record what is gone or given up, move the positions past it and supersede the planned batch."""
    positions = _lock_positions(connection, topics)
    planned = _find_planned(connection, platform)
    losses = choose_losses(positions, topics, [] if planned is None else planned.ranges, wanted, platform)
    if losses and not dry_run:
        lost = [{**asdict(loss.gone), "topic_id": loss.topic_id, "reason": loss.reason} for loss in losses]
        restarts = [asdict(loss.restart) for loss in losses]
        connection.execute(read_statement("supersede_batch"), {"platform": platform.value})
        connection.execute(read_statement("accept_losses"), {"lost": Jsonb(lost), "now": now})
        connection.execute(read_statement("restart_positions"), {"restarts": Jsonb(restarts), "now": now})
    return AcceptedLosses(losses=losses, superseded=planned.batch_id if losses and planned else None)


def lock_topics(connection: psycopg.Connection, topics: Sequence[str]) -> list[Position]:
    """Return the positions of topics, locked until the transaction ends; everybody locks them in this order."""
    rows = connection.execute(read_statement("lock_positions"), {"topics": list(topics)}).fetchall()
    return [
        Position(topic=topic, topic_partition=number, topic_id=topic_id, next_offset=next_offset)
        for topic, number, topic_id, next_offset in rows
    ]


def _lock_positions(connection: psycopg.Connection, topics: Sequence[TopicFacts]) -> Mapping[str, list[Position]]:
    positions: dict[str, list[Position]] = {topic.topic: [] for topic in topics}
    for position in lock_topics(connection, list(positions)):
        positions[position.topic].append(position)
    return positions


def _add_positions(connection: psycopg.Connection, topics: Sequence[TopicFacts], now: datetime) -> None:
    seen = [
        {"topic": topic.topic, "topic_partition": number, "topic_id": topic.topic_id, "low_offset": low_offset}
        for topic in topics
        for number, low_offset in topic.low_offsets.items()
    ]
    connection.execute(read_statement("add_positions"), {"seen": Jsonb(seen), "now": now})


def _find_planned(connection: psycopg.Connection, platform: Platform) -> Batch | None:
    row = connection.execute(read_statement("find_planned_batch"), {"platform": platform.value}).fetchone()
    if row is None:
        return None
    batch_id, ranges, topic_ids, planned_at = row
    return Batch(
        batch_id=batch_id,
        platform=platform,
        ranges=[OffsetRange(**part) for part in ranges],
        topic_ids=topic_ids,
        planned_at=planned_at,
    )


def _insert_batch(
    connection: psycopg.Connection,
    platform: Platform,
    ranges: Sequence[OffsetRange],
    topic_ids: Mapping[str, str],
    now: datetime,
) -> Batch:
    values = {
        "platform": platform.value,
        "ranges": Jsonb([asdict(part) for part in ranges]),
        "topic_ids": Jsonb(dict(topic_ids)),
        "now": now,
    }
    [(batch_id,)] = connection.execute(read_statement("plan_batch"), values).fetchall()
    return Batch(batch_id=batch_id, platform=platform, ranges=ranges, topic_ids=topic_ids, planned_at=now)
