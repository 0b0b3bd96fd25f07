"""Days as an engine is told them, and the rows that it should make of them by the plain arithmetic."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from tests.sql import reference_rows as reference

from airtide.domain.audited import NONE
from airtide.domain.cells import ObservedBroadcast
from airtide.domain.periods import ZoneDay
from airtide.domain.recomputed import AROUND_MS, DAY_TABLES, BroadcastBounds, DaySnapshots, DayTable, Row

_COLUMNS = (
    "record_offset", "broadcast_key", "channel_key", "category_key", "at_s", "viewers", "cadence_s", "started_ms",
    "ended_ms", "language",
)  # fmt: skip
_LATER = 1_000_000
"""Offset of the first message that comes after all others."""


def tell_snapshots(broadcasts: Sequence[ObservedBroadcast], day: ZoneDay, *, seed: int = 0) -> Iterator[DaySnapshots]:
    """Yield the samples from an hour before a day to an hour after, shuffled, in two lives of their topic.

    Some ticks come again with other numbers, later in the same life or earlier in a later one: they count for nothing.
    """
    pick = random.Random(seed)
    languages = sorted({sample.language for broadcast in broadcasts for sample in broadcast.samples})
    told: dict[int, list[tuple[int, ...]]] = {0: [], 1: []}
    for broadcast in broadcasts:
        for sample in broadcast.samples:
            if not day.period.start_ms - AROUND_MS <= sample.sampled_at_ms < day.period.end_ms + AROUND_MS:
                continue
            offset = len(told[0])
            row = (
                broadcast.broadcast_key,
                broadcast.channel_key,
                sample.category_key,
                sample.sampled_at_ms // 1000,
                NONE if sample.viewers is None else sample.viewers,
                sample.cadence_s,
                NONE,
                NONE,
                languages.index(sample.language),
            )
            other = (*row[:2], 99, row[3], 7_777_777, 1, *row[6:8], 0)
            told[0].append((offset, *row))
            if pick.random() < 0.1:
                told[0].append((_LATER + offset, *other))
            if pick.random() < 0.1:
                told[1].append((0, *other))
    for life, rows in told.items():
        pick.shuffle(rows)
        columns = np.array(rows, dtype=np.int64).reshape(-1, len(_COLUMNS)).T
        yield DaySnapshots(life=life, languages=languages, **dict(zip(_COLUMNS, columns, strict=True)))


def tell_bounds(broadcasts: Sequence[ObservedBroadcast], day: ZoneDay) -> list[list[BroadcastBounds]]:
    """Return what is on record of broadcasts."""
    return [[_tell_bound(broadcast, day) for broadcast in broadcasts]]


def expect_rows(
    platform: str, broadcasts: Sequence[ObservedBroadcast], day: ZoneDay
) -> dict[str, dict[Row, dict[str, Any]]]:
    """Return the rows of every table by its name and their key, from the plain arithmetic."""
    days = [day]
    by_table = {
        "broadcast_day": reference.broadcast_days(platform, broadcasts, days),
        "channel_day": reference.channel_days(platform, broadcasts, days),
        "category_day": reference.category_days(platform, broadcasts, days),
        "language_day": reference.language_days(platform, broadcasts, days),
        "platform_day": reference.platform_days(platform, broadcasts, days),
    }
    return {name: {key[3:]: row for key, row in rows.items()} for name, rows in by_table.items()}


def list_rows(table: DayTable, rows: dict[Row, dict[str, Any]]) -> list[Row]:
    """Return rows of the plain arithmetic as an engine yields them: instants in seconds, in the order of keys."""
    return [(*key, *(_plain(name, row[name]) for name in table.numbers)) for key, row in sorted(rows.items())]


def assert_rows(recomputed: Any, platform: str, broadcasts: Sequence[ObservedBroadcast], day: ZoneDay) -> None:
    """Hold every table of a recomputed day against the plain arithmetic."""
    expected = expect_rows(platform, broadcasts, day)
    for table in DAY_TABLES:
        assert list(recomputed.read_rows(table)) == list_rows(table, expected[table.name]), (table.name, day)


def _tell_bound(broadcast: ObservedBroadcast, day: ZoneDay) -> BroadcastBounds:
    before = [sample.language for sample in broadcast.samples if sample.sampled_at_ms < day.period.start_ms]
    return BroadcastBounds(
        broadcast_key=broadcast.broadcast_key,
        channel_key=broadcast.channel_key,
        started_ms=broadcast.started_at_ms,
        ended_ms=broadcast.ended_at_ms,
        first_s=broadcast.samples[0].sampled_at_ms // 1000,
        last_s=broadcast.samples[-1].sampled_at_ms // 1000,
        language_before=before[-1] if before else None,
    )


def _plain(name: str, value: Any) -> Any:
    return value // 1000 if name.endswith("_at") and value is not None else value
