"""Params of Dags that are run by hand."""

from __future__ import annotations

from collections.abc import Mapping

from airflow.sdk import Param

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
