"""What samples add up to when each stands for one cadence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.plugins.world import Session

Row = dict[str, Any]

CADENCE_S = 300
STEP_MS = CADENCE_S * 1000


@dataclass
class Sums:
    """What one channel, hour or platform adds up to."""

    viewer_ms: int = 0
    airtime_ms: int = 0
    known_airtime_ms: int = 0
    missed_ms: int = 0
    samples: int = 0
    known_samples: int = 0
    peak_viewers: int | None = None
    peak_at: datetime | None = None
    broadcasts: set[str] = field(default_factory=set)
    odd: int = 0
    """Counts that looked wrong; no number of a rollup but of the days of broadcasts."""

    def add(self, session: Session, at: datetime, viewers: int | None) -> None:
        """Add one sample."""
        self.samples += 1
        self.airtime_ms += STEP_MS
        self.broadcasts.add(session.broadcast_id)
        if viewers is None:
            return
        self.known_samples += 1
        self.known_airtime_ms += STEP_MS
        self.viewer_ms += viewers * STEP_MS
        if self.peak_viewers is None or viewers > self.peak_viewers:
            self.peak_viewers, self.peak_at = viewers, at

    def merge(self, other: Sums) -> None:
        """Add what `other` holds."""
        for name in ("viewer_ms", "airtime_ms", "known_airtime_ms", "missed_ms", "samples", "known_samples"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.broadcasts |= other.broadcasts
        if (other.peak_viewers or -1) > (self.peak_viewers or -1):
            self.peak_viewers, self.peak_at = other.peak_viewers, other.peak_at

    def measures(self, computed_at: datetime) -> Row:
        """Return the columns that every rollup has."""
        names = ("viewer_ms", "airtime_ms", "known_airtime_ms", "samples", "known_samples", "peak_viewers", "peak_at")
        kept = {name: getattr(self, name) for name in names}
        return {
            **kept,
            "broadcasts": len(self.broadcasts),
            "computed_at": computed_at,
            "revision": 1,
            "definitions_version": 1,
        }
