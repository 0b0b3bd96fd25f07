"""Which day of which zone somebody means."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from airtide.domain.errors import MisconfiguredError

if TYPE_CHECKING:
    from airtide.warehouse.queries.rankings import TrendDay
    from airtide.wiring.reads import Reads


def choose_day(reads: Reads, zone: str | None, day: date) -> tuple[str, TrendDay]:
    """Return the zone, the first that is rolled up when none is named, and its day as it stands now.

    Raises `MisconfiguredError` for a zone that is not rolled up and for a day without numbers.
    """
    zone = reads.zones[0] if zone is None else zone
    if zone not in reads.zones:
        raise MisconfiguredError(f"days are rolled up in {', '.join(reads.zones)} only: no other zone has numbers")
    known = next(iter(reads.read_days(zone, day)), None)
    if known is None:
        raise MisconfiguredError(f"no numbers of {day} in zone {zone}: roll_up_days has made none")
    return zone, known
