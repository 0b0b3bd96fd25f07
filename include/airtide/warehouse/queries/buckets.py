"""Even buckets of time for charts: what has no sample stays None, so that a line breaks where there is a hole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

STEPS_S = (60, 300, 600, 1800, 3600)
MOST_BUCKETS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """`count` buckets of `step_s` seconds from `from_at` on; every bound is a multiple of the step since the epoch."""

    from_at: datetime
    step_s: int
    count: int

    @property
    def to_at(self) -> datetime:
        """Return the end of the last bucket, which is no longer part of it."""
        return self.from_at + timedelta(seconds=self.step_s * self.count)

    def index_of(self, at: datetime) -> int:
        """Return the place of the bucket that holds `at`; negative before the first, from `count` on after the last."""
        return int((at - self.from_at).total_seconds() // self.step_s)


def plan_buckets(*, now: datetime, hours: int, cadence_s: int) -> Buckets:
    """Return the buckets of the last `hours` up to `now`.

    The step is the smallest that holds a tick of `cadence_s` in every bucket and needs at most 300 buckets, or the
    largest there is. The bucket that holds `now` is the last.
    """
    span_s = hours * 3600
    fitting = (step for step in STEPS_S if step >= cadence_s and span_s / step <= MOST_BUCKETS)
    step_s = next(fitting, STEPS_S[-1])
    end_s = (int(now.timestamp()) // step_s + 1) * step_s
    count = span_s // step_s
    return Buckets(from_at=datetime.fromtimestamp(end_s - count * step_s, UTC), step_s=step_s, count=count)
