"""Runs a landing and tells how it stands afterwards: in the log, on record, and as figures for whoever measures.

All of that is a courtesy: where it fails, the log says so and the landing ends as it would have without.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from airtide.domain.clock import Clock
from airtide.domain.errors import AirtideError
from airtide.domain.lags import LandingFigures, PartitionLag
from airtide.domain.models import Platform
from airtide.pipeline.land import LandingOutcome
from airtide.pipeline.ports import LandingBook

logger = logging.getLogger(__name__)

_LONGEST_ERROR = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who learns how a landing stands."""

    measure: Callable[[Platform], Sequence[PartitionLag]]
    book: LandingBook
    tell: Callable[[LandingFigures], None]
    clock: Clock


def watch_landing(platform: Platform, land: Callable[[], LandingOutcome], watch: Watch) -> LandingOutcome:
    """Return what `land` returns, or raise what it raises, after its figures are told."""
    started_at = watch.clock.now()
    try:
        outcome = land()
    except Exception as failure:
        _tell(platform, None, describe_failure(failure), started_at, watch)
        raise
    _tell(platform, outcome, None, started_at, watch)
    return outcome


def _tell(
    platform: Platform, outcome: LandingOutcome | None, error: str | None, started_at: datetime, watch: Watch
) -> None:
    ended_at = watch.clock.now()
    figures = LandingFigures(
        platform=platform,
        at=ended_at,
        seconds=(ended_at - started_at).total_seconds(),
        batches=outcome.batches if outcome else 0,
        messages=outcome.messages if outcome else 0,
        samples=outcome.samples if outcome else 0,
        lags=_measure(platform, watch),
        error=error,
    )
    logger.info(
        "stands platform=%s status=%s batches=%s messages=%s samples=%s seconds=%.1f messages_per_s=%s lag_messages=%s "
        "lag_s=%s",
        platform,
        outcome.status.name.lower() if outcome else "failed",
        figures.batches,
        figures.messages,
        figures.samples,
        figures.seconds,
        _write(figures.messages_per_s),
        _write(figures.lag_messages),
        _write(figures.lag_s),
    )
    for take in (watch.book.note_landing, watch.tell):
        try:
            take(figures)
        except Exception as failure:
            logger.warning("figures platform=%s are not on record: %s", platform, describe_failure(failure))


def _measure(platform: Platform, watch: Watch) -> Sequence[PartitionLag] | None:
    try:
        return watch.measure(platform)
    except Exception as failure:
        logger.warning("lag platform=%s is not known: %s", platform, describe_failure(failure))
        return None


def describe_failure(failure: Exception) -> str:
    """Return the text of an error that is raised on purpose; of any other, which may hold anything, its kind."""
    text = str(failure) if isinstance(failure, AirtideError) else f"{type(failure).__name__}: see the task's log"
    return text[:_LONGEST_ERROR].replace("\0", "\N{REPLACEMENT CHARACTER}")


def _write(figure: float | None) -> str:
    return "unknown" if figure is None else f"{figure:.0f}"
