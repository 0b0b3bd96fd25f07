"""How far landing is behind, by partition: for the collection page and lag monitors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from airtide.bus.link import BrokerLink
from airtide.bus.offsets import describe
from airtide.bus.topics import snapshots_topic, sweeps_topic
from airtide.domain.models import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionLag:
    """One topic partition: what it still holds, and where landing stands in it."""

    topic: str
    topic_partition: int
    low_offset: int
    """The first offset that Kafka still holds."""
    next_offset: int
    """The position; the first held offset where nothing was landed yet."""
    end_offset: int

    @property
    def lag(self) -> int:
        """Offsets still to be landed."""
        return max(0, self.end_offset - self.next_offset)

    @property
    def lost(self) -> int:
        """Offsets that Kafka dropped before they were landed."""
        return max(0, self.low_offset - self.next_offset)


def read_lag(
    config: Mapping[str, str], platform: Platform, positions: Mapping[tuple[str, int], int], *, deadline_s: float
) -> Sequence[PartitionLag]:
    """Return the lag of every partition of a platform's two topics, snapshots first, in the order of partitions.

    `positions` is next_offset by topic and partition. Raises `PartUnreachable` when the broker does not answer within
    `deadline_s`, `MisconfiguredError` when a topic is missing.
    """
    with BrokerLink(config, deadline_s=deadline_s) as link:
        facts = describe(link, [snapshots_topic(platform), sweeps_topic(platform)], link.start_deadline())
    return [
        PartitionLag(
            topic=topic.topic,
            topic_partition=number,
            low_offset=low,
            next_offset=positions.get((topic.topic, number), low),
            end_offset=topic.end_offsets[number],
        )
        for topic in facts
        for number, low in sorted(topic.low_offsets.items())
    ]
