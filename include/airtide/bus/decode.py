"""From message bytes to columns and sweep records; a message that does not decode becomes a dead letter.

Nothing here raises for what a message holds: one bad message costs only itself.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

import msgspec

from airtide.bus.heads import Head, HeadBook
from airtide.bus.instants import read_instant_ms, read_tick_ms, to_datetime
from airtide.bus.messages import SnapshotMessage, SweepMessage
from airtide.bus.records import (
    NOT_JSON,
    RawRecord,
    RecordRefused,
    Refusal,
    read_message,
    to_dead_letter,
)
from airtide.bus.rests import REST_BEGINS, RestBook
from airtide.domain.batches import DeadLetter, SnapshotColumns, SweepRecord
from airtide.domain.columns import CodedColumn
from airtide.domain.models import Platform, Sweep

_snapshot_decoder = msgspec.json.Decoder(SnapshotMessage)
_sweep_decoder = msgspec.json.Decoder(SweepMessage)
_encoder = msgspec.json.Encoder()


class SnapshotDecoder:
    """Decodes the snapshots of one platform batch by batch; remembers heads and unchanged rests of their messages.

    Whatever the bytes of a message, what becomes of it is what its struct says; a part that is known only spares the
    reading of it. When there are too many they are forgotten between two batches.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._heads = HeadBook()
        self._rests = RestBook()

    def decode(self, records: Iterable[RawRecord]) -> tuple[SnapshotColumns, list[DeadLetter]]:
        """Return the snapshots among the records as columns in their order, and the rest as dead letters in theirs."""
        if self._heads.is_full:
            self._heads = HeadBook()
        if self._rests.is_full:
            self._rests = RestBook()
        kept: list[RawRecord] = []
        heads: list[Head] = []
        codes = array("q")
        dead_letters: list[DeadLetter] = []
        for record in records:
            try:
                head, code = self._recognise(record) or self._read_whole(record)
            except RecordRefused as refused:
                dead_letters.append(to_dead_letter(record, refused))
            else:
                kept.append(record)
                heads.append(head)
                codes.append(code)
        return self._to_columns(kept, heads, codes), dead_letters

    def _recognise(self, record: RawRecord) -> tuple[Head, int] | None:
        """Return head and code of a message whose rest is known; None when that alone does not tell what it is."""
        value = record.value
        if value is None or record.headers:
            return None
        cut = value.find(REST_BEGINS)
        code = self._rests.codes.get(value[cut:])
        if code is None:
            return None
        try:
            return self._heads.read(value[:cut]), code
        except (*NOT_JSON, ValueError):
            return None

    def _read_whole(self, record: RawRecord) -> tuple[Head, int]:
        message = read_message(record, self._platform, _snapshot_decoder)
        try:
            ticked_ms, fetched_ms = read_tick_ms(message.sampled_at), read_instant_ms(message.fetched_at)
            own = _encoder.encode(message)
            code = self._rests.enter(own[own.index(REST_BEGINS) :], message)
        except ValueError as error:
            raise RecordRefused(Refusal.INVALID, str(error)) from None
        return (ticked_ms, fetched_ms, message.viewers, message.sweep_id), code

    def _to_columns(self, records: Sequence[RawRecord], heads: Sequence[Head], codes: array[int]) -> SnapshotColumns:
        """Return plain numbers: of what was decoded to read them nothing is kept."""
        ticks, fetched, viewers, sweep_ids = zip(*heads, strict=True) if heads else ((), (), (), ())
        sweeps = {sweep_id: code for code, sweep_id in enumerate(dict.fromkeys(sweep_ids))}
        return SnapshotColumns(
            topic_partition=array("q", [record.topic_partition for record in records]),
            record_offset=array("q", [record.record_offset for record in records]),
            sweep_id=CodedColumn(list(sweeps), array("q", [sweeps[sweep_id] for sweep_id in sweep_ids])),
            sampled_at_ms=array("q", ticks),
            fetched_at_ms=array("q", fetched),
            viewers=list(viewers),
            **{name: CodedColumn(values, codes) for name, values in self._rests.columns.items()},
        )


def decode_snapshots(platform: Platform, records: Iterable[RawRecord]) -> tuple[SnapshotColumns, list[DeadLetter]]:
    """Decode the snapshots among the records as the first batch of a run."""
    return SnapshotDecoder(platform).decode(records)


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
