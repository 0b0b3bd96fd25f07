"""What calls to sites draw from: every attempt is booked before it is made, and refused when its bucket is empty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from airtide.domain.clock import Clock, WallClock
from airtide.domain.errors import MisconfiguredError, QuotaSpent
from airtide.domain.pages import Tally
from airtide.domain.quota import Allowance, Bucket, BucketLimit, Call, QuotaPeriod


class SpendBook(Protocol):
    """Where all processes together book what they draw from daily buckets.

    Raises `PartUnreachable` when it does not answer: nothing can be called then.
    """

    def book(self, bucket: Bucket, period: QuotaPeriod, *, cost: int, limit: int, at: datetime) -> bool:
        """Take `cost` out of the bucket; False, with nothing taken, where less is left or the bucket is closed."""
        ...

    def close_bucket(self, bucket: Bucket, period: QuotaPeriod, *, at: datetime) -> None:
        """Let nothing more be taken in `period`, since the site says that nothing is left."""
        ...

    def read_spent(self, bucket: Bucket, period: QuotaPeriod) -> tuple[int, bool]:
        """Return what was taken in `period`, and whether the bucket is closed."""
        ...


class Quota:
    """What all calls of one process to sites draw from. One thread uses it at a time.

    Daily buckets are shared with other processes through `spend_book`; the others are kept here. A bucket without a
    limit is counted and never held back.
    """

    def __init__(
        self,
        limits: Mapping[Bucket, BucketLimit] | None = None,
        *,
        clock: Clock | None = None,
        spend_book: SpendBook | None = None,
    ) -> None:
        self._limits = dict(limits or {})
        self._clock = clock or WallClock()
        self._spend_book = spend_book

    def book(self, tally: Tally, bucket: Bucket, cost: int = 1, *, call: Call | None = None) -> Booking:
        """Return what books each attempt of a call; retries cost as much as first tries.

        `call` costs what the settings say of it, where they do.
        """
        limit = self._limits.get(bucket)
        if limit is not None and call is not None:
            cost = limit.cost_of(call)
        return Booking(self, tally, bucket, cost)

    def read(self, bucket: Bucket, at: datetime) -> Allowance:
        """Return how a daily bucket stands at `at`; raises `PartUnreachable` when its book does not answer."""
        limit, book = self._find_daily(bucket)
        period = limit.find_period(at)
        spent, is_closed = book.read_spent(bucket, period)
        return Allowance(
            bucket=bucket,
            spent=spent,
            limit=limit.limit,
            starts_at=period.starts_at,
            resets_at=period.resets_at,
            closed_until=period.resets_at if is_closed else None,
        )

    def take(self, bucket: Bucket, cost: int) -> None:
        """Draw `cost` from `bucket`; raises `QuotaSpent`, with nothing drawn, when that is more than is left."""
        limit = self._limits.get(bucket)
        if limit is not None and limit.per == "day":
            self._take_daily(bucket, cost)

    def _take_daily(self, bucket: Bucket, cost: int) -> None:
        limit, book = self._find_daily(bucket)
        now = self._clock.now()
        period = limit.find_period(now)
        if book.book(bucket, period, cost=cost, limit=limit.limit, at=now):
            return
        spent, is_closed = book.read_spent(bucket, period)
        why = "the site says so" if is_closed else f"{spent} of {limit.limit} are booked"
        until = f"{period.resets_at:%Y-%m-%dT%H:%M:%SZ}"
        raise QuotaSpent(
            f"the day's quota of {bucket} is spent until {until}: {why}; no call was made",
            bucket=bucket.value,
            resets_at=period.resets_at,
        )

    def _find_daily(self, bucket: Bucket) -> tuple[BucketLimit, SpendBook]:
        limit = self._limits.get(bucket)
        if limit is None or limit.per != "day" or self._spend_book is None:
            raise MisconfiguredError(f"{bucket} is no daily bucket with a book: set quotas.{bucket} to so much a day")
        return limit, self._spend_book


class Booking:
    """Books the attempts of one call."""

    def __init__(self, quota: Quota, tally: Tally, bucket: Bucket, cost: int) -> None:
        self._quota = quota
        self._tally = tally
        self._bucket = bucket
        self._cost = cost

    def __call__(self) -> None:
        """Draw one attempt from the bucket and count it; raises like `Quota.take`, and nothing is counted then."""
        self._quota.take(self._bucket, self._cost)
        self._tally.requests += 1
        self._tally.spend[self._bucket.value] = self._tally.spend.get(self._bucket.value, 0) + self._cost
