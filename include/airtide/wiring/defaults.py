"""What all Dags share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from airtide.domain.models import Platform
from airtide.wiring.retries import RetryByError

START_DATE = datetime(2026, 1, 1, tzinfo=UTC)

DEFAULT_ARGS: dict[str, Any] = {
    "owner": "airtide",
    "retries": 3,
    "retry_delay": timedelta(seconds=20),
    "retry_policy": RetryByError(),
    "execution_timeout": timedelta(minutes=10),
}


def poll_args(cadence_s: int) -> dict[str, Any]:
    """Return the defaults of tasks that observe: neither a try nor a retry reaches into the next tick."""
    timeout = timedelta(seconds=cadence_s - 10)
    return {**DEFAULT_ARGS, "execution_timeout": timeout, "retry_policy": RetryByError(cadence_s)}


class Stage(StrEnum):
    """The stations of the data's way, and what mends it by hand; the first tag of every Dag."""

    POLL = "stage:poll"
    LAND = "stage:land"
    CAPTURE = "stage:capture"
    ROLL_UP = "stage:roll_up"
    CHECK = "stage:check"
    REPAIR = "stage:repair"
    KEEP = "stage:keep"


def tag_platform(platform: Platform) -> str:
    """Return the tag of a Dag that serves one site."""
    return f"platform:{platform}"


def poll_cron(cadence_s: int) -> str:
    """Return the cron line of a cadence, one of `airtide.setting_platforms.CADENCES_S`."""
    return f"*/{cadence_s // 60} * * * *"
