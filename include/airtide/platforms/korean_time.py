"""Times as the Korean sites write them: without a zone, in that of Seoul."""

from __future__ import annotations

from datetime import datetime, timedelta

from airtide.domain.errors import BadRecord
from airtide.platforms.records import FIRST_START

_AHEAD_OF_UTC = timedelta(hours=9)
"""No daylight saving since 1988."""

_NO_TIME = "0000-00-00 00:00:00"
_TIME_LENGTH = len(_NO_TIME)


def parse_korean_time(field: str, text: str) -> datetime | None:
    """Return `YYYY-MM-DD HH:MM:SS` of Korean time in UTC; None when the site knows none; else `BadRecord`."""
    if text in ("", _NO_TIME):
        return None
    try:
        if len(text) != _TIME_LENGTH:
            raise ValueError
        # read as if it were UTC, which also refuses a zone; taking off the difference is cheaper than changing zones
        start = datetime.fromisoformat(text + "Z") - _AHEAD_OF_UTC
    except ValueError:
        raise BadRecord(f"{field} is not a time of the form YYYY-MM-DD HH:MM:SS") from None
    except OverflowError:
        raise BadRecord(f"{field} is outside the calendar") from None
    return None if start < FIRST_START else start
