"""The rows of one batch, written set by set; everything here runs inside the landing's one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import numpy as np
import psycopg
from psycopg.errors import UniqueViolation

from airtide.domain.batches import Batch
from airtide.domain.errors import MisconfiguredError
from airtide.domain.landed import LandedRows, SampleColumns
from airtide.domain.models import Platform
from airtide.warehouse.broadcasts import land_broadcasts, land_flags, stage_broadcasts
from airtide.warehouse.copying import FixedColumn, copy_rows, instants, integers, repeated
from airtide.warehouse.dimensions import land_categories, land_channels, land_details
from airtide.warehouse.statements import read_statement

HOURLY_UP_TO = timedelta(hours=48)
"""A platform whose raw data lives no longer than this has a leaf an hour, so that what expires goes in small steps."""

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def write_rows(connection: psycopg.Connection, batch: Batch, rows: LandedRows, *, raw_age: timedelta) -> int:
    """Write samples, dimensions and what they make stale; return how many samples are new."""
    _ensure_room(connection, batch.platform, rows.samples, raw_age)
    new_samples, sample_hours = _land_samples(connection, batch.platform, rows.samples)
    stage_broadcasts(connection, rows.broadcasts)
    _mark_dirty(connection, batch, sample_hours)
    land_flags(connection, batch.platform, rows.flags)
    land_broadcasts(connection, batch.platform, rows.broadcasts)
    land_channels(connection, batch.platform, rows.channels)
    land_categories(connection, batch.platform, rows.categories)
    land_details(connection, rows.details)
    return new_samples


def _ensure_room(
    connection: psycopg.Connection, platform: Platform, samples: SampleColumns, raw_age: timedelta
) -> None:
    span = _HOUR if raw_age <= HOURLY_UP_TO else _DAY
    spans = _cut(samples.sampled_at_ms, span)
    connection.execute(
        read_statement("ensure_sample_partitions"), {"platform": platform.value, "starts_at": spans, "span": span}
    )


def _land_samples(
    connection: psycopg.Connection, platform: Platform, samples: SampleColumns
) -> tuple[int, Sequence[datetime]]:
    """Copy the samples straight in; only where one of them is known already go through a staging table.

    Returns how many are new and the hours these lie in.
    """
    if not samples.sampled_at_ms:
        return 0, []
    columns = [
        repeated(platform.value, len(samples.sampled_at_ms)),
        instants(samples.sampled_at_ms),
        integers(samples.broadcast_key, bytes_each=8),
        integers(samples.detail_key, bytes_each=8),
        integers(samples.viewers, bytes_each=4),
        integers(samples.cadence_s, bytes_each=4),
    ]
    try:
        with connection.transaction():
            _copy(connection, "copy_samples", columns)
    except UniqueViolation as violation:
        if not _is_of_sample(violation, platform):
            raise
        return _land_staged_samples(connection, columns)
    return len(samples.sampled_at_ms), _cut(samples.sampled_at_ms, _HOUR)


def _is_of_sample(violation: UniqueViolation, platform: Platform) -> bool:
    table = violation.diag.table_name or ""
    return (
        violation.diag.schema_name == "live"
        and table.startswith(f"sample_{platform}_")
        and violation.diag.constraint_name == f"{table}_pkey"
    )


def _land_staged_samples(
    connection: psycopg.Connection, columns: Sequence[FixedColumn]
) -> tuple[int, Sequence[datetime]]:
    connection.execute(read_statement("stage_samples"))
    _copy(connection, "copy_staged_samples", columns)
    landed = connection.execute(read_statement("land_staged_samples")).fetchall()
    return sum(samples for _, samples in landed), [hour for hour, _ in landed]


def _mark_dirty(connection: psycopg.Connection, batch: Batch, sample_hours: Sequence[datetime]) -> None:
    uncovered = connection.execute(read_statement("find_uncovered_hours"), {"hours": list(sample_hours)}).fetchall()
    if uncovered:
        raise MisconfiguredError(
            f"no day of the calendar (trends.zone_day) holds the samples of {uncovered[0][0].isoformat()}: "
            "nothing would roll them up. Run `airtide up`, which extends it"
        )
    connection.execute(
        read_statement("mark_dirty"),
        {"platform": batch.platform.value, "batch_id": batch.batch_id, "sample_hours": list(sample_hours)},
    )


def _copy(connection: psycopg.Connection, statement: LiteralString, columns: Sequence[FixedColumn]) -> None:
    with connection.cursor() as cursor:
        copy_rows(cursor, read_statement(statement), columns)


def _cut(epoch_ms: Sequence[int], span: timedelta) -> list[datetime]:
    """Return the distinct starts of the spans since the epoch that hold these instants, ascending."""
    span_ms = span // timedelta(milliseconds=1)
    starts = np.unique(np.array(epoch_ms, dtype=np.int64) // span_ms) * (span_ms // 1000)
    return [datetime.fromtimestamp(start, UTC) for start in starts.tolist()]
