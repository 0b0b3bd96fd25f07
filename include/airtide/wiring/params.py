"""Params of Dags that are run by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from airflow.sdk import Param

from airtide.domain.errors import MisconfiguredError
from airtide.settings import POLLED_PLATFORMS


def _optional_text(description: str) -> Param:
    return Param(None, type=["null", "string"], minLength=1, maxLength=200, description=description)


DRY_RUN = Param(True, type="boolean", description="Only tell what would be done.")

REPLAY_PARAMS: Mapping[str, Param] = {
    "platform": Param(
        None,
        type=["null", "string"],
        enum=[None, *(platform.value for platform in POLLED_PLATFORMS)],
        description="Of one site; empty for all.",
    ),
    "reason": _optional_text("Of one reason, exactly as it stands in the dead letter."),
    "begin": _optional_text("From this offset on, or from the time it was found (2026-01-31T12:00:00Z)."),
    "end": _optional_text("Before this offset or time."),
    "limit": Param(1000, type="integer", minimum=1, maximum=1_000_000, description="Send at most so many back."),
    "dry_run": DRY_RUN,
}
"""Which dead letters are to be sent back."""

RECOMPUTE_PARAMS: Mapping[str, Param] = {
    "platform": REPLAY_PARAMS["platform"],
    "first_day": Param("2026-01-01", type="string", format="date", description="The first day, in every zone."),
    "last_day": Param("2026-01-01", type="string", format="date", description="The last day, in every zone."),
    "dry_run": DRY_RUN,
}
"""Which days are to be computed again."""


def read_days(params: Mapping[str, Any]) -> tuple[date, date]:
    """Return the first and the last day; raises `MisconfiguredError` for what is no day, and for a wrong order."""
    try:
        first_day, last_day = (date.fromisoformat(params[name]) for name in ("first_day", "last_day"))
    except ValueError as error:
        raise MisconfiguredError(f"a day is written YYYY-MM-DD: {error}") from error
    if last_day < first_day:
        raise MisconfiguredError(f"the last day, {last_day}, lies before the first, {first_day}")
    return first_day, last_day
