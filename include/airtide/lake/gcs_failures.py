"""What Google's library raises, by what to do next, and how long its calls go on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from google.api_core.exceptions import GoogleAPICallError, RetryError
from google.api_core.retry import Retry
from google.auth.exceptions import GoogleAuthError, TransportError
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from requests import RequestException, Response
from urllib3.exceptions import HTTPError


@dataclass(frozen=True, slots=True)
class Patience:
    """How long calls go on."""

    connect_and_read_s: tuple[int, int]
    """How long one try waits for a connection, and for every piece of an answer."""
    tries: int
    """How often a call is tried, of all requests that it makes."""


USUAL = Patience((5, 30), 3)
ON_A_PAGE = Patience((2, 2), 2)
"""Somebody waits for the page, and one of a server's few threads with them."""

_BUSY = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
"""Reasons of a 403 that is none of a key."""
_REASON = re.compile(r'"reason":\s*"(\w+)"')
_SILENCES = (RetryError, TransportError, DataCorruption, RequestException, HTTPError, HTTPException, ConnectionError)
FAILURES = (*_SILENCES, GoogleAPICallError, GoogleAuthError, InvalidResponse)


def limit_call(patience: Patience) -> dict[str, Any]:
    """Return the bounds of one call, as its keyword arguments."""
    return {"timeout": patience.connect_and_read_s, "retry": _limit_tries(patience)}


def _limit_tries(patience: Patience) -> Retry:
    left = iter(range(patience.tries - 1))
    return Retry(
        predicate=lambda error: may_pass(error) and next(left, None) is not None,
        initial=0.5,
        maximum=5,
        timeout=patience.tries * sum(patience.connect_and_read_s),
    )


def may_pass(error: Exception) -> bool:
    """Tell whether the same call may succeed when it is tried again."""
    status = read_status(error)
    if status:
        return status in (408, 429) or status >= 500 or read_reason(error) in _BUSY
    return isinstance(error, _SILENCES) or (isinstance(error, GoogleAuthError) and error.retryable)


def read_status(error: Exception) -> int:
    """Return the status of the answer, 0 where none came."""
    if isinstance(error, GoogleAPICallError):
        return error.code or 0
    return int(error.response.status_code) if isinstance(error, InvalidResponse) else 0


def read_reason(error: Exception) -> str:
    """Return the word by which the store says why; its sentences are not shown, they may hold what was sent."""
    response = getattr(error, "response", None)
    told = _REASON.search(response.text) if isinstance(response, Response) else None
    return told[1] if told else ""
