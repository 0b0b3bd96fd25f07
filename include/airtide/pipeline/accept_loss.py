"""Gives up, for one platform, what Kafka no longer holds: the explicit step after `MessagesLost`, `TopicReplaced` or
`OffsetAhead`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from airtide.domain.batches import OffsetRange
from airtide.domain.clock import Clock
from airtide.domain.models import Platform
from airtide.pipeline.ports import LandingLedger, SnapshotLog

logger = logging.getLogger(__name__)


def accept_loss(platform: Platform, *, log: SnapshotLog, ledger: LandingLedger, clock: Clock) -> Sequence[OffsetRange]:
    """Move the positions to what is left, put on record what is gone, and return it; empty when nothing is.

    A topic that was made anew or whose log was cut short is landed from its beginning: what had landed is known again
    as duplicates. A landing that passes the end offsets while they are on their way here looks like a cut, too: all is
    landed again, nothing changes.
    """
    lost = ledger.accept_loss(platform, log.describe_topics(platform), now=clock.now())
    for part in lost:
        logger.warning(
            "accepted loss platform=%s topic=%s topic_partition=%s start_offset=%s end_offset=%s",
            platform,
            part.topic,
            part.topic_partition,
            part.start_offset,
            part.end_offset,
        )
    return lost
