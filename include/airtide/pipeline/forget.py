"""Forgets texts and statistics that are older than their platform's policy allows.

Numbers may outlive the names that they belong to: then a channel is told by its id, a broadcast without a title. Each
step can be repeated, and what a crash leaves is done by the next run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from airtide.domain.clock import Clock
from airtide.domain.forgetting import Forgotten, KeptAges
from airtide.domain.models import Platform

logger = logging.getLogger(__name__)


class AgedWarehouse(Protocol):
    """The warehouse's texts and statistics; what is taken at `before` itself is young enough."""

    def read_ages(self, platform: Platform) -> KeptAges:
        """Return the ages of `platform`; raises `MisconfiguredError` when it has no policy."""
        ...

    def count_forgettable(self, platform: Platform, *, text_before: datetime, statistics_before: datetime) -> Forgotten:
        """Count what the other calls would reach of the platform's hours, days, broadcasts, channels and pictures."""
        ...

    def delete_statistics(self, platform: Platform, *, before: datetime) -> Forgotten:
        """Delete rows of hours that began before, and of days that had ended by then."""
        ...

    def empty_texts(self, platform: Platform, *, before: datetime, now: datetime) -> Forgotten:
        """Empty titles, tags, addresses, names and handles that were last seen before, and those of pictures then."""
        ...

    def delete_untold(self, platform: Platform, *, before: datetime) -> Forgotten:
        """Delete broadcasts that were over by then, and channels that nothing tells of any more."""
        ...


def forget(
    platforms: Iterable[Platform], *, warehouse: AgedWarehouse, clock: Clock, dry_run: bool = False
) -> Forgotten:
    """Forget what is too old; with `dry_run` only count it."""
    total = Forgotten()
    for platform in platforms:
        now = clock.now()
        ages = warehouse.read_ages(platform)
        text_before, statistics_before = now - ages.text_age, now - ages.statistics_age
        if dry_run:
            forgotten = warehouse.count_forgettable(
                platform, text_before=text_before, statistics_before=statistics_before
            )
        else:
            forgotten = (
                warehouse.delete_statistics(platform, before=statistics_before)
                + warehouse.empty_texts(platform, before=text_before, now=now)
                + warehouse.delete_untold(platform, before=now - ages.longest)
            )
        said = " ".join(f"{name}={count}" for name, count in forgotten.to_dict().items())
        logger.info("%s platform=%s %s", "would forget" if dry_run else "forgot", platform, said)
        total += forgotten
    return total
