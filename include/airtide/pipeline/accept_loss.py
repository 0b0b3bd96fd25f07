"""Gives up, for one platform, what Kafka no longer holds: the explicit step after `MessagesLost`, `TopicReplaced` or
`OffsetAhead`. Or a range that stops the line and that nobody can mend.
"""

from __future__ import annotations

import logging

from airtide.domain.batches import OffsetRange
from airtide.domain.clock import Clock
from airtide.domain.models import Platform
from airtide.domain.positions import AcceptedLosses
from airtide.pipeline.ports import LandingLedger, SnapshotLog

logger = logging.getLogger(__name__)


def accept_loss(
    platform: Platform,
    *,
    log: SnapshotLog,
    ledger: LandingLedger,
    clock: Clock,
    wanted: OffsetRange | None = None,
    dry_run: bool = False,
) -> AcceptedLosses:
    """Move the positions to what is left, put on record what is gone, and return it; empty when nothing is.

    A topic that was made anew or whose log was cut short is landed from its beginning: what had landed is known again
    as duplicates. A landing that passes the end offsets while they are on their way here looks like a cut, too: all is
    landed again, nothing changes. With `wanted` that range is given up, though Kafka may hold it; a dry run returns
    what would be written and changes nothing.
    """
    accepted = ledger.accept_loss(
        platform, log.describe_topics(platform), now=clock.now(), wanted=wanted, dry_run=dry_run
    )
    for loss in () if dry_run else accepted.losses:
        logger.warning(
            "accepted loss platform=%s topic=%s topic_partition=%s start_offset=%s end_offset=%s reason=%s",
            platform,
            loss.gone.topic,
            loss.gone.topic_partition,
            loss.gone.start_offset,
            loss.gone.end_offset,
            loss.reason,
        )
    return accepted
