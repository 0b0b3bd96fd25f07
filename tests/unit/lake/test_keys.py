"""What an object's name says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.fakes.observations import TICK

from airtide.domain.batches import Batch, OffsetRange
from airtide.domain.models import Platform
from airtide.lake.keys import digest_ranges, object_key, write_ranges

SNAPSHOTS, SWEEPS = "airtide.snapshots.twitch.v1", "airtide.sweeps.twitch.v1"


def part(topic: str, number: int, start: int, end: int) -> OffsetRange:
    return OffsetRange(topic=topic, topic_partition=number, start_offset=start, end_offset=end)


BATCH = Batch(
    batch_id=7,
    platform=Platform.TWITCH,
    ranges=[part(SNAPSHOTS, 0, 10, 15), part(SNAPSHOTS, 1, 20, 20), part(SWEEPS, 0, 3, 4)],
    topic_ids={SNAPSHOTS: "id-1", SWEEPS: "id-2"},
    planned_at=TICK,
)


def test_a_name_says_platform_hour_and_messages_of_the_topic():
    assert object_key(BATCH, "snapshots", day="2026-01-31", hour=5) == (
        "snapshots/v1/platform=twitch/day=2026-01-31/hour=05/"
        "airtide.snapshots.twitch.v1+00000000000000000030-00000000000000000035+7698e701d83b.parquet"
    )
    assert object_key(BATCH, "sweeps", day="2026-01-31", hour=23).startswith(
        "sweeps/v1/platform=twitch/day=2026-01-31/hour=23/"
        "airtide.sweeps.twitch.v1+00000000000000000003-00000000000000000004+"
    )


def test_the_number_and_the_time_of_a_batch_do_not_change_its_names():
    again = replace(BATCH, batch_id=8, planned_at=TICK.replace(year=2027), ranges=list(reversed(BATCH.ranges)))
    assert object_key(again, "snapshots", day="2026-01-31", hour=5) == object_key(
        BATCH, "snapshots", day="2026-01-31", hour=5
    )


@pytest.mark.parametrize(
    "other",
    [
        replace(BATCH, ranges=[part(SNAPSHOTS, 0, 11, 16), part(SNAPSHOTS, 1, 19, 19), part(SWEEPS, 0, 3, 4)]),
        replace(BATCH, topic_ids={SNAPSHOTS: "id-3", SWEEPS: "id-2"}),
    ],
    ids=["the same sums cut otherwise", "a topic made anew"],
)
def test_other_messages_have_another_name(other):
    assert digest_ranges(other) != digest_ranges(BATCH)


def test_the_exact_ranges_of_one_topic_are_written_down():
    assert json.loads(write_ranges(BATCH, "snapshots")) == {
        "topic": SNAPSHOTS,
        "topic_id": "id-1",
        "ranges": [
            {"topic_partition": 0, "start_offset": 10, "end_offset": 15},
            {"topic_partition": 1, "start_offset": 20, "end_offset": 20},
        ],
    }


def test_a_name_s_parts_fit_the_shortest_limit_of_a_file_system():
    longest = object_key(BATCH, "snapshots", day="2026-01-31", hour=5)
    assert max(len(segment.encode()) for segment in longest.split("/")) < 200
