"""How far landing is behind, by partition: for the collection page and lag monitors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from airtide.bus.backlog import read_first_times
from airtide.bus.link import BrokerLink
from airtide.bus.offsets import describe
from airtide.bus.topics import snapshots_topic, sweeps_topic
from airtide.domain.lags import PartitionLag
from airtide.domain.models import Platform


def read_lag(
    config: Mapping[str, str], platform: Platform, positions: Mapping[tuple[str, int], int], *, deadline_s: float
) -> Sequence[PartitionLag]:
    """Return the lag of every partition of a platform's two topics, snapshots first, in the order of partitions.

    `positions` is next_offset by topic and partition. One message is read of each partition where any waits. Raises
    `PartUnreachable` when the broker does not answer within `deadline_s`, `MisconfiguredError` when a topic is missing.
    """
    with BrokerLink(config, deadline_s=deadline_s) as link:
        deadline = link.start_deadline()
        lags = [
            PartitionLag(
                topic=topic.topic,
                topic_partition=number,
                low_offset=low,
                next_offset=positions.get((topic.topic, number), low),
                end_offset=topic.end_offsets[number],
            )
            for topic in describe(link, [snapshots_topic(platform), sweeps_topic(platform)], deadline)
            for number, low in sorted(topic.low_offsets.items())
        ]
        first = {(lag.topic, lag.topic_partition): max(lag.next_offset, lag.low_offset) for lag in lags}
        waiting = {(lag.topic, lag.topic_partition) for lag in lags if lag.lag > lag.lost}
        since = read_first_times(link, {place: first[place] for place in waiting}, deadline) if waiting else {}
    return [replace(lag, waiting_since=since.get((lag.topic, lag.topic_partition))) for lag in lags]
