"""Runs a capture and tells how it stands afterwards, platform by platform: a courtesy, like that of landing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from airtide.domain.clock import Clock
from airtide.domain.lags import CaptureFigures, PartitionLag
from airtide.domain.models import Platform
from airtide.pipeline.capturing import CaptureOutcome
from airtide.pipeline.picture_ports import CaptureBook
from airtide.pipeline.watch_landing import describe_failure

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureWatch:
    """Who learns how capturing stands."""

    measure: Callable[[Platform], Sequence[PartitionLag]]
    book: CaptureBook
    tell: Callable[[CaptureFigures], None]
    clock: Clock


def watch_capture(
    platforms: Sequence[Platform], capture: Callable[[], CaptureOutcome], watch: CaptureWatch
) -> CaptureOutcome:
    """Return what `capture` returns, or raise what it raises, after its figures are told."""
    try:
        outcome = capture()
    except Exception as failure:
        for platform in platforms:
            _tell(platform, 0, describe_failure(failure), watch)
        raise
    for platform in platforms:
        _tell(platform, outcome.pictures[platform], None, watch)
    return outcome


def _tell(platform: Platform, pictures: int, error: str | None, watch: CaptureWatch) -> None:
    figures = CaptureFigures(
        platform=platform, at=watch.clock.now(), pictures=pictures, lags=_measure(platform, watch), error=error
    )
    for take in (watch.book.note_capture, watch.tell):
        try:
            take(figures)
        except Exception as failure:
            logger.warning("figures of pictures platform=%s are not on record: %s", platform, describe_failure(failure))


def _measure(platform: Platform, watch: CaptureWatch) -> Sequence[PartitionLag] | None:
    try:
        return watch.measure(platform)
    except Exception as failure:
        logger.warning("lag of pictures platform=%s is not known: %s", platform, describe_failure(failure))
        return None
