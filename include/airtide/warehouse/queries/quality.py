"""How the latest hours were judged, and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from airtide.domain.models import Platform
from airtide.warehouse.queries.fetch import fetch_rows

MOST_FAILURES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPlatform:
    """How a platform's hours were judged; there is none of a platform before its second hour."""

    platform: str
    hours: int
    last_hour: datetime
    checked_at: datetime
    checks: int
    passed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCheck:
    """What was observed of one hour and lies outside its bounds."""

    platform: str
    hour: datetime
    check_name: str
    severity: str
    observed: float
    least: float | None
    most: float | None
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityState:
    """What the checks say of the hours since an instant."""

    platforms: Sequence[CheckedPlatform]
    failures: Sequence[FailedCheck]
    """What blocks first, then the latest; `MOST_FAILURES` at most."""


def read_quality(connection: Connection[Any], *, platforms: Sequence[Platform], from_hour: datetime) -> QualityState:
    """Read how the hours from `from_hour` on were judged."""
    asked = {"platforms": [*platforms], "from_hour": from_hour}
    return QualityState(
        platforms=fetch_rows(connection, "read_checked_hours", CheckedPlatform, asked),
        failures=fetch_rows(connection, "read_failed_checks", FailedCheck, {**asked, "limit": MOST_FAILURES}),
    )
