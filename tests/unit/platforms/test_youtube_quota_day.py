"""YouTube's quota day ends at midnight of the Pacific coast."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from airtide.platforms.youtube.refusals import find_quota_reset


@pytest.mark.parametrize(
    ("moment", "reset"),
    [
        ("2026-11-20T12:00:00Z", "2026-11-21T08:00:00Z"),
        ("2026-11-21T07:59:59Z", "2026-11-21T08:00:00Z"),
        ("2026-11-21T08:00:00Z", "2026-11-22T08:00:00Z"),
        ("2026-07-01T12:00:00Z", "2026-07-02T07:00:00Z"),
        ("2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z"),
        ("2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z"),
    ],
    ids=["winter", "last second", "midnight itself", "summer", "day of 23 hours", "day of 25 hours"],
)
def test_the_reset_is_the_next_pacific_midnight(moment: str, reset: str) -> None:
    found = find_quota_reset(datetime.fromisoformat(moment))
    assert found == datetime.fromisoformat(reset)
    assert found.tzinfo is UTC
