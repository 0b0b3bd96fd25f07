"""From message bytes to columns and sweep records; a message that does not decode becomes a dead letter.

Nothing here raises for what a message holds: one bad message costs only itself.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import msgspec

from airtide.bus.instants import read_instant_ms, read_tick_ms, to_datetime
from airtide.bus.messages import SnapshotHead, SnapshotMessage, SweepMessage
from airtide.bus.records import (
    ESCAPED_NUL,
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
_head_decoder = msgspec.json.Decoder(SnapshotHead)
_sweep_decoder = msgspec.json.Decoder(SweepMessage)
_encoder = msgspec.json.Encoder()


class SnapshotDecoder:
    """Decodes the snapshots of one platform batch by batch; remembers the unchanged rests of their messages.

    Whatever the bytes of a message, what becomes of it is what its struct says; a rest that is known only spares the
    reading of it. When there are too many they are forgotten between two batches.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._book = RestBook()

    def decode(self, records: Iterable[RawRecord]) -> tuple[SnapshotColumns, list[DeadLetter]]:
        """Return the snapshots among the records as columns in their order, and the rest as dead letters in theirs."""
        if self._book.is_full:
            self._book = RestBook()
        rows = _Rows()
        dead_letters: list[DeadLetter] = []
        for record in records:
            try:
                head, code = self._recognise(record) or self._read_whole(record)
            except RecordRefused as refused:
                dead_letters.append(to_dead_letter(record, refused))
            else:
                rows.add(record, head, code)
        return rows.to_columns(self._book), dead_letters

    def _recognise(self, record: RawRecord) -> tuple[SnapshotHead, int] | None:
        """Return head and code of a message whose rest is known; None when that alone does not tell what it is."""
        value = record.value
        if value is None or record.headers:
            return None
        cut = value.find(REST_BEGINS)
        code = self._book.codes.get(value[cut:])
        if code is None:
            return None
        start = value[:cut]
        if ESCAPED_NUL in start:
            return None
        try:
            head = _head_decoder.decode(start + b"}")
            read_tick_ms(head.sampled_at)
            read_instant_ms(head.fetched_at)
        except (*NOT_JSON, ValueError):
            return None
        return head, code

    def _read_whole(self, record: RawRecord) -> tuple[SnapshotHead, int]:
        message = read_message(record, self._platform, _snapshot_decoder)
        try:
            read_tick_ms(message.sampled_at)
            read_instant_ms(message.fetched_at)
            own = _encoder.encode(message)
            code = self._book.enter(own[own.index(REST_BEGINS) :], message)
        except ValueError as error:
            raise RecordRefused(Refusal.INVALID, str(error)) from None
        head = SnapshotHead(
            v=1,
            sampled_at=message.sampled_at,
            fetched_at=message.fetched_at,
            viewers=message.viewers,
            sweep_id=message.sweep_id,
        )
        return head, code


class _Rows:
    """The snapshots of a batch as plain numbers: of what was decoded to read them nothing is kept."""

    def __init__(self) -> None:
        self._topic_partition, self._record_offset = array("q"), array("q")
        self._sampled_at_ms, self._fetched_at_ms = array("q"), array("q")
        self._viewers: list[int | None] = []
        self._sweep_ids: dict[str, int] = {}
        self._sweep_codes, self._codes = array("q"), array("q")

    def add(self, record: RawRecord, head: SnapshotHead, code: int) -> None:
        self._topic_partition.append(record.topic_partition)
        self._record_offset.append(record.record_offset)
        self._sampled_at_ms.append(read_tick_ms(head.sampled_at))
        self._fetched_at_ms.append(read_instant_ms(head.fetched_at))
        self._viewers.append(head.viewers)
        self._sweep_codes.append(self._sweep_ids.setdefault(head.sweep_id, len(self._sweep_ids)))
        self._codes.append(code)

    def to_columns(self, book: RestBook) -> SnapshotColumns:
        return SnapshotColumns(
            topic_partition=self._topic_partition,
            record_offset=self._record_offset,
            sweep_id=CodedColumn(list(self._sweep_ids), self._sweep_codes),
            sampled_at_ms=self._sampled_at_ms,
            fetched_at_ms=self._fetched_at_ms,
            viewers=self._viewers,
            **{name: CodedColumn(values, self._codes) for name, values in book.columns.items()},
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
