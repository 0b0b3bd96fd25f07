"""One function a job: build adapters, call one use case, return a small outcome that fits an XCom."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airtide.domain.batches import OffsetRange
from airtide.domain.clock import floor_to_cadence
from airtide.domain.errors import NotWhole
from airtide.domain.models import Platform
from airtide.settings import POLLED_PLATFORMS
from airtide.wiring.adapters import Adapters

if TYPE_CHECKING:
    from airtide.domain.lags import LandingFigures
    from airtide.domain.positions import AcceptedLosses, Loss
    from airtide.pipeline.land import LandingOutcome
    from airtide.pipeline.verify.findings import PlatformReport
    from airtide.warehouse.queries.quotas import BucketState

log = logging.getLogger(__name__)

OPEN_HOUR_REST = timedelta(minutes=4, seconds=30)
"""The open hour is computed every five minutes at most, however often it is landed; the landing of each fifth minute,
which comes some seconds sooner or later, is never put off."""

MOST_TOLD = 3
"""Findings that an error names; the log has more of them."""


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

    found = discover(
        adapters.discovery(),
        adapters.candidates,
        adapters.clock,
        turn_s=adapters.settings.platforms.youtube.discover_every_s,
        by_hand=by_hand,
    )
    return {
        "pages": found.pages,
        "found": found.found,
        "new": found.new,
        "failed_parts": found.failed_parts,
        "spend": dict(found.spend),
    }


def land_platform(
    platform: Platform,
    adapters: Adapters,
    *,
    deadline_s: float | None = None,
    tell: Callable[[LandingFigures], None] = lambda _figures: None,
) -> dict[str, Any]:
    """Land everything of `platform` that is in Kafka at the start, and tell how it stands then."""
    from airtide.pipeline.land import land_platform as land
    from airtide.pipeline.stop_line import BadRecordLimits
    from airtide.pipeline.watch_landing import Watch, watch_landing

    landing = adapters.settings.landing

    def run() -> LandingOutcome:
        return land(
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

    watch = Watch(measure=adapters.measure_lag, book=adapters.landing_book, tell=tell, clock=adapters.clock)
    return watch_landing(platform, run, watch).to_dict()


def accept_loss(
    platform: Platform, adapters: Adapters, *, wanted: OffsetRange | None = None, dry_run: bool = False
) -> list[str]:
    """Put on record what is given up of `platform`, go on behind it, and say what was lost.

    Given up is the range `wanted`, or without one what Kafka no longer holds. A dry run says what would be written.
    """
    from airtide.pipeline.accept_loss import accept_loss as accept

    accepted = accept(
        platform, log=adapters.log, ledger=adapters.ledger, clock=adapters.clock, wanted=wanted, dry_run=dry_run
    )
    return [_describe_loss(loss) + (_foretell(loss, accepted) if dry_run else "") for loss in accepted.losses]


def verify_platform(platform: Platform, adapters: Adapters, *, within: timedelta | None = None) -> PlatformReport:
    """Hold what is on record of a platform's messages against each other: of the last `within`, or all there is."""
    from airtide.pipeline.verify.platform import verify_platform as verify

    return verify(
        platform,
        log=adapters.log,
        lake=adapters.audit_lake,
        ledger=adapters.audit_ledger,
        clock=adapters.clock,
        within=within,
    )


def verify_landing(adapters: Adapters, *, days: int) -> dict[str, Any]:
    """Audit the last days of every site; raises `NotWhole` with the first findings of all of them."""
    reports = [verify_platform(platform, adapters, within=timedelta(days=days)) for platform in POLLED_PLATFORMS]
    found = [str(finding) for report in reports for finding in report.findings.shown]
    if found:
        total = sum(report.findings.total for report in reports)
        for sentence in found:
            log.error("%s", sentence)
        raise NotWhole(
            f"{total:,} findings, the first: {'; '.join(found[:MOST_TOLD])}. `airtide verify` lists them by topic "
            "partition, the Dag's runbook says what each means"
        )
    return {
        "platforms": len(reports),
        "objects": sum(report.objects for report in reports),
        "samples": sum(report.samples for report in reports),
        "planned_batches": sum(len(report.planned) for report in reports),
    }


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


def _describe_loss(loss: Loss) -> str:
    place = f"{loss.gone.topic}[{loss.gone.topic_partition}]"
    if loss.gone.start_offset == loss.gone.end_offset:
        return f"{place} begun anew: nobody can tell what came after offset {loss.gone.start_offset}"
    return f"{place} offsets {loss.gone.start_offset} to {loss.gone.end_offset}"


def _foretell(loss: Loss, accepted: AcceptedLosses) -> str:
    """Return what an accept-loss would write of a loss."""
    replans = "" if accepted.superseded is None else f", batch {accepted.superseded} is superseded and planned anew"
    restart = loss.restart
    return (
        f": reason '{loss.reason}', the position becomes {restart.next_offset} of topic id {restart.topic_id}{replans}"
    )
