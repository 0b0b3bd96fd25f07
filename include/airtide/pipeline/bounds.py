"""What a batch tells of when its broadcasts began, ended, and were seen first and last."""

from __future__ import annotations

from collections.abc import Sequence

from airtide.domain.batches import SnapshotColumns
from airtide.domain.landed import BroadcastColumns
from airtide.pipeline.attributes import SnapshotKeys
from airtide.pipeline.runs import FoundRuns


def find_bounds(
    snapshots: SnapshotColumns, keys: SnapshotKeys, order: Sequence[int], runs: FoundRuns
) -> BroadcastColumns:
    """Return each broadcast once: its start and end as told by any message, its first and last by its samples.

    Its channel is that of its message with the lowest record offset.
    `order` lists the samples ascending in time.
    """
    # a later entry of a dict replaces an earlier one, so each pass keeps what it meets last
    by_offset = sorted(range(len(snapshots)), key=snapshots.record_offset.__getitem__, reverse=True)
    first_message = {keys.broadcast[i]: i for i in by_offset}
    last_ms = {keys.broadcast[i]: snapshots.sampled_at_ms[i] for i in order}
    first_ms = {keys.broadcast[i]: snapshots.sampled_at_ms[i] for i in reversed(order)}
    started_ms: dict[int, int] = {}
    for key, told in zip(keys.broadcast, snapshots.started_at_ms, strict=True):
        if told is not None and (key not in started_ms or told < started_ms[key]):
            started_ms[key] = told
    ended_ms: dict[int, int] = {}
    for key, told in zip(keys.broadcast, snapshots.ended_at_ms, strict=True):
        if told is not None and (key not in ended_ms or told > ended_ms[key]):
            ended_ms[key] = told
    return BroadcastColumns(
        broadcast_key=list(first_message),
        broadcast_id=[snapshots.broadcast_id[i] for i in first_message.values()],
        channel_key=[keys.channel[i] for i in first_message.values()],
        started_at_ms=[started_ms.get(key) for key in first_message],
        ended_at_ms=[ended_ms.get(key) for key in first_message],
        first_sampled_at_ms=[first_ms.get(key) for key in first_message],
        last_sampled_at_ms=[last_ms.get(key) for key in first_message],
        first_run=[runs.first.get(key) for key in first_message],
        last_run=[runs.last.get(key) for key in first_message],
    )
