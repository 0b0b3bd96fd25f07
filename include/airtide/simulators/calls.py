"""How often each site was called, by its own count: what callers say that they spent can be held against it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from airtide.simulators.answers import Call, Site

_PACIFIC: Final = ZoneInfo("America/Los_Angeles")


class CallCount(msgspec.Struct, frozen=True, kw_only=True):
    """The calls of one path on one day."""

    site: str
    path: str
    day: str
    """The Pacific coast's, in which YouTube counts; by the world's clock."""
    calls: int


class CallBook:
    """Every call that reached a site, whatever became of it."""

    def __init__(self) -> None:
        """Begin at none."""
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def count(self, site: Site, path: str, call: Call) -> None:
        """Count one call on the day of its instant."""
        day = datetime.fromtimestamp(call.now_s, UTC).astimezone(_PACIFIC).date()
        self._counts[site.name, path, day.isoformat()] += 1

    def list_counts(self, site: str | None = None) -> list[CallCount]:
        """List what was counted, of one site or of all, in the order of site, path and day."""
        return [
            CallCount(site=name, path=path, day=day, calls=calls)
            for (name, path, day), calls in sorted(self._counts.items())
            if site in (None, name)
        ]
