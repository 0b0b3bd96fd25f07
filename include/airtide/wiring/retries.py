"""What Airflow does after a failure, decided by the error's own name."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import RetryPolicy
from airflow.sdk.definitions.retry_policy import RetryDecision

from airtide.domain.clock import floor_to_cadence
from airtide.domain.errors import PermanentError, RateLimited, TransientError

if TYPE_CHECKING:
    from airflow.sdk import Context

FIRST_DELAY = timedelta(seconds=20)
"""The wait before the first retry where nobody told one; each further one is twice as long."""
MAX_DELAY = timedelta(minutes=5)
"""No task lies waiting for longer, whatever a site says: the next run comes soon enough."""
JITTER = 0.5
"""Own waits are longer or shorter by up to this share, told ones only longer; what failed together must not come again
together."""
MAX_JITTER = timedelta(seconds=10)
"""By which a told wait is lengthened at most."""
ROOM_BEFORE_TICK = timedelta(seconds=15)
"""A try that begins later than this before the next tick could not end before it."""


class RetryByError(RetryPolicy):
    """Permanent errors fail at once, a rate limit waits as long as the site told, what may pass backs off with jitter.

    With `cadence_s` the task observes: no retry begins that could not end before the next tick, and the reason says so.
    """

    def __init__(
        self,
        cadence_s: int | None = None,
        *,
        draw: Callable[[], float] = random.random,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._cadence_s = cadence_s
        self._draw = draw
        self._now = now

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None
    ) -> RetryDecision:
        """Return the decision for `exception`; its own text is the reason that Airflow shows."""
        if isinstance(exception, PermanentError):
            return RetryDecision.fail(reason=str(exception))
        if not isinstance(exception, TransientError):
            return RetryDecision.default()
        told_s = exception.retry_after_s if isinstance(exception, RateLimited) else None
        if told_s is not None and told_s > MAX_DELAY.total_seconds():
            return RetryDecision.fail(reason=f"no retry, a wait of {told_s:.0f} s is left to the next run: {exception}")
        delay = self._back_off(try_number) if told_s is None else self._wait_as_told(told_s)
        if self._passes_tick(delay, context):
            wait = f"a wait of {delay.total_seconds():.0f} s would reach into the next tick"
            return RetryDecision.fail(reason=f"no retry, {wait}: {exception}")
        return RetryDecision.retry(delay=delay, reason=str(exception))

    def _back_off(self, try_number: int) -> timedelta:
        doublings = min(max(try_number - 1, 0), 10)
        doubled = min(FIRST_DELAY * (1 << doublings), MAX_DELAY)
        return doubled * (1 + JITTER * (2 * self._draw() - 1))

    def _wait_as_told(self, told_s: float) -> timedelta:
        told = timedelta(seconds=told_s)
        return told + min(told * JITTER, MAX_JITTER) * self._draw()

    def _passes_tick(self, delay: timedelta, context: Context | None) -> bool:
        if self._cadence_s is None or context is None:
            return False
        tick = floor_to_cadence(context["dag_run"].run_after, self._cadence_s)
        last_begin = tick + timedelta(seconds=self._cadence_s) - ROOM_BEFORE_TICK
        return self._now() + delay > last_begin

    def serialize(self) -> dict[str, Any]:
        """Return the name and the one setting."""
        return {"__type": "RetryByError", "cadence_s": self._cadence_s}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> RetryByError:
        """Return the policy."""
        return cls(data["cadence_s"])
