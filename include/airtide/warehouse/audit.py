"""The warehouse's side of an audit: what the ledger says, and the samples, all as they were at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import numpy as np
import psycopg

from airtide.domain.audited import (
    AuditedBatch,
    AuditedPosition,
    KeptSamples,
    LedgerState,
    ListedObject,
    Place,
    Run,
)
from airtide.domain.models import Platform
from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures
from airtide.warehouse.copying import POSTGRES_EPOCH_MS
from airtide.warehouse.policies import read_raw_age
from airtide.warehouse.statements import read_statement


class WarehouseAudit:
    """Audits of a warehouse; each in one read-only transaction on a connection of its own."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address

    @contextmanager
    def open_audit(self, platform: Platform) -> Iterator[PlatformAudit]:
        """Open a view that no landing changes; it may stand idle while objects are read."""
        with translate_failures(self._address), connect(self._address, Role.INGEST) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            with connection.transaction():
                connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                yield PlatformAudit(connection, platform)


class PlatformAudit:
    """One platform in an open transaction."""

    def __init__(self, connection: psycopg.Connection, platform: Platform) -> None:
        self._connection = connection
        self._platform = platform

    def read_state(self) -> LedgerState:
        """Return what the ledger says of the platform."""
        batches, planned = self._read_batches()
        return LedgerState(
            raw_age=read_raw_age(self._connection, self._platform),
            positions=[
                AuditedPosition(place=Place(*place), first_offset=first_offset, next_offset=next_offset)
                for *place, first_offset, next_offset in self._read("read_audited_positions")
            ],
            batches=batches,
            planned=planned,
            losses=[
                (Place(*place), Run(start_offset, end_offset))
                for *place, start_offset, end_offset in self._read("read_audited_losses")
            ],
            dead_letters={Place(*place): offsets for *place, offsets in self._read("read_audited_dead_letters")},
            objects=[
                ListedObject(
                    object_key=object_key,
                    kind=kind,
                    batch_id=batch_id,
                    starts_at=starts_at,
                    is_of_day=is_of_day,
                    rows=rows,
                    sha256=sha256,
                    is_retired=is_retired,
                )
                for object_key, kind, batch_id, starts_at, is_of_day, rows, sha256, is_retired in self._read(
                    "read_audited_objects"
                )
            ],
        )

    def find_sample_hours(self, from_at: datetime) -> Sequence[datetime]:
        """Return the hours from `from_at` on that hold samples."""
        return [hour for (hour,) in self._read("find_sample_hours", from_at=from_at)]

    def read_samples(self, from_at: datetime, to_at: datetime) -> KeptSamples:
        """Return the samples of [from_at, to_at) as columns: they come as bytes, without a Python object a row."""
        asked = {"platform": self._platform.value, "from_at": from_at, "to_at": to_at}
        with self._connection.cursor(binary=True) as cursor:
            [(samples,)] = cursor.execute(read_statement("read_audited_samples"), asked).fetchall()
        rows = np.frombuffer(samples or b"", dtype=">i8").reshape(-1, 5).astype(np.int64)
        sampled_at, broadcast_key, viewers, cadence_s, detail_of = rows.T
        return KeptSamples(
            sampled_at_ms=sampled_at // 1000 + POSTGRES_EPOCH_MS,
            broadcast_key=broadcast_key,
            viewers=viewers,
            cadence_s=cadence_s,
            detail_of=detail_of,
        )

    def _read_batches(self) -> tuple[list[AuditedBatch], list[int]]:
        batches, planned = [], []
        for batch_id, state, planned_at, min_sampled_at, ranges, topic_ids, *counts in self._read(
            "read_audited_batches"
        ):
            if state == "planned":
                planned.append(batch_id)
                continue
            snapshots, dead_letters, expired = counts
            batches.append(
                AuditedBatch(
                    batch_id=batch_id,
                    planned_at=planned_at,
                    min_sampled_at=min_sampled_at,
                    runs=[
                        (
                            Place(part["topic"], topic_ids[part["topic"]], part["topic_partition"]),
                            Run(part["start_offset"], part["end_offset"]),
                        )
                        for part in ranges
                        if part["start_offset"] < part["end_offset"]
                    ],
                    snapshots=snapshots,
                    dead_letters=dead_letters,
                    expired=expired,
                )
            )
        return batches, planned

    def _read(self, statement: str, **values: Any) -> Iterator[tuple[Any, ...]]:
        asked = {"platform": self._platform.value, **values}
        return iter(self._connection.execute(read_statement(statement), asked).fetchall())
