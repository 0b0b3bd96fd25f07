"""One function a job: build adapters, call one use case, return a small outcome that fits an XCom."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airtide.domain.batches import OffsetRange
from airtide.domain.clock import floor_to_cadence
from airtide.domain.models import Platform
from airtide.wiring.adapters import Adapters

if TYPE_CHECKING:
    from airtide.warehouse.queries.quotas import BucketState

log = logging.getLogger(__name__)

OPEN_HOUR_REST = timedelta(minutes=4, seconds=30)
"""The open hour is computed every five minutes at most, however often it is landed; the landing of each fifth minute,
which comes some seconds sooner or later, is never put off."""


def poll_platform(platform: Platform, planned_at: datetime, adapters: Adapters) -> dict[str, Any]:
    """Take one sweep of `platform` at the tick of `planned_at`."""
    from airtide.pipeline.poll import poll_platform as poll

    settings = adapters.settings.platform(platform)
    sweep = poll(
        adapters.source(platform),
        adapters.sink,
        adapters.clock,
        tick=floor_to_cadence(planned_at, settings.cadence_s),
        asking=adapters.asking(platform),
        max_reject_share=settings.max_reject_share,
    )
    outcome = {
        "sweep_id": sweep.sweep_id,
        "outcome": sweep.outcome.value,
        "pages": sweep.pages,
        "snapshots": sweep.snapshots,
        "error": sweep.error,
    }
    return {**outcome, "new_fields": ",".join(sorted(sweep.unknown_fields))} if sweep.unknown_fields else outcome


def discover_youtube(adapters: Adapters, *, by_hand: bool = False) -> dict[str, Any]:
    """Look for broadcasts that are not asked for yet; by hand also with searches that the schedule leaves."""
    from airtide.pipeline.discover import discover

    found = discover(adapters.discovery(), adapters.candidates, adapters.clock, by_hand=by_hand)
    return {
        "pages": found.pages,
        "found": found.found,
        "new": found.new,
        "failed_parts": found.failed_parts,
        "spend": dict(found.spend),
    }


def land_platform(platform: Platform, adapters: Adapters, *, deadline_s: float | None = None) -> dict[str, Any]:
    """Land everything of `platform` that is in Kafka at the start."""
    from airtide.pipeline.land import land_platform as land
    from airtide.pipeline.stop_line import BadRecordLimits

    landing = adapters.settings.landing
    outcome = land(
        platform,
        log=adapters.log,
        lake=adapters.lake,
        ledger=adapters.ledger,
        clock=adapters.clock,
        max_snapshots=landing.max_snapshots,
        limits=BadRecordLimits(
            max_in_row=landing.max_bad_in_row,
            max_share=landing.max_bad_share,
            min_for_share=landing.min_bad_for_share,
        ),
        deadline_s=deadline_s,
    )
    return outcome.to_dict()


def accept_loss(platform: Platform, adapters: Adapters) -> list[str]:
    """Put on record what Kafka no longer holds of `platform`, go on behind it, and say what was lost."""
    from airtide.pipeline.accept_loss import accept_loss as accept

    lost = accept(platform, log=adapters.log, ledger=adapters.ledger, clock=adapters.clock)
    return [_describe_loss(part) for part in lost]


def roll_up_hours(adapters: Adapters) -> dict[str, Any]:
    """Recompute the hours that landings made stale."""
    from airtide.warehouse.rollups import roll_up_hours as roll_up

    with adapters.connect_rollup() as connection:
        return roll_up(connection, now=adapters.clock.now(), open_hour_rest=OPEN_HOUR_REST).to_dict()


def roll_up_days(adapters: Adapters) -> dict[str, Any]:
    """Recompute the days that landings made stale, after the hours they are merged from."""
    from airtide.warehouse.rollups import roll_up_days as roll_up
    from airtide.warehouse.zone_days import ensure_calendar

    now = adapters.clock.now()
    with adapters.connect_rollup() as connection:
        ensure_calendar(connection, adapters.settings.trends.zones, now=now)
        return roll_up(connection, now=now).to_dict()


def read_quotas(adapters: Adapters) -> Sequence[BucketState]:
    """Return how the quota buckets of the sites that are polled stand."""
    from airtide.warehouse.queries.quotas import read_buckets
    from airtide.warehouse.queries.reader import WarehouseReader

    limits, now = adapters.settings.polled_limits, adapters.clock.now()
    with closing(WarehouseReader(adapters.connections.postgres_address())) as warehouse:
        return warehouse.read(lambda connection: read_buckets(connection, limits=limits, now=now))


def _describe_loss(part: OffsetRange) -> str:
    place = f"{part.topic}[{part.topic_partition}]"
    if part.start_offset == part.end_offset:
        return f"{place} begun anew: nobody can tell what came after offset {part.start_offset}"
    return f"{place} offsets {part.start_offset} to {part.end_offset}"
