"""From message bytes to columns and sweep records; a message that does not decode becomes a dead letter.

Nothing here raises for what a message holds: one bad message costs only itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from airtide.bus.instants import read_instant_ms, read_tick_ms, to_datetime
from airtide.bus.messages import SnapshotMessage, SweepMessage
from airtide.bus.records import RawRecord, RecordRefused, Refusal, read_message, to_dead_letter
from airtide.domain.batches import DeadLetter, SnapshotColumns, SweepRecord
from airtide.domain.models import Platform, Sweep

_snapshot_decoder = msgspec.json.Decoder(SnapshotMessage)
_sweep_decoder = msgspec.json.Decoder(SweepMessage)


def decode_snapshots(platform: Platform, records: Iterable[RawRecord]) -> tuple[SnapshotColumns, list[DeadLetter]]:
    """Return the snapshots among the records as columns in their order, and the rest as dead letters in theirs."""
    kept: list[RawRecord] = []
    messages: list[SnapshotMessage] = []
    times_ms: list[tuple[int, int, int | None, int | None]] = []
    dead_letters: list[DeadLetter] = []
    for record in records:
        try:
            message = read_message(record, platform, _snapshot_decoder)
            times_ms.append(_read_times_ms(message))
        except RecordRefused as refused:
            dead_letters.append(to_dead_letter(record, refused))
        else:
            kept.append(record)
            messages.append(message)
    return _to_columns(kept, messages, times_ms), dead_letters


def decode_sweeps(platform: Platform, records: Iterable[RawRecord]) -> tuple[list[SweepRecord], list[DeadLetter]]:
    """Return the sweeps among the records in their order, and the rest as dead letters in theirs."""
    sweeps: list[SweepRecord] = []
    dead_letters: list[DeadLetter] = []
    for record in records:
        try:
            sweep = _to_sweep(read_message(record, platform, _sweep_decoder))
        except RecordRefused as refused:
            dead_letters.append(to_dead_letter(record, refused))
        else:
            sweeps.append(
                SweepRecord(topic_partition=record.topic_partition, record_offset=record.record_offset, sweep=sweep)
            )
    return sweeps, dead_letters


def _read_times_ms(message: SnapshotMessage) -> tuple[int, int, int | None, int | None]:
    try:
        return (
            read_tick_ms(message.sampled_at),
            read_instant_ms(message.fetched_at),
            None if message.started_at is None else read_instant_ms(message.started_at),
            None if message.ended_at is None else read_instant_ms(message.ended_at),
        )
    except ValueError as error:
        raise RecordRefused(Refusal.INVALID, str(error)) from None


def _to_columns(
    records: Sequence[RawRecord],
    messages: Sequence[SnapshotMessage],
    times_ms: Sequence[tuple[int, int, int | None, int | None]],
) -> SnapshotColumns:
    # one comprehension a column: three times as fast as transposing a tuple a message
    return SnapshotColumns(
        topic_partition=[r.topic_partition for r in records],
        record_offset=[r.record_offset for r in records],
        sweep_id=[m.sweep_id for m in messages],
        sampled_at_ms=[t[0] for t in times_ms],
        fetched_at_ms=[t[1] for t in times_ms],
        broadcast_id=[m.broadcast_id for m in messages],
        channel_id=[m.channel_id for m in messages],
        viewers=[m.viewers for m in messages],
        cadence_s=[m.cadence_s for m in messages],
        channel_handle=[m.channel_handle for m in messages],
        channel_name=[m.channel_name for m in messages],
        title=[m.title for m in messages],
        category_id=[m.category_id for m in messages],
        category_name=[m.category_name for m in messages],
        language=[m.language for m in messages],
        started_at_ms=[t[2] for t in times_ms],
        ended_at_ms=[t[3] for t in times_ms],
        thumbnail_url=[m.thumbnail_url for m in messages],
        watch_url=[m.watch_url for m in messages],
        is_mature=[m.is_mature for m in messages],
        tags=[m.tags for m in messages],
        flags=[m.flags for m in messages],
    )


def _to_sweep(message: SweepMessage) -> Sweep:
    try:
        return Sweep(
            sweep_id=message.sweep_id,
            platform=message.platform,
            sampled_at=to_datetime(read_tick_ms(message.sampled_at)),
            started_at=to_datetime(read_instant_ms(message.started_at)),
            finished_at=to_datetime(read_instant_ms(message.finished_at)),
            outcome=message.outcome,
            scope=message.scope,
            pages=message.pages,
            requests=message.requests,
            snapshots=message.snapshots,
            duplicates=message.duplicates,
            rejects=message.rejects,
            absent=message.absent,
            spend=message.spend,
            error=message.error,
            viewer_floor=message.viewer_floor,
            is_filtered=message.is_filtered,
            unknown_fields=message.unknown_fields,
            end_offsets=message.end_offsets,
        )
    except ValueError as error:
        raise RecordRefused(Refusal.INVALID, str(error)) from None
