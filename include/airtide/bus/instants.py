"""Times on the wire: RFC 3339 text in UTC with `Z`, cut to milliseconds.

Few texts repeat in very many messages (a tick, a page's arrival, a broadcast's start), so each is worked out once.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z", re.ASCII)


@lru_cache(maxsize=4096)
def write_instant(instant: datetime) -> str:
    """Return the instant's text, what is finer than a millisecond cut off; a naive one raises ValueError."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} names no time zone")
    in_utc = instant.astimezone(UTC).replace(tzinfo=None)
    return in_utc.isoformat(timespec="milliseconds" if in_utc.microsecond >= 1000 else "seconds") + "Z"


def write_tick(tick: datetime) -> str:
    """Return the tick's text; one that is naive or no whole second raises ValueError."""
    if tick.microsecond:
        raise ValueError(f"a tick is a whole second, not {tick}")
    return write_instant(tick)


@lru_cache(maxsize=65_536)
def read_instant_ms(text: str) -> int:
    """Return the epoch milliseconds of a text; any other form than the one written here raises ValueError."""
    if _INSTANT.fullmatch(text) is None:
        raise ValueError(f"{text[:40]!r} is not a UTC time like 2026-01-31T12:00:00.000Z")
    return (datetime.fromisoformat(text) - _EPOCH) // _MILLISECOND


def read_tick_ms(text: str) -> int:
    """Return the epoch milliseconds of a tick's text; one that is no whole second raises ValueError."""
    if "." in text:
        raise ValueError(f"a tick is a whole second, not {text[:40]!r}")
    return read_instant_ms(text)


def to_datetime(epoch_ms: int) -> datetime:
    """Return the aware UTC datetime of epoch milliseconds."""
    return _EPOCH + epoch_ms * _MILLISECOND
