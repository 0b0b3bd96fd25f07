"""Dead letters of messages that decode but may not be landed."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum

from airtide.domain.batches import DeadLetter, SnapshotColumns
from airtide.domain.models import Platform

_MESSAGE_VERSION = 1
_REBUILT = "raw is written anew from the fields that were read, headers are not kept"


class Refusal(StrEnum):
    """Why a snapshot that decodes is not landed; the reasons of messages that do not decode stand beside these."""

    FUTURE = "future"
    KEY_COLLISION = "key_collision"


def bury(
    platform: Platform, topic: str, snapshots: SnapshotColumns, index: int, reason: Refusal, detail: str
) -> DeadLetter:
    """Return the dead letter of one snapshot; its bytes are its fields written anew, as its detail says."""
    return DeadLetter(
        topic=topic,
        topic_partition=snapshots.topic_partition[index],
        record_offset=snapshots.record_offset[index],
        reason=reason,
        detail=f"{detail}; {_REBUILT}",
        raw=restore_message(platform, snapshots, index),
    )


def restore_message(platform: Platform, snapshots: SnapshotColumns, index: int) -> bytes:
    """Return the JSON message that the snapshot at `index` was decoded from, less what is missing or empty."""
    message: dict[str, object] = {"v": _MESSAGE_VERSION, "platform": platform.value}
    for column in fields(snapshots):
        value = getattr(snapshots, column.name)[index]
        if column.name in ("topic_partition", "record_offset"):
            continue
        if column.name.endswith("_ms"):
            message[column.name.removesuffix("_ms")] = None if value is None else _write_instant(value)
        else:
            message[column.name] = value
    kept = {name: value for name, value in message.items() if name == "viewers" or value not in (None, ())}
    return json.dumps(kept, ensure_ascii=False).encode()


def _write_instant(epoch_ms: int) -> str:
    instant = datetime.fromtimestamp(epoch_ms // 1000, UTC).replace(microsecond=epoch_ms % 1000 * 1000)
    timespec = "milliseconds" if epoch_ms % 1000 else "seconds"
    return instant.replace(tzinfo=None).isoformat(timespec=timespec) + "Z"
