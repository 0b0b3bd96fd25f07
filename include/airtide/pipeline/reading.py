"""What the pages of one sweep add up to while they are read, and how long that may take."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from airtide.domain.errors import AirtideError
from airtide.domain.models import Outcome, Reject, Sighting, Snapshot
from airtide.domain.pages import Page, Tally

ERRORS_SHOWN = 3

READING_SHARE = 0.8
"""Share of the cadence after which no further page is asked for, so that publishing ends before the next tick."""

PUBLISHING_S = 20
"""Left of every cadence, however short."""

CUT_SHARE = 0.25
"""Share of what is left then, after which an answer that is still coming is cut."""


def bound_reading(tally: Tally, started_at: datetime, cadence_s: float) -> float:
    """Set in `tally` when reading has to leave off and when it is cut; return the seconds until the first."""
    reading_s = min(READING_SHARE * cadence_s, cadence_s - PUBLISHING_S)
    tally.read_until = started_at + timedelta(seconds=reading_s)
    tally.cut_at = time.monotonic() + reading_s + CUT_SHARE * (cadence_s - reading_s)
    return reading_s


@dataclass(slots=True)
class Reading:
    """What the pages of one sweep held."""

    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    first_rejected_on: int | None = None
    """The page of the first of them."""
    tally: Tally = field(default_factory=Tally)
    pages: int = 0
    duplicates: int = 0
    errors: list[str] = field(default_factory=list)
    stopped_by: AirtideError | None = None
    """What the task has to fail with once everything that was seen is published."""

    def add(self, page: Page, *, sweep_id: str, sampled_at: datetime, cadence_s: int) -> None:
        """Take a page of the sweep in; of a broadcast seen before, the later row stays."""
        if page.error is not None:
            self.errors.append(f"page {page.number}: {page.error}")
            return
        self.pages += 1
        if page.rejects and not self.rejects:
            self.first_rejected_on = page.number
        if page.rejects:
            seen = Sighting(sweep_id=sweep_id, sampled_at=sampled_at, fetched_at=page.fetched_at, cadence_s=cadence_s)
            self.rejects.extend(replace(reject, seen=seen) for reject in page.rejects)
        for snapshot in page.snapshots:
            self.duplicates += snapshot.broadcast_id in self.snapshots
            self.snapshots[snapshot.broadcast_id] = snapshot

    def stop(self, error: AirtideError) -> None:
        """Remember `error` as the reason why the sweep ends and the task fails."""
        self.errors.append(str(error))
        self.stopped_by = error

    @property
    def outcome(self) -> Outcome:
        """Complete only when nothing at all went wrong."""
        if not self.errors:
            return Outcome.COMPLETE
        return Outcome.PARTIAL if self.pages else Outcome.FAILED

    @property
    def error_text(self) -> str | None:
        """The first errors in one line, None when there is none."""
        if not self.errors:
            return None
        more = len(self.errors) - ERRORS_SHOWN
        return "; ".join(self.errors[:ERRORS_SHOWN]) + (f"; and {more} more" if more > 0 else "")
