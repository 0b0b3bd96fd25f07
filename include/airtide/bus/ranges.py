"""Kafka as the log that landings read: facts of topics, exact ranges, and the courtesy of telling positions."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from confluent_kafka import Consumer, KafkaException

from airtide.bus.decode import SnapshotDecoder, decode_sweeps
from airtide.bus.link import BrokerLink
from airtide.bus.noting import GroupNotes
from airtide.bus.offsets import check_topic_ids, describe
from airtide.bus.reading import CONSUMER_SETTINGS, read_ranges
from airtide.bus.topics import landing_group, snapshots_topic, sweeps_topic
from airtide.domain.batches import Batch, ReadBatch, TopicFacts
from airtide.domain.models import Platform

log = logging.getLogger(__name__)


class KafkaLog:
    """Bounded reading of the topics; one consumer serves every batch of a run. Not for several threads at once."""

    def __init__(self, config: Mapping[str, str], *, deadline_s: float) -> None:
        self._link = BrokerLink(config, deadline_s=deadline_s)
        self._consumer: Consumer | None = None
        self._notes: GroupNotes | None = None
        self._decoders: dict[Platform, SnapshotDecoder] = {}

    def __enter__(self) -> KafkaLog:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the broker; the next read opens a new consumer."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None
        self._forget_notes()
        self._link.close()

    def describe_topics(self, platform: Platform) -> Sequence[TopicFacts]:
        """Return the snapshots and the sweeps topic of `platform` as the broker knows them now.

        End offsets are those up to which no transaction is open. Raises `MisconfiguredError` when a topic is missing.
        """
        return describe(self._link, [snapshots_topic(platform), sweeps_topic(platform)], self._link.start_deadline())

    def read_batch(self, batch: Batch) -> ReadBatch:
        """Read exactly the ranges of `batch`, decoded, ordered by topic, partition and offset.

        Raises `MessagesLost` when the broker no longer holds all of them, `OffsetAhead` when its log ends before them,
        `TopicReplaced` when a topic was made anew since the batch was planned.
        """
        deadline = self._link.start_deadline()
        if self._consumer is None:
            self._consumer = self._link.build_consumer(CONSUMER_SETTINGS)
        records = read_ranges(self._link, self._consumer, batch.ranges, deadline)
        check_topic_ids(self._link, batch.topic_ids, deadline)
        sweeps_from = sweeps_topic(batch.platform)
        decoder = self._decoders.setdefault(batch.platform, SnapshotDecoder(batch.platform))
        snapshots, bad_snapshots = decoder.decode([r for r in records if r.topic != sweeps_from])
        sweeps, bad_sweeps = decode_sweeps(batch.platform, [r for r in records if r.topic == sweeps_from])
        return ReadBatch(snapshots=snapshots, sweeps=sweeps, dead_letters=[*bad_snapshots, *bad_sweeps])

    def note_positions(self, platform: Platform, positions: Mapping[tuple[str, int], int]) -> None:
        """Set the landing group's offsets to the landed positions; a courtesy to lag monitors, a failure only warns."""
        if not positions:
            return
        deadline = self._link.start_deadline()
        group = landing_group(platform)
        if self._notes is None or self._notes.group != group:
            self._forget_notes()
            self._notes = GroupNotes(self._link, group)
        try:
            refused = self._notes.note(positions, deadline)
        except KafkaException as failure:
            explained = self._link.explain(failure.args[0], f"note how far {platform} is landed")
            log.warning("lag of group %s is not shown right: %s", group, explained)
            return
        for refusal in refused:
            log.warning("lag of group %s is not shown right for %s", group, refusal)

    def _forget_notes(self) -> None:
        if self._notes is not None:
            self._notes.close()
            self._notes = None
