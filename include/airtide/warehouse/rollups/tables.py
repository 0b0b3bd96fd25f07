"""The tables that roll-ups keep, and the one way their rows are replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import psycopg
from psycopg import sql

from airtide.domain.viewership import DEFINITIONS_VERSION
from airtide.warehouse.statements import read_statement

_MEASURES = ("samples", "known_samples", "airtime_ms", "known_airtime_ms", "viewer_ms", "peak_viewers", "peak_at")
_CONCURRENT = ("peak_concurrent", "peak_concurrent_at", "peak_concurrent_hidden")
_OF_HOURS: LiteralString = "kept.platform = %(platform)s::live.platform AND kept.hour = ANY(%(hours)s::TIMESTAMPTZ[])"
_OF_DAY: LiteralString = "kept.zone = %(zone)s AND kept.day = %(day)s AND kept.platform = %(platform)s::live.platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class RollupTable:
    """One table of `trends`: what its rows are keyed by, what they tell, and how they are computed."""

    name: str
    key: tuple[str, ...]
    numbers: tuple[str, ...]
    """Columns whose change raises `revision`."""
    statement: str
    """The SELECT that computes a scope's rows: key and numbers."""
    scope: LiteralString
    """Which rows of the table one replacement is about."""


BROADCAST_HOUR = RollupTable(
    name="broadcast_hour",
    key=("platform", "hour", "broadcast_key", "category_key"),
    numbers=(
        *_MEASURES,
        *("first_at", "first_viewers", "first_cadence_s", "first_language"),
        *("last_at", "last_viewers", "last_cadence_s", "last_language"),
    ),
    statement="compute_broadcast_hours",
    scope=_OF_HOURS,
)
PLATFORM_HOUR = RollupTable(
    name="platform_hour",
    key=("platform", "hour"),
    numbers=("broadcasts", "active_channels", *_MEASURES, *_CONCURRENT),
    statement="compute_platform_hours",
    scope=_OF_HOURS,
)
CATEGORY_HOUR = RollupTable(
    name="category_hour",
    key=("platform", "hour", "category_key"),
    numbers=("broadcasts", "active_channels", *_MEASURES, *_CONCURRENT),
    statement="compute_category_hours",
    scope=_OF_HOURS,
)
BROADCAST_DAY = RollupTable(
    name="broadcast_day",
    key=("zone", "day", "platform", "broadcast_key"),
    numbers=("channel_key", "language", *_MEASURES, "live_ms"),
    statement="compute_broadcast_days",
    scope=_OF_DAY,
)
CHANNEL_DAY = RollupTable(
    name="channel_day",
    key=("zone", "day", "platform", "channel_key"),
    numbers=("broadcasts", *_MEASURES, "live_ms"),
    statement="compute_channel_days",
    scope=_OF_DAY,
)
CATEGORY_DAY = RollupTable(
    name="category_day",
    key=("zone", "day", "platform", "category_key"),
    numbers=("broadcasts", "active_channels", *_MEASURES, *_CONCURRENT),
    statement="compute_category_days",
    scope=_OF_DAY,
)
LANGUAGE_DAY = RollupTable(
    name="language_day",
    key=("zone", "day", "platform", "language"),
    numbers=("broadcasts", "active_channels", *_MEASURES, "live_ms"),
    statement="compute_language_days",
    scope=_OF_DAY,
)
PLATFORM_DAY = RollupTable(
    name="platform_day",
    key=("zone", "day", "platform"),
    numbers=(
        *("broadcasts", "active_channels", *_MEASURES, "live_ms"),
        *("top_10_viewer_ms", "top_100_viewer_ms"),
        *_CONCURRENT,
    ),
    statement="compute_platform_days",
    scope=_OF_DAY,
)

_HOLDS: LiteralString = "SELECT EXISTS (SELECT FROM {table} AS kept WHERE {scope})"

# in the order of the key: what goes into an index side by side is quickest
_ADD: LiteralString = """
INSERT INTO {table} ({key}, {numbers}, definitions_version, computed_at, revision)
SELECT {key}, {numbers}, %(definitions_version)s, %(now)s, 1
FROM (
{statement}
) AS computed
ORDER BY {key}
"""

# no key is ever NULL, and NOT IN is hashed even where the planner has no statistics yet
_REPLACE: LiteralString = """
WITH computed AS (
{statement}
),
removed AS (
    DELETE FROM {table} AS kept
    WHERE {scope} AND ({kept_key}) NOT IN (SELECT {key} FROM computed)
)
INSERT INTO {table} AS kept ({key}, {numbers}, definitions_version, computed_at, revision)
SELECT {key}, {numbers}, %(definitions_version)s, %(now)s, 1
FROM computed
ON CONFLICT ({key}) DO UPDATE SET
    ({numbers}, definitions_version) = ROW({new_numbers}, EXCLUDED.definitions_version),
    computed_at = EXCLUDED.computed_at,
    revision = kept.revision + 1
WHERE ({kept_numbers}, kept.definitions_version) IS DISTINCT FROM ({new_numbers}, EXCLUDED.definitions_version)
"""


def replace_rows(
    connection: psycopg.Connection, table: RollupTable, parameters: Mapping[str, object], *, now: datetime
) -> int:
    """Make the rows of a scope what its statement computes, and return how many are new or changed.

    A row whose numbers are as they were stays untouched, with its `revision` and `computed_at`; one that is no longer
    computed goes. Rows are of today's version of the definitions, unless `parameters` name another.
    """
    parts = {
        "statement": sql.SQL(read_statement(table.statement)),
        "table": sql.Identifier("trends", table.name),
        "scope": sql.SQL(table.scope),
        "key": _columns(table.key),
        "kept_key": _columns(table.key, of="kept"),
        "numbers": _columns(table.numbers),
        "kept_numbers": _columns(table.numbers, of="kept"),
        "new_numbers": _columns(table.numbers, of="excluded"),
    }
    stamped = {"definitions_version": DEFINITIONS_VERSION, **parameters, "now": now}
    # never prepared: a plan kept from one transaction would be for temporary tables that are gone
    holds = connection.execute(sql.SQL(_HOLDS).format(**parts), stamped, prepare=False).fetchone()
    # where no row is kept yet none can conflict, and to look for each would cost half as much again as to add it
    query = sql.SQL(_REPLACE if holds == (True,) else _ADD).format(**parts)
    return connection.execute(query, stamped, prepare=False).rowcount


def _columns(names: tuple[str, ...], of: str | None = None) -> sql.Composed:
    qualified = (sql.Identifier(of, name) if of else sql.Identifier(name) for name in names)
    return sql.SQL(", ").join(qualified)
