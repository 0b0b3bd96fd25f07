"""What days are computed from: a warehouse with the samples and hourly states of one, and a lake with two of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from io import SEEK_END
from itertools import pairwise
from json import dumps
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
import pyarrow.compute as pc
from psycopg import Connection, sql
from tests.benchmarks.trends.crowd import CADENCE_S, DAY, DAY_S, Crowd, Samples
from tests.services import WarehouseMaker, running_lake, running_postgres

from airtide.domain.batches import SNAPSHOTS, LakeObject
from airtide.domain.models import Platform
from airtide.domain.recomputed import DayObject
from airtide.lake.compacting import Compactor, write_groups
from airtide.lake.keys import RANGES
from airtide.lake.parquet import SNAPSHOT_SCHEMA, digest_rows, write_parquet
from airtide.lake.stores import ObjectStore, S3Store
from airtide.local.home import Home
from airtide.local.parts.lake import LakePart
from airtide.warehouse.connect import PostgresAddress, Role, connect
from airtide.warehouse.copying import FixedColumn, copy_rows, instants, integers, repeated
from airtide.warehouse.policies import PlatformPolicy, write_policies
from airtide.warehouse.rollups import roll_up_hours
from airtide.warehouse.statements import read_statement
from airtide.warehouse.zone_days import ensure_zone_days

SINGLE, QUADRUPLE = Platform.CHZZK, Platform.SOOP
"""The platform of the day, and that of a day four times as large, which lies in the lake alone."""
NOW = DAY + timedelta(days=2)
BUCKET = "bench"
TOPIC_ID = "of-the-benchmark"
MINUTES_AN_OBJECT = 5
"""As much as a landing brings."""

_RAW_AGE = timedelta(days=30)
_ROWS_AT_ONCE = 200_000
_HOURS = [DAY + timedelta(hours=number) for number in range(-1, 25)]
_TOLD = {"topic": f"airtide.{SNAPSHOTS}.bench.v1", "topic_id": TOPIC_ID, "ranges": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Running parts and what they hold; can be handed to another process."""

    address: PostgresAddress
    lake: LakePart
    small: Sequence[DayObject]
    compacted: Sequence[DayObject]
    quadruple: Sequence[DayObject]

    @contextmanager
    def open_store(self) -> Iterator[S3Store]:
        """Open the bucket."""
        with closing(self.lake.client()) as client:
            yield S3Store(client, BUCKET)


@contextmanager
def running_parts(broadcasts: int) -> Iterator[Parts]:
    """Run the parts, with the days in them."""
    with ExitStack() as stack:
        home = Home(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="airtide-bench-"))).resolve())
        lake = stack.enter_context(running_lake(home))
        superuser = stack.enter_context(running_postgres(home))
        warehouse = stack.enter_context(WarehouseMaker(superuser).warehouse())
        single = Crowd(SINGLE, seed=1, broadcasts=broadcasts)
        quadruple = Crowd(QUADRUPLE, seed=2, broadcasts=4 * broadcasts)
        with closing(lake.client()) as client:
            client.create_bucket(Bucket=BUCKET)
            store = S3Store(client, BUCKET)
            listed = write_small(store, single)
            parts = Parts(
                address=warehouse.address,
                lake=lake,
                small=[_name(told) for told in listed],
                compacted=[_name(told) for told in compact(store, listed)],
                quadruple=[_name(write_whole(store, quadruple))],
            )
        with connect(warehouse.superuser, Role.OWNER) as connection:
            write_policies(connection, [_policy(platform) for platform in (SINGLE, QUADRUPLE)])
        with connect(warehouse.address, Role.ROLLUP) as connection:
            ensure_zone_days(connection, ["UTC"], first_day=date(2026, 1, 8), last_day=date(2026, 1, 12))
        with connect(warehouse.superuser, None) as connection:
            fill_broadcasts(connection, quadruple)
            fill_broadcasts(connection, single)
            fill_samples(connection, single)
            # or a worker of the server does it while something is measured
            connection.execute("VACUUM (FREEZE, ANALYZE) live.sample, live.broadcast, live.broadcast_detail")
        with connect(warehouse.address, Role.ROLLUP) as connection:
            roll_up_hours(connection, now=NOW)
        with connect(warehouse.superuser, None) as connection:
            connection.execute("VACUUM (FREEZE, ANALYZE) trends.broadcast_hour, trends.platform_hour")
            connection.execute("CHECKPOINT")
        yield parts


def write_small(store: ObjectStore, crowd: Crowd) -> list[LakeObject]:
    """Write one object for each landing of the crowd's samples."""
    samples = crowd.samples
    landing = np.floor_divide(samples.minute, MINUTES_AN_OBJECT)
    bounds = [*np.flatnonzero(np.diff(landing, prepend=landing[0] - 1)).tolist(), len(landing)]
    written = []
    for start, end in pairwise(bounds):
        part = Samples(samples.broadcast[start:end], samples.minute[start:end], samples.viewers[start:end])
        [table] = crowd.tables(part, end - start, first_offset=start)
        table = table.take(
            pc.sort_indices(table, sort_keys=[("broadcast_id", "ascending"), ("sampled_at", "ascending")])
        )
        ticks = pc.min_max(table.column("sampled_at")).as_py()
        body, sha256 = write_parquet(table, {RANGES: dumps(_TOLD)}), digest_rows(table)
        day, hour = f"{ticks['min']:%Y-%m-%d}", ticks["min"].hour
        key = f"snapshots/v1/platform={crowd.platform}/day={day}/hour={hour:02}/{start:020}.parquet"
        store.put_if_absent(key, body, sha256=sha256)
        written.append(
            LakeObject(
                object_key=key,
                kind=SNAPSHOTS,
                platform=crowd.platform,
                day=day,
                hour=hour,
                rows=end - start,
                bytes=len(body),
                sha256=sha256,
                min_sampled_at=ticks["min"],
                max_sampled_at=ticks["max"],
            )
        )
    return written


def compact(store: ObjectStore, listed: Sequence[LakeObject]) -> list[LakeObject]:
    """Write one object for each UTC day of those listed."""
    days = sorted({told.day for told in listed})
    return [
        made.compacted
        for day in days
        for made in Compactor(store).compact(
            listed[0].platform, day, SNAPSHOTS, [told for told in listed if told.day == day]
        )
    ]


def write_whole(store: ObjectStore, crowd: Crowd) -> LakeObject:
    """Write all samples of a crowd as a compaction would, as one object."""
    order = np.lexsort((crowd.samples.minute, crowd.keys[crowd.samples.broadcast]))
    samples = Samples(*(getattr(crowd.samples, name)[order] for name in ("broadcast", "minute", "viewers")))
    key = f"compacted/v1/platform={crowd.platform}/day={DAY:%Y-%m-%d}/whole.parquet"
    with TemporaryFile() as file:
        sha256 = write_groups(file, crowd.tables(samples, _ROWS_AT_ONCE), SNAPSHOT_SCHEMA, [_TOLD])
        store.put_if_absent(key, file, sha256=sha256)
        size = file.seek(0, SEEK_END)
    return LakeObject(
        object_key=key,
        kind=SNAPSHOTS,
        platform=crowd.platform,
        day=f"{DAY:%Y-%m-%d}",
        hour=None,
        rows=len(samples.minute),
        bytes=size,
        sha256=sha256,
        min_sampled_at=DAY,
        max_sampled_at=DAY,
    )


def fill_broadcasts(connection: Connection, crowd: Crowd) -> None:
    """Put the crowd's broadcasts on record."""
    sampled, first, last = crowd.find_ends()
    with connection.cursor().copy(
        "COPY live.broadcast (broadcast_key, platform, broadcast_id, channel_key, started_at, first_sampled_at, "
        "last_sampled_at) FROM STDIN"
    ) as copy:
        for index, *ticks in zip(sampled.tolist(), first.tolist(), last.tolist(), strict=True):
            times = [crowd.started_s[index], *ticks]
            copy.write_row(
                (
                    int(crowd.keys[index]),
                    crowd.platform.value,
                    crowd.ids[index],
                    int(crowd.channel_keys[index]),
                    *(DAY + timedelta(seconds=int(at) - DAY_S) for at in times),
                )
            )


def fill_samples(connection: Connection, crowd: Crowd) -> None:
    """Land the crowd's samples with their attributes, and mark the hours."""
    samples = crowd.samples
    detail = samples.broadcast.astype(np.int64) * 100 + crowd.part_of(samples)
    details, where = np.unique(detail, return_index=True)
    categories = crowd.category_keys[crowd.category_of(samples)][where]
    with connection.cursor().copy(
        "COPY live.broadcast_detail (detail_key, broadcast_key, observed_from, category_key, language, tags) FROM STDIN"
    ) as copy:
        for key, index, category in zip(
            details.tolist(), samples.broadcast[where].tolist(), categories.tolist(), strict=True
        ):
            copy.write_row((key, int(crowd.keys[index]), DAY, category, crowd.languages[index], []))
    for day in (DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)):
        bounds = (crowd.platform.value, day, day + timedelta(days=1))
        connection.execute("SELECT live.ensure_sample_partition(%s, %s, %s)", bounds)
    for start in range(0, len(detail), _ROWS_AT_ONCE):
        some = slice(start, start + _ROWS_AT_ONCE)
        viewers = samples.viewers[some]
        columns = [
            repeated(crowd.platform.value, len(viewers)),
            instants(((DAY_S + samples.minute[some].astype(np.int64) * 60) * 1000).tolist()),
            FixedColumn(crowd.keys[samples.broadcast[some]]),
            FixedColumn(detail[some]),
            FixedColumn(viewers, viewers < 0),
            integers([CADENCE_S] * len(viewers), bytes_each=4),
        ]
        with connection.cursor() as cursor:
            copy_rows(cursor, read_statement("copy_samples"), columns)
    connection.cursor().executemany(
        "INSERT INTO trends.dirty_hour (platform, hour, with_state) VALUES (%s, %s, TRUE)",
        [(crowd.platform.value, hour) for hour in _HOURS],
    )


def empty_day(connection: Connection, tables: Sequence[str]) -> None:
    """Take the day's rows away and mark it to be rolled up."""
    for name in tables:
        query = sql.SQL("DELETE FROM {} WHERE zone = 'UTC' AND day = %s").format(sql.Identifier("trends", name))
        connection.execute(query, [DAY.date()])
    connection.execute(
        "INSERT INTO trends.dirty_day (platform, zone, day) VALUES (%s, 'UTC', %s)", [SINGLE.value, DAY.date()]
    )


def _name(told: LakeObject) -> DayObject:
    return DayObject(object_key=told.object_key, rows=told.rows)


def _policy(platform: Platform) -> PlatformPolicy:
    return PlatformPolicy(
        platform=platform,
        raw_age=_RAW_AGE,
        text_age=_RAW_AGE,
        statistics_age=_RAW_AGE,
        picture_age=_RAW_AGE,
        pictures="link",
        in_combined_rank=True,
    )
