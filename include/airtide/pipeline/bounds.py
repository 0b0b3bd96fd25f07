"""What a batch tells of when its broadcasts began, ended, and were seen first and last."""

from __future__ import annotations

import numpy as np

from airtide.domain.landed import BroadcastColumns
from airtide.pipeline.arrays import NEVER_MS, Integers, to_column, to_optional_column
from airtide.pipeline.coding import Coded
from airtide.pipeline.facts import UNKNOWN_START_MS, Facts
from airtide.pipeline.runs import FoundRuns

_NO_ROW = -1


def find_bounds(
    coded: Coded, facts: Facts, ticks: Integers, offsets: Integers, order: Integers, runs: FoundRuns
) -> BroadcastColumns:
    """Return each broadcast once: its start and end as told by any message, its first and last by its samples.

    Its channel is that of its message with the lowest record offset. `order` lists the samples ascending in time.
    """
    keys, group = np.unique(facts.broadcast[coded.codes], return_inverse=True)
    # an index that comes again is set again: each pass keeps what it meets last
    first_message = np.full(len(keys), _NO_ROW)
    by_offset = np.argsort(-offsets, kind="stable")
    first_message[group[by_offset]] = by_offset
    first_ms, last_ms = np.full(len(keys), NEVER_MS), np.full(len(keys), NEVER_MS)
    last_ms[group[order]] = ticks[order]
    first_ms[group[order[::-1]]] = ticks[order[::-1]]
    started_ms, ended_ms = np.full(len(keys), UNKNOWN_START_MS), np.full(len(keys), NEVER_MS)
    np.minimum.at(started_ms, group, facts.started_ms[coded.codes])
    np.maximum.at(ended_ms, group, facts.ended_ms[coded.codes])
    ids, codes = coded.values["broadcast_id"], coded.codes[first_message]
    return BroadcastColumns(
        broadcast_key=to_column(keys),
        broadcast_id=[ids[code] for code in codes.tolist()],
        channel_key=to_column(facts.channel[codes]),
        started_at_ms=to_optional_column(started_ms, started_ms == UNKNOWN_START_MS),
        ended_at_ms=to_optional_column(ended_ms, ended_ms == NEVER_MS),
        first_sampled_at_ms=to_optional_column(first_ms, first_ms == NEVER_MS),
        last_sampled_at_ms=to_optional_column(last_ms, last_ms == NEVER_MS),
        first_run=runs.pick_first(keys),
        last_run=runs.pick_last(keys),
    )
