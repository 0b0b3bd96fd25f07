"""What Google's library raises, by what to do next, and how long its calls go on."""

from __future__ import annotations

import re
from http.client import HTTPException
from typing import Any

from google.api_core.exceptions import GoogleAPICallError, RetryError
from google.api_core.retry import Retry
from google.auth.exceptions import GoogleAuthError, TransportError
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from requests import RequestException, Response
from urllib3.exceptions import HTTPError

CONNECT_AND_READ_S = (5, 30)
"""How long one try waits for a connection, and for every piece of an answer."""
TRIES = 3
"""How often a call is tried, of all requests that it makes."""

_BUSY = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
"""Reasons of a 403 that is none of a key."""
_REASON = re.compile(r'"reason":\s*"(\w+)"')
_SILENCES = (RetryError, TransportError, DataCorruption, RequestException, HTTPError, HTTPException, ConnectionError)
FAILURES = (*_SILENCES, GoogleAPICallError, GoogleAuthError, InvalidResponse)


def limit_call() -> dict[str, Any]:
    """Return the bounds of one call, as its keyword arguments."""
    return {"timeout": CONNECT_AND_READ_S, "retry": _limit_tries()}


def _limit_tries() -> Retry:
    left = iter(range(TRIES - 1))
    return Retry(
        predicate=lambda error: may_pass(error) and next(left, None) is not None,
        initial=0.5,
        maximum=5,
        timeout=TRIES * sum(CONNECT_AND_READ_S),
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
