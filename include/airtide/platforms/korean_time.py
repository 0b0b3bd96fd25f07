"""Times as the Korean sites write them: without a zone, in that of Seoul."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from airtide.domain.errors import BadRecord
from airtide.platforms.records import read_start

KST = timezone(timedelta(hours=9), "KST")
"""Korean time: no daylight saving since 1988."""

_NO_TIME = "0000-00-00 00:00:00"
_TIME_LENGTH = len(_NO_TIME)


def parse_korean_time(field: str, text: str) -> datetime | None:
    """Return `YYYY-MM-DD HH:MM:SS` of Korean time in UTC; None when the site knows none; else `BadRecord`."""
    if text in ("", _NO_TIME):
        return None
    try:
        moment = datetime.fromisoformat(text)
        if len(text) != _TIME_LENGTH or moment.tzinfo is not None:
            raise ValueError
    except ValueError:
        raise BadRecord(f"{field} is not a time of the form YYYY-MM-DD HH:MM:SS") from None
    return read_start(field, moment.replace(tzinfo=KST))
