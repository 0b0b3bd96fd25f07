"""Retries within a deadline, and log lines without query strings."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import InvalidHeader, MaxRetryError, ResponseError
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

MAX_RETRIES = 3
BACKOFF_S = 0.5
SERVER_ERRORS = frozenset({500, 502, 503, 504})

_LONGEST_LINE = 500
_QUERY = re.compile(r"\?[^\s\"'<>)]+")
_USER = re.compile(r"//[^/\s\"'<>@]+@")


class CallRetry(Retry):
    """urllib3's retries of one call, given up as soon as the next try could not begin before a deadline.

    A Retry-After within the deadline is waited for; a longer one ends the call, and its answer is returned as it is.
    """

    def __init__(self, *args: Any, deadline_at: float, on_retry: Callable[[], None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline_at = deadline_at
        self._on_retry = on_retry

    @classmethod
    def until(cls, deadline_at: float, on_retry: Callable[[], None]) -> CallRetry:
        """Return the retries of a call that must end at `deadline_at` (monotonic seconds)."""
        return cls(
            MAX_RETRIES,
            status_forcelist=SERVER_ERRORS,
            allowed_methods=frozenset({"GET", "POST"}),  # the only POST asks for a token: asking twice is harmless
            backoff_factor=BACKOFF_S,
            backoff_jitter=BACKOFF_S,
            raise_on_status=False,
            raise_on_redirect=False,
            deadline_at=deadline_at,
            on_retry=on_retry,
        )

    def new(self, **changes: Any) -> Self:
        """Return a copy with `changes`."""
        return super().new(deadline_at=self._deadline_at, on_retry=self._on_retry, **changes)

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Return the wait in seconds that the answer asks for; a header that cannot be read asks for none."""
        try:
            return super().get_retry_after(response)
        except (InvalidHeader, ValueError, OverflowError):
            return None

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """Return the retries that are left; raises `MaxRetryError` when none is, or no time for one."""
        following = super().increment(method, url, response, error, _pool, _stacktrace)
        told_s = following.get_retry_after(response) if response is not None else None
        wait_s = told_s if told_s is not None else following.get_backoff_time()
        if time.monotonic() + wait_s >= self._deadline_at:
            reason = error or ResponseError("no time left for another try")
            raise MaxRetryError(_pool, url or "", reason)  # type: ignore[arg-type]  # urllib3 itself passes None here
        self._on_retry()
        return following


class QueryStripper(logging.Filter):
    """Takes query strings out of log lines: SOOP's key travels in them. What a host sent stands in them in brief."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the line; keep it always."""
        record.msg = strip_queries(record.getMessage())[:_LONGEST_LINE]
        record.args = ()
        # a traceback would tell headers that cannot be read once more, and whole
        record.exc_info = record.exc_text = None
        return True


def strip_queries(text: str) -> str:
    """Return `text` with the query string of every address replaced by an ellipsis, and without names before an @."""
    return _USER.sub("//", _QUERY.sub("?…", text))


_STRIPPER = QueryStripper()


def strip_driver_logs() -> None:
    """Keep query strings out of what urllib3 logs, which warns with whole addresses; harmless when repeated."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logging.getLogger(name).addFilter(_STRIPPER)
