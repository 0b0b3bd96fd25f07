"""Kafka as the sink of polls: a message counts only when its delivery report says so."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, Message, Producer

from airtide.bus.encode import encode_snapshot, encode_sweep
from airtide.bus.link import BrokerLink, Deadline
from airtide.bus.offsets import read_end_offsets, read_layouts
from airtide.bus.topics import snapshots_topic, sweeps_topic
from airtide.domain.dead_letters import (
    RAW_BYTES_HEADER,
    REJECT_HEADER,
    REPLAY_HEADER,
    MendedMessage,
    write_sighting,
)
from airtide.domain.errors import AirtideError, MisconfiguredError
from airtide.domain.models import Platform, Reject, Snapshot, Sweep

MOST_RAW_BYTES = 900_000
"""Under the message size of a broker in its default settings, with room for key and headers."""

log = logging.getLogger(__name__)

_PRODUCER_SETTINGS: Mapping[str, Any] = {
    "enable.idempotence": True,
    "acks": "all",
    "compression.type": "zstd",
    "linger.ms": 50,
    "batch.size": 1_000_000,
    "partitioner": "murmur2_random",  # a channel's partition is the same as Java's and Spark's producers choose
    "queue.buffering.max.messages": 100_000,
    "queue.buffering.max.kbytes": 65_536,
}
_SERVE_REPORTS_EVERY = 1000


class _Outgoing(NamedTuple):
    key: bytes | None
    value: bytes
    headers: list[tuple[str, str | bytes | None]]


class _DeliveryReports:
    """Counts the reports of one call and keeps its first error."""

    def __init__(self) -> None:
        self.acknowledged = 0
        self.first_error: KafkaError | None = None

    def __call__(self, error: KafkaError | None, _message: Message) -> None:
        if error is None:
            self.acknowledged += 1
        elif self.first_error is None:
            self.first_error = error


class KafkaSink:
    """Publishes a sweep's messages; one producer serves the process. Not for several threads at once."""

    def __init__(self, config: Mapping[str, str], *, deadline_s: float) -> None:
        self._link = BrokerLink(config, deadline_s=deadline_s)
        self._producer: Producer | None = None

    def __enter__(self) -> KafkaSink:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the broker; nothing is in flight between calls, so nothing can be lost by it."""
        if self._producer is not None:
            self._producer.close()
            self._producer = None
        self._link.close()

    def publish_snapshots(self, platform: Platform, records: Sequence[Snapshot | Reject]) -> dict[int, int]:
        """Produce the records; return the end offset of every partition of the topic, asked after the last report.

        Raises `PartUnreachable` when any message is not acknowledged within the deadline (some may still be in the
        topic: the sweep failed, and the next try is a sweep of its own), `MisconfiguredError` when there is no topic.
        """
        deadline = self._link.start_deadline()
        [layout] = read_layouts(self._link, [snapshots_topic(platform)], deadline)
        self._publish(layout.topic, map(_pack, records), deadline)
        return read_end_offsets(self._link, layout, deadline, isolation=IsolationLevel.READ_UNCOMMITTED)

    def publish_sweep(self, sweep: Sweep) -> None:
        """Produce the sweep record; raises as `publish_snapshots` does."""
        deadline = self._link.start_deadline()
        [layout] = read_layouts(self._link, [sweeps_topic(sweep.platform)], deadline)
        self._publish(layout.topic, [_Outgoing(None, encode_sweep(sweep), [])], deadline)

    def publish_mended(self, topic: str, messages: Sequence[MendedMessage]) -> None:
        """Produce mended messages to the topic of their dead letters; raises as `publish_snapshots` does."""
        deadline = self._link.start_deadline()
        [layout] = read_layouts(self._link, [topic], deadline)
        self._publish(layout.topic, map(_pack_mended, messages), deadline)

    def _publish(self, topic: str, messages: Iterable[_Outgoing], deadline: Deadline) -> None:
        reports = _DeliveryReports()
        began = time.monotonic()
        try:
            produced = self._produce(topic, messages, reports, deadline)
            self._open().flush(deadline.left_s())
        except BaseException:
            self._abandon()
            raise
        if reports.acknowledged < produced:
            self._abandon()
            error = reports.first_error or KafkaError(KafkaError._TIMED_OUT)
            missing = produced - reports.acknowledged
            raise self._link.explain(error, f"acknowledge {missing} of {produced} messages for {topic}")
        seconds = time.monotonic() - began
        rate = f"{produced / seconds:.0f}" if seconds else "unknown"
        log.info("published topic=%s messages=%s seconds=%.2f messages_per_s=%s", topic, produced, seconds, rate)

    def _produce(self, topic: str, messages: Iterable[_Outgoing], reports: _DeliveryReports, deadline: Deadline) -> int:
        producer = self._open()
        count = 0
        for count, message in enumerate(messages, start=1):
            while not self._enqueue(producer, topic, message, reports):
                if deadline.has_passed or reports.first_error is not None:
                    error = reports.first_error or KafkaError(KafkaError._TIMED_OUT)
                    raise self._link.explain(error, f"take message {count} for {topic}")
                producer.poll(0.1)
            if count % _SERVE_REPORTS_EVERY == 0:
                producer.poll(0)
        return count

    def _enqueue(self, producer: Producer, topic: str, message: _Outgoing, reports: _DeliveryReports) -> bool:
        try:
            producer.produce(topic, message.value, message.key, headers=message.headers, on_delivery=reports)
        except BufferError:  # the queue is full: wait for reports, memory stays bounded
            return False
        except KafkaException as failure:
            raise self._explain_refusal(failure.args[0], topic, message) from failure
        return True

    def _explain_refusal(self, error: KafkaError, topic: str, message: _Outgoing) -> AirtideError:
        if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            return MisconfiguredError(
                f"a message of {len(message.value)} bytes for {topic} is larger than the producer's message.max.bytes"
            )
        return self._link.explain(error, f"take a message for {topic}")

    def _open(self) -> Producer:
        if self._producer is None:
            timeout_ms = int(self._link.deadline_s * 1000)
            self._producer = self._link.build_producer({**_PRODUCER_SETTINGS, "delivery.timeout.ms": timeout_ms})
        return self._producer

    def _abandon(self) -> None:
        """Give up what is unsent: a later call must not deliver messages of a sweep that has failed."""
        if self._producer is not None:
            self._producer.purge()
            self._producer.close()
            self._producer = None


def _pack(record: Snapshot | Reject) -> _Outgoing:
    key = None if record.channel_id is None else record.channel_id.encode(errors="replace")
    if isinstance(record, Snapshot):
        return _Outgoing(key, encode_snapshot(record), [])
    headers: list[tuple[str, str | bytes | None]] = [(REJECT_HEADER, record.reason)]
    if record.seen is not None:
        headers += write_sighting(record.seen)
    if len(record.raw) > MOST_RAW_BYTES:
        headers.append((RAW_BYTES_HEADER, str(len(record.raw))))
    return _Outgoing(key, record.raw[:MOST_RAW_BYTES], headers)


def _pack_mended(message: MendedMessage) -> _Outgoing:
    key = None if message.key is None else message.key.encode(errors="replace")
    return _Outgoing(key, message.value, [(REPLAY_HEADER, message.replay_of)])
