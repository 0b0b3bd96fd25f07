"""How quota buckets stand: what is booked of daily ones, and how fast the last sweeps drew from the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from airtide.domain.quota import Allowance, Bucket, BucketLimit, Per
from airtide.warehouse.queries.fetch import fetch_rows

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketState:
    """One bucket: of a day what is drawn since it began, of a minute what the site's last landed sweep drew in one."""

    bucket: str
    platform: str
    per: Per
    limit: int
    spent: int | None
    """None before any sweep of the site has landed."""
    left: int | None
    projected: int | None
    """What a day will have cost at its end; None while it is too early to tell, and of minutes."""
    resets_at: datetime | None
    """When a day ends; None of minutes."""
    is_closed: bool
    """The site itself has said that nothing is left."""
    told_at: datetime | None
    """Of minutes the tick of the sweep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _DailySpend:
    bucket: str
    spent: int
    is_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _SweepSpend:
    bucket: str
    cost: int
    sampled_at: datetime
    took: timedelta


def read_buckets(
    connection: Connection[Any], *, limits: Mapping[Bucket, BucketLimit], now: datetime
) -> Sequence[BucketState]:
    """Read how the buckets of `limits` stand at `now`, in their order."""
    daily = {bucket: limit for bucket, limit in limits.items() if limit.per == "day"}
    of_minutes = {bucket: limit for bucket, limit in limits.items() if limit.per == "minute"}
    states = {**_read_days(connection, daily, now), **_read_minutes(connection, of_minutes)}
    return [states[bucket] for bucket in limits]


def tell_minute(cost: int, took: timedelta) -> int:
    """Return what a sweep that took so long drew in a minute, rounded up; a shorter one drew all of it in one."""
    return -(-cost * _MINUTE // max(took, _MINUTE))


def _read_days(
    connection: Connection[Any], limits: Mapping[Bucket, BucketLimit], now: datetime
) -> dict[Bucket, BucketState]:
    periods = {bucket: limit.find_period(now) for bucket, limit in limits.items()}
    asked = {"buckets": [*periods], "starts_at": [period.starts_at for period in periods.values()]}
    states = {}
    for row in fetch_rows(connection, "read_quota_spend", _DailySpend, asked):
        bucket = Bucket(row.bucket)
        period, limit = periods[bucket], limits[bucket]
        allowance = Allowance(
            bucket=bucket,
            spent=row.spent,
            limit=limit.limit,
            starts_at=period.starts_at,
            resets_at=period.resets_at,
            closed_until=period.resets_at if row.is_closed else None,
        )
        states[bucket] = BucketState(
            bucket=bucket.value,
            platform=bucket.platform,
            per=limit.per,
            limit=limit.limit,
            spent=row.spent,
            left=allowance.left,
            projected=allowance.project(now),
            resets_at=period.resets_at,
            is_closed=row.is_closed,
            told_at=None,
        )
    return states


def _read_minutes(connection: Connection[Any], limits: Mapping[Bucket, BucketLimit]) -> dict[Bucket, BucketState]:
    asked = {"buckets": [*limits], "platforms": [bucket.platform for bucket in limits]}
    told = {row.bucket: row for row in fetch_rows(connection, "read_sweep_spend", _SweepSpend, asked)}
    return {bucket: _lay_out_minute(bucket, limit, told.get(bucket.value)) for bucket, limit in limits.items()}


def _lay_out_minute(bucket: Bucket, limit: BucketLimit, told: _SweepSpend | None) -> BucketState:
    spent = None if told is None else tell_minute(told.cost, told.took)
    return BucketState(
        bucket=bucket.value,
        platform=bucket.platform,
        per=limit.per,
        limit=limit.limit,
        spent=spent,
        left=None if spent is None else max(0, limit.limit - spent),
        projected=None,
        resets_at=None,
        is_closed=False,
        told_at=None if told is None else told.sampled_at,
    )
