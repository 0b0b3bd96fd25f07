"""What time it is in the world: the wall's, a running one from a given instant, or what a request says."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import formatdate
from functools import lru_cache
from typing import Final, TypeAlias

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Clock: TypeAlias = Callable[[], int]
"""Gives the present as epoch milliseconds."""

HEADER: Final = "Simulated-Now"
SCOPE_KEY: Final = "airtide.simulators.now_ms"

_KST: Final = timezone(timedelta(hours=9))
_YEARS: Final = range(2000, 2100)


def read_wall_clock() -> int:
    """Give the computer's own time."""
    return time.time_ns() // 1_000_000


def run_clock_from(start_ms: int) -> Clock:
    """Make a clock that shows `start_ms` now and goes on from there."""
    ahead_ms = start_ms - read_wall_clock()
    return lambda: read_wall_clock() + ahead_ms


def parse_instant(text: str) -> int:
    """Read an RFC 3339 instant in UTC, such as 2026-11-21T10:00:00Z, as epoch milliseconds.

    Raises:
        ValueError: it is no such instant, in another zone, or outside the years 2000 to 2099.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.utcoffset() != timedelta(0) or instant.year not in _YEARS:
        message = f"not an instant in UTC like 2026-11-21T10:00:00Z: {text!r}"
        raise ValueError(message)
    return (instant - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)


@lru_cache(maxsize=20_000)
def format_utc(at_s: int) -> str:
    """Write an instant as YouTube and Twitch do."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=20_000)
def format_kst(at_s: int) -> str:
    """Write an instant as the Korean sites do: local time of Seoul, which they do not say."""
    return datetime.fromtimestamp(at_s, _KST).strftime("%Y-%m-%d %H:%M:%S")


class ClockMiddleware:
    """Decides each request's instant, hands it on in the scope, and dates the response with it.

    A request whose header cannot be read is refused with 400.
    """

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        """Wrap `app`; `clock` answers for requests that do not say an instant of their own."""
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get(HEADER)
        try:
            now_ms = self._clock() if told is None else parse_instant(told)
        except ValueError as error:
            await JSONResponse({"error": f"{HEADER} is {error}"}, status_code=400)(scope, receive, send)
            return
        scope[SCOPE_KEY] = now_ms

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Date", formatdate(now_ms // 1000, usegmt=True))
            await send(message)

        await self._app(scope, receive, send_dated)
