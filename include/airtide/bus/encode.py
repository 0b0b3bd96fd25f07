"""From snapshots and sweeps to the bytes of their messages."""

from __future__ import annotations

from typing import Any

import msgspec

from airtide.bus.instants import write_instant, write_tick
from airtide.bus.messages import SnapshotMessage, SweepMessage
from airtide.domain.models import Snapshot, Sweep

_encoder = msgspec.json.Encoder()
_ESCAPED_NUL = b"\\u0000"
_UNSTORABLE = dict.fromkeys([0, *range(0xD800, 0xE000)], "\N{REPLACEMENT CHARACTER}")


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """Return the message of a snapshot; a time without zone or a tick between seconds raises ValueError.

    An empty category or language becomes null. What no store can hold in a text (NUL, half a surrogate pair) becomes
    U+FFFD.
    """
    return _encode(
        SnapshotMessage(
            v=1,
            sampled_at=write_tick(snapshot.sampled_at),
            fetched_at=write_instant(snapshot.fetched_at),
            viewers=snapshot.viewers,
            sweep_id=snapshot.sweep_id,
            platform=snapshot.platform,
            broadcast_id=snapshot.broadcast_id,
            channel_id=snapshot.channel_id,
            cadence_s=snapshot.cadence_s,
            channel_handle=snapshot.channel_handle,
            channel_name=snapshot.channel_name,
            title=snapshot.title,
            category_id=snapshot.category_id or None,
            category_name=snapshot.category_name or None,
            language=snapshot.language or None,
            started_at=None if snapshot.started_at is None else write_instant(snapshot.started_at),
            ended_at=None if snapshot.ended_at is None else write_instant(snapshot.ended_at),
            thumbnail_url=snapshot.thumbnail_url,
            watch_url=snapshot.watch_url,
            is_mature=snapshot.is_mature,
            tags=tuple(snapshot.tags),
            flags=tuple(snapshot.flags),
        )
    )


def encode_sweep(sweep: Sweep) -> bytes:
    """Return the message of a sweep; times and texts as in `encode_snapshot`."""
    return _encode(
        SweepMessage(
            v=1,
            sampled_at=write_tick(sweep.sampled_at),
            started_at=write_instant(sweep.started_at),
            finished_at=write_instant(sweep.finished_at),
            sweep_id=sweep.sweep_id,
            platform=sweep.platform,
            outcome=sweep.outcome,
            scope=sweep.scope,
            pages=sweep.pages,
            requests=sweep.requests,
            snapshots=sweep.snapshots,
            duplicates=sweep.duplicates,
            end_offsets=dict(sweep.end_offsets),
            rejects=sweep.rejects,
            absent=tuple(sweep.absent),
            spend=dict(sweep.spend),
            error=sweep.error,
            viewer_floor=sweep.viewer_floor,
            is_filtered=sweep.is_filtered,
            unknown_fields=dict(sweep.unknown_fields),
        )
    )


def _encode(message: SnapshotMessage | SweepMessage) -> bytes:
    try:
        encoded = _encoder.encode(message)
    except UnicodeEncodeError:
        return _encoder.encode(_clean(msgspec.to_builtins(message)))
    if _ESCAPED_NUL in encoded:
        return _encoder.encode(_clean(msgspec.to_builtins(message)))
    return encoded


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(_UNSTORABLE)
    if isinstance(value, tuple | list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return value
