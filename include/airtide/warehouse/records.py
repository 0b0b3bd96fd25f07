"""What a landing puts on record beside its rows: sweeps, dead letters, objects."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import psycopg
from psycopg.types.json import Jsonb

from airtide.domain.batches import DeadLetter, LakeObject, SweepRecord
from airtide.domain.models import Sweep
from airtide.warehouse.statements import read_statement

_LONGEST_REASON = 200


def land_sweeps(connection: psycopg.Connection, records: Sequence[SweepRecord], *, now: datetime) -> int:
    """Write the sweeps that are not known yet; return how many."""
    if not records:
        return 0
    sweeps = [_sweep_fields(record.sweep) for record in records]
    return connection.execute(read_statement("land_sweeps"), {"sweeps": Jsonb(sweeps), "now": now}).rowcount


def land_dead_letters(
    connection: psycopg.Connection, letters: Sequence[DeadLetter], topic_ids: Mapping[str, str], *, now: datetime
) -> None:
    """Write dead letters."""
    if letters:
        connection.execute(
            read_statement("land_dead_letters"),
            {
                "topics": [letter.topic for letter in letters],
                "topic_ids": [topic_ids[letter.topic] for letter in letters],
                "topic_partitions": [letter.topic_partition for letter in letters],
                "record_offsets": [letter.record_offset for letter in letters],
                "reasons": [_storable(letter.reason)[:_LONGEST_REASON] for letter in letters],
                "details": [_storable(letter.detail) for letter in letters],
                "headers": [_write_headers(letter.headers) for letter in letters],
                "raws": [letter.raw for letter in letters],
                "now": now,
            },
        )


def list_objects(connection: psycopg.Connection, batch_id: int, objects: Sequence[LakeObject]) -> None:
    """List the batch's objects: from its commit on they count."""
    if objects:
        fields = [_object_fields(stored) for stored in objects]
        connection.execute(read_statement("list_objects"), {"batch_id": batch_id, "objects": Jsonb(fields)})


def _sweep_fields(sweep: Sweep) -> dict[str, object]:
    return {
        "sweep_id": sweep.sweep_id,
        "platform": sweep.platform.value,
        "sampled_at": sweep.sampled_at.isoformat(),
        "started_at": sweep.started_at.isoformat(),
        "finished_at": sweep.finished_at.isoformat(),
        "outcome": sweep.outcome.value,
        "scope": sweep.scope.value,
        "pages": sweep.pages,
        "requests": sweep.requests,
        "snapshots": sweep.snapshots,
        "duplicates": sweep.duplicates,
        "rejects": sweep.rejects,
        "absent": list(sweep.absent),
        "viewer_floor": sweep.viewer_floor,
        "is_filtered": sweep.is_filtered,
        "unknown_fields": dict(sweep.unknown_fields),
        "spend": dict(sweep.spend),
        "error": sweep.error,
        "end_offsets": {str(number): offset for number, offset in sweep.end_offsets.items()},
    }


def _object_fields(stored: LakeObject) -> dict[str, object]:
    return {
        "object_key": stored.object_key,
        "kind": stored.kind,
        "platform": stored.platform.value,
        "day": stored.day,
        "hour": stored.hour,
        "rows": stored.rows,
        "bytes": stored.bytes,
        "sha256": stored.sha256,
        "min_sampled_at": stored.min_sampled_at.isoformat(),
        "max_sampled_at": stored.max_sampled_at.isoformat(),
    }


def _write_headers(headers: Sequence[tuple[str, bytes | None]]) -> str:
    return json.dumps(
        [
            [_storable(name), None if value is None else _storable(value.decode(errors="replace"))]
            for name, value in headers
        ]
    )


def _storable(text: str) -> str:
    """Return the text with a replacement character for U+0000, which PostgreSQL cannot hold."""
    return text.replace("\0", "\ufffd")
