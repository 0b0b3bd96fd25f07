"""What calls to sites draw from: every attempt is booked before it is made, and refused when its bucket is empty."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from airtide.domain.clock import Clock, WallClock
from airtide.domain.errors import AirtideError, MisconfiguredError, PartUnreachable, QuotaSpent, RateLimited
from airtide.domain.pages import Tally
from airtide.domain.quota import Allowance, Bucket, BucketLimit, Call, QuotaPeriod
from airtide.platforms.pace import MINUTE, Pace

log = logging.getLogger(__name__)


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
        self._paces = {bucket: Pace(limit.limit) for bucket, limit in self._limits.items() if limit.per == "minute"}

    def book(self, tally: Tally, bucket: Bucket, cost: int = 1, *, call: Call | None = None) -> Booking:
        """Return what books each attempt of a call; retries cost as much as first tries.

        `call` costs what the settings say of it, where they do.
        """
        limit = self._limits.get(bucket)
        if limit is not None and call is not None:
            cost = limit.cost_of(call)
        return Booking(self, tally, bucket, cost)

    def read(self, bucket: Bucket, at: datetime) -> Allowance:
        """Return how `bucket` stands at `at`: a daily one over all processes, another one as this process knows it.

        Raises `MisconfiguredError` for a bucket without a limit, and `PartUnreachable` when the book does not answer.
        """
        limit = self._limits.get(bucket)
        if limit is None:
            raise MisconfiguredError(f"nothing is known of {bucket}: set quotas.{bucket}")
        period = limit.find_period(at)
        if limit.per == "day":
            spent, is_closed = self._open_book(bucket).read_spent(bucket, period)
        else:
            spent, is_closed = self._paces[bucket].count_since(period.starts_at), False
        return Allowance(
            bucket=bucket,
            spent=spent,
            limit=limit.limit,
            starts_at=period.starts_at,
            resets_at=period.resets_at,
            closed_until=period.resets_at if is_closed else None,
        )

    def take(self, bucket: Bucket, cost: int, *, until: datetime | None = None) -> None:
        """Draw `cost` from `bucket`, waiting for a place in its minute where that ends before `until`.

        Raises, with nothing drawn, `QuotaSpent` when that is more than is left of the day, and `RateLimited` when the
        wait would be too long.
        """
        limit = self._limits.get(bucket)
        if limit is None:
            return
        if limit.per == "day":
            self._take_daily(bucket, limit, cost)
        else:
            self._take_in_pace(bucket, cost, until)

    def follow(self, bucket: Bucket, headers: Mapping[str, str], received_at: datetime) -> None:
        """Take over what the headers of an answer tell of a minute bucket."""
        if bucket in self._paces:
            self._paces[bucket].follow(headers, received_at=received_at, now=self._clock.now())

    def close_bucket(self, bucket: Bucket, at: datetime) -> None:
        """Put on record that the site says a daily bucket is empty: nothing is drawn from it until its next reset.

        The site has refused already: a book that does not answer only warns.
        """
        limit = self._limits.get(bucket)
        if limit is None or limit.per != "day" or self._spend_book is None:
            return
        try:
            self._spend_book.close_bucket(bucket, limit.find_period(at), at=at)
        except AirtideError as error:
            log.warning("%s is spent, which could not be put on record: %s", bucket, error)

    def find_reset(self, bucket: Bucket, at: datetime) -> datetime | None:
        """Return when the day of `bucket` that holds `at` is over; None for one that has no day."""
        limit = self._limits.get(bucket)
        return None if limit is None or limit.per != "day" else limit.find_period(at).resets_at

    def _take_daily(self, bucket: Bucket, limit: BucketLimit, cost: int) -> None:
        now, book = self._clock.now(), self._open_book(bucket)
        period = limit.find_period(now)
        if book.book(bucket, period, cost=cost, limit=limit.limit, at=now):
            return
        spent, is_closed = book.read_spent(bucket, period)
        why = "the site says so" if is_closed else f"{spent} of {limit.limit} are booked"
        until = _write_reset(period.resets_at)
        raise QuotaSpent(
            f"the day's quota of {bucket} is spent until {until}: {why}; no call was made",
            bucket=bucket.value,
            resets_at=period.resets_at,
        )

    def _take_in_pace(self, bucket: Bucket, cost: int, until: datetime | None) -> None:
        pace = self._paces[bucket]
        while wait := pace.find_wait(cost, self._clock.now()):
            room = MINUTE if until is None else until - self._clock.now()
            if wait > room:
                wait_s = wait.total_seconds()
                raise RateLimited(
                    f"{bucket} is spent for now: full again in {wait_s:.0f} s, after the sweep has to leave off",
                    retry_after_s=wait_s,
                )
            self._clock.sleep(wait.total_seconds())
        pace.draw(cost, self._clock.now())

    def _open_book(self, bucket: Bucket) -> SpendBook:
        if self._spend_book is None:
            raise MisconfiguredError(f"{bucket} is a daily bucket, which no book was opened for")
        return self._spend_book


class Booking:
    """Books the attempts of one call."""

    def __init__(self, quota: Quota, tally: Tally, bucket: Bucket, cost: int) -> None:
        self._quota = quota
        self._tally = tally
        self._bucket = bucket
        self._cost = cost

    def __call__(self) -> None:
        """Draw one attempt from the bucket and count it; raises like `Quota.take`, and nothing is counted then.

        Raises `PartUnreachable` too where the sweep has no time for it.
        """
        if self.find_time_left() <= 0:
            raise PartUnreachable("no time is left in the sweep; no call was made")
        self._quota.take(self._bucket, self._cost, until=self._tally.read_until)
        self._tally.requests += 1
        self._tally.spend[self._bucket.value] = self._tally.spend.get(self._bucket.value, 0) + self._cost

    def find_time_left(self) -> float:
        """Return the seconds until the sweep cuts what is still being asked; infinite where nothing does."""
        return self._tally.cut_at - time.monotonic()

    def note_answer(self, headers: Mapping[str, str], received_at: datetime) -> None:
        """Take over what an answer's headers tell; `received_at` is by the site's clock."""
        self._quota.follow(self._bucket, headers, received_at)

    def note_error(self, error: AirtideError, received_at: datetime) -> AirtideError:
        """Take over what the site's refusal means for the calls after it; return it, a spent quota with its reset.

        The reset is the one that the limit of its bucket knows, so that texts and booking cannot differ.
        """
        if not isinstance(error, QuotaSpent):
            return error
        bucket = Bucket(error.bucket)
        self._quota.close_bucket(bucket, received_at)
        resets_at = self._quota.find_reset(bucket, received_at)
        if resets_at is None:
            return error
        return QuotaSpent(f"{error} until {_write_reset(resets_at)}", bucket=error.bucket, resets_at=resets_at)


def _write_reset(resets_at: datetime) -> str:
    return f"{resets_at:%Y-%m-%dT%H:%M:%SZ}"
