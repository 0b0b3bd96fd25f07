"""Kafka in memory: a broker that keeps its topics as lists, and the sink and the log on it.

Messages are real ones, encoded and decoded by the same code as in service, so what a test lands is what Kafka would
hand out. `tests/contract` runs the same suite on these and on a real broker.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from airtide.bus.decode import decode_snapshots, decode_sweeps
from airtide.bus.encode import encode_snapshot, encode_sweep
from airtide.bus.records import RawRecord
from airtide.bus.topics import landing_group, snapshots_topic, sweeps_topic
from airtide.domain.batches import Batch, OffsetRange, ReadBatch, TopicFacts
from airtide.domain.dead_letters import REJECT_HEADER, REPLAY_HEADER, MendedMessage, write_sighting
from airtide.domain.errors import MessagesLost, MisconfiguredError, OffsetAhead, PartUnreachable, TopicReplaced
from airtide.domain.models import Platform, Reject, Snapshot, Sweep
from airtide.domain.positions import kafka_id


@dataclass(slots=True)
class MemoryPartition:
    """One topic partition; `low_offset` is the first offset still kept."""

    low_offset: int = 0
    records: list[RawRecord] = field(default_factory=list)

    @property
    def end_offset(self) -> int:
        return self.low_offset + len(self.records)


class MemoryBroker:
    """Topics, and the offsets noted for groups. Set `is_down` and nothing answers any more."""

    def __init__(self, platforms: Sequence[Platform] = tuple(Platform), *, snapshot_partitions: int = 4) -> None:
        self.is_down = False
        self.group_offsets: dict[str, dict[tuple[str, int], int]] = {}
        self._topics: dict[str, list[MemoryPartition]] = {}
        self._made = 0
        self._snapshot_partitions = snapshot_partitions
        self._topic_ids: dict[str, str] = {}
        for platform in platforms:
            self.make_topics(platform)

    def make_topics(self, platform: Platform) -> None:
        """Make both topics of a platform; existing ones are replaced, as if deleted and made anew."""
        for topic, partitions in ((snapshots_topic(platform), self._snapshot_partitions), (sweeps_topic(platform), 1)):
            self._made += 1
            self._topics[topic] = [MemoryPartition() for _ in range(partitions)]
            self._topic_ids[topic] = f"topic-{self._made}"

    def append(
        self,
        topic: str,
        topic_partition: int,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes | None]] | None = None,
    ) -> int:
        """Write a message; return its offset."""
        partition = self.partitions(topic)[topic_partition]
        offset = partition.end_offset
        partition.records.append(RawRecord(topic, topic_partition, offset, value, headers))
        return offset

    def drop_before(self, topic: str, topic_partition: int, offset: int) -> None:
        """Forget the messages before `offset`, as retention does."""
        partition = self.partitions(topic)[topic_partition]
        del partition.records[: offset - partition.low_offset]
        partition.low_offset = offset

    def cut(self, topic: str, topic_partition: int, offset: int) -> None:
        """Forget the messages from `offset` on, as a power cut does."""
        partition = self.partitions(topic)[topic_partition]
        del partition.records[offset - partition.low_offset :]

    def partitions(self, topic: str) -> list[MemoryPartition]:
        """Return a topic's partitions; raises as an unreachable broker or a missing topic does."""
        if self.is_down:
            raise PartUnreachable("Kafka in memory is down")
        if topic not in self._topics:
            raise MisconfiguredError(f"Kafka in memory has no topic {topic}; `airtide up` makes it")
        return self._topics[topic]

    def describe(self, topic: str) -> TopicFacts:
        """Return a topic's facts."""
        partitions = self.partitions(topic)
        return TopicFacts(
            topic=topic,
            topic_id=self._topic_ids[topic],
            low_offsets={number: p.low_offset for number, p in enumerate(partitions)},
            end_offsets={number: p.end_offset for number, p in enumerate(partitions)},
        )


class MemorySink:
    """A `SnapshotSink` on a broker in memory."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker

    def publish_snapshots(self, platform: Platform, records: Sequence[Snapshot | Reject]) -> dict[int, int]:
        topic = snapshots_topic(platform)
        count = len(self._broker.partitions(topic))
        for record in records:
            number = zlib.crc32((record.channel_id or "").encode(errors="replace")) % count
            if isinstance(record, Snapshot):
                self._broker.append(topic, number, encode_snapshot(record))
            else:
                headers = [(REJECT_HEADER, record.reason), *(write_sighting(record.seen) if record.seen else ())]
                self._broker.append(topic, number, record.raw, [(name, text.encode()) for name, text in headers])
        return dict(self._broker.describe(topic).end_offsets)

    def publish_sweep(self, sweep: Sweep) -> None:
        self._broker.append(sweeps_topic(sweep.platform), 0, encode_sweep(sweep))

    def publish_mended(self, topic: str, messages: Sequence[MendedMessage]) -> None:
        count = len(self._broker.partitions(topic))
        for message in messages:
            number = zlib.crc32((message.key or "").encode(errors="replace")) % count
            self._broker.append(topic, number, message.value, [(REPLAY_HEADER, message.replay_of.encode())])


class MemoryLog:
    """A `SnapshotLog` on a broker in memory."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker

    def describe_topics(self, platform: Platform) -> Sequence[TopicFacts]:
        return [self._broker.describe(snapshots_topic(platform)), self._broker.describe(sweeps_topic(platform))]

    def read_batch(self, batch: Batch) -> ReadBatch:
        ranges = sorted(batch.ranges, key=lambda r: (r.topic, r.topic_partition))
        records = [record for r in ranges for record in self._read_range(r)]
        for topic, topic_id in batch.topic_ids.items():
            if self._broker.describe(topic).topic_id != kafka_id(topic_id):
                raise TopicReplaced(f"{topic} was made anew after this batch was planned")
        sweeps_from = sweeps_topic(batch.platform)
        snapshots, bad = decode_snapshots(batch.platform, [r for r in records if r.topic != sweeps_from])
        sweeps, bad_sweeps = decode_sweeps(batch.platform, [r for r in records if r.topic == sweeps_from])
        return ReadBatch(snapshots=snapshots, sweeps=sweeps, dead_letters=[*bad, *bad_sweeps])

    def note_positions(self, platform: Platform, positions: Mapping[tuple[str, int], int]) -> None:
        if not self._broker.is_down:
            self._broker.group_offsets.setdefault(landing_group(platform), {}).update(positions)

    def _read_range(self, wanted: OffsetRange) -> list[RawRecord]:
        partition = self._broker.partitions(wanted.topic)[wanted.topic_partition]
        if wanted.start_offset == wanted.end_offset:
            return []
        if wanted.start_offset < partition.low_offset:
            raise MessagesLost(f"{wanted.topic}: offsets {wanted.start_offset} to {partition.low_offset - 1} are gone")
        if wanted.end_offset > partition.end_offset:
            raise OffsetAhead(f"{wanted.topic} ends at {partition.end_offset}, not at {wanted.end_offset}")
        low = partition.low_offset
        return partition.records[wanted.start_offset - low : wanted.end_offset - low]
