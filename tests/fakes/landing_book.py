"""How landings stand, in memory."""

from __future__ import annotations

from dataclasses import replace

from airtide.domain.errors import AirtideError
from airtide.domain.lags import LandingFigures
from airtide.domain.models import Platform
from airtide.warehouse.queries.collection import Landing


class MemoryLandingBook:
    """A `LandingBook`. Set `failure` and it takes no figures."""

    def __init__(self) -> None:
        self.failure: AirtideError | None = None
        self._landings: dict[Platform, Landing] = {}

    def note_landing(self, figures: LandingFigures) -> None:
        if self.failure is not None:
            raise self.failure
        known = self._landings.get(figures.platform) or _nothing(figures.platform)
        if figures.lags is not None:
            lags = [
                {
                    "topic": lag.topic,
                    "topic_partition": lag.topic_partition,
                    "next_offset": lag.next_offset,
                    "end_offset": lag.end_offset,
                    "messages": lag.lag,
                    "lost": lag.lost,
                    "waiting_since": lag.waiting_since.isoformat() if lag.waiting_since else None,
                }
                for lag in figures.lags
            ]
            known = replace(known, lags=lags, lag_measured_at=figures.at)
        if figures.batches:
            known = replace(
                known,
                landed_at=figures.at,
                batches=figures.batches,
                messages=figures.messages,
                samples=figures.samples,
                seconds=figures.seconds,
            )
        since = (known.failing_since or figures.at) if figures.error is not None else None
        self._landings[figures.platform] = replace(known, error=figures.error, failing_since=since)

    def landing(self, platform: Platform) -> Landing | None:
        """Return how a platform's landing stands; None when it has never run."""
        return self._landings.get(platform)


def _nothing(platform: Platform) -> Landing:
    return Landing(
        platform=platform.value,
        lags=[],
        lag_measured_at=None,
        landed_at=None,
        batches=None,
        messages=None,
        samples=None,
        seconds=None,
        failing_since=None,
        error=None,
    )
