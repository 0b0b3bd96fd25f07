"""Tells whether bytes are a message that landing would take now, and makes the message of a snapshot."""

from __future__ import annotations

from airtide.bus.decode import decode_snapshots, decode_sweeps
from airtide.bus.encode import encode_snapshot
from airtide.bus.instants import to_datetime
from airtide.bus.records import RawRecord
from airtide.domain.batches import SWEEPS, kind_of_topic
from airtide.domain.dead_letters import ReadableMessage, platform_of_topic
from airtide.domain.errors import BadRecord
from airtide.domain.models import Snapshot


class MessageCodec:
    """Messages by the code that landing decodes them with."""

    def read(self, topic: str, value: bytes | None) -> ReadableMessage:
        """Return whose message `value` is on `topic`; raises `BadRecord` with the reason why landing refuses it."""
        platform = platform_of_topic(topic)
        record = RawRecord(topic, 0, 0, value)
        if kind_of_topic(topic) == SWEEPS:
            sweeps, refused = decode_sweeps(platform, [record])
            if not refused:
                return ReadableMessage(key=None, sampled_at=sweeps[0].sweep.sampled_at)
        else:
            snapshots, refused = decode_snapshots(platform, [record])
            if not refused:
                return ReadableMessage(key=snapshots.channel_id[0], sampled_at=to_datetime(snapshots.sampled_at_ms[0]))
        raise BadRecord(f"{refused[0].reason}: {refused[0].detail}")

    def encode(self, snapshot: Snapshot) -> bytes:
        """Return the message of a snapshot."""
        return encode_snapshot(snapshot)
