"""The day in the warehouse: broadcasts, samples, attributes, and the marks that say what waits to be rolled up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
from psycopg import Connection, sql
from tests.benchmarks.trends.crowd import CADENCE_S, DAY, DAY_S, Crowd

from airtide.domain.models import Platform
from airtide.warehouse.copying import FixedColumn, copy_rows, instants, integers, repeated
from airtide.warehouse.statements import read_statement

_ROWS_AT_ONCE = 200_000
_HOURS = [DAY + timedelta(hours=number) for number in range(-1, 25)]


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


def empty_day(connection: Connection, platform: Platform, tables: Sequence[str]) -> None:
    """Take the day's rows away and mark it to be rolled up."""
    for name in tables:
        query = sql.SQL("DELETE FROM {} WHERE zone = 'UTC' AND day = %s").format(sql.Identifier("trends", name))
        connection.execute(query, [DAY.date()])
    connection.execute(
        "INSERT INTO trends.dirty_day (platform, zone, day) VALUES (%s, 'UTC', %s)", [platform.value, DAY.date()]
    )
