"""What Airflow does after a failure, decided by the error's own name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import RetryPolicy
from airflow.sdk.definitions.retry_policy import RetryDecision

from airtide.domain.errors import PermanentError, RateLimited, TransientError

if TYPE_CHECKING:
    from airflow.sdk import Context


class RetryByError(RetryPolicy):
    """Permanent errors fail at once; a rate limit waits as long as the site told; all else retries as the task says."""

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None
    ) -> RetryDecision:
        """Return the decision for `exception`; its own text is the reason that Airflow shows."""
        if isinstance(exception, PermanentError):
            return RetryDecision.fail(reason=str(exception))
        if isinstance(exception, RateLimited) and exception.retry_after_s is not None:
            return RetryDecision.retry(delay=timedelta(seconds=exception.retry_after_s), reason=str(exception))
        if isinstance(exception, TransientError):
            return RetryDecision.retry(reason=str(exception))
        return RetryDecision.default()

    def serialize(self) -> dict[str, Any]:
        """Return nothing but the name: the policy has no settings."""
        return {"__type": "RetryByError"}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> RetryByError:
        """Return the policy."""
        return cls()
