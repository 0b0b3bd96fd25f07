"""What the quality checks ask of every hour of a platform."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a failed check means."""

    WARN = "warn"
    """It is shown; the numbers stand."""
    BLOCK = "block"
    """Days with this hour are not published as final until it passes."""


class Check(StrEnum):
    """What one check observes of one hour."""

    NULL_VALUES = "null_values"
    """States that name no known broadcast, channel or category, or lack a peak that their counts have."""
    NEGATIVE_VALUES = "negative_values"
    """States with a number under 0, or with more known than there is."""
    DUPLICATES = "duplicates"
    """Samples beyond the first of a broadcast and tick."""
    UNCOUNTED_SAMPLES = "uncounted_samples"
    """How many samples the hour's states have too many or too few."""
    ROWS_AGAINST_LAST_WEEK = "rows_against_last_week"
    """Samples ÷ samples of the same hour a week before."""
    UNKNOWN_SHARE = "unknown_share"
    """Share of samples without a count."""
    VIEWERS_JUMP = "viewers_jump"
    """Viewer-milliseconds ÷ those of the hour before."""
    STUCK_SHARE = "stuck_share"
    """Share of broadcasts of 20 viewers or more whose count stood still through the hour."""
    SILENT_MINUTES = "silent_minutes"
    """The longest time without a tick."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Between which values a check passes, both included; None is no bound."""

    severity: Severity
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedHours:
    """What one run judged."""

    hours: int = 0
    """Hours of platforms."""
    observations: int = 0
    warnings: int = 0
    blocks: int = 0
    """Failed checks that keep a day from being final."""
    expired: int = 0
    """Old observations that were deleted."""

    def __add__(self, other: CheckedHours) -> CheckedHours:
        return CheckedHours(
            hours=self.hours + other.hours,
            observations=self.observations + other.observations,
            warnings=self.warnings + other.warnings,
            blocks=self.blocks + other.blocks,
            expired=self.expired + other.expired,
        )
