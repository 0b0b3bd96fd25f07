"""Polling: one sweep of one site at one tick, published as snapshots and, when all are safe, a sweep record.

A poll observes: the minute it stands for does not come back. Whatever goes wrong is in the sweep record, and what
somebody has to know of also fails the task.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

from airtide.domain.clock import Clock
from airtide.domain.errors import AirtideError, ContractChanged, PartUnreachable, TickRefused
from airtide.domain.models import Outcome, Snapshot, Sweep
from airtide.domain.pages import NOBODY
from airtide.pipeline.asking import Asking
from airtide.pipeline.ports import LiveSource, SnapshotSink
from airtide.pipeline.reading import Reading, bound_reading

MIN_REJECTS_TO_STOP = 20
"""Fewer refused records than this never stop a poll, however few others there are."""


def poll_platform(
    source: LiveSource,
    sink: SnapshotSink,
    clock: Clock,
    *,
    tick: datetime,
    asking: Asking | None = None,
    max_reject_share: float = 0.5,
    draw_token: Callable[[], str] = lambda: secrets.token_hex(4),
) -> Sweep:
    """Take one sweep at `tick` and publish it; return its record.

    A site without a listing needs `asking`: it is asked for those whose turn it is, and their answers are noted when
    everything is published. A sweep that was cut short is published as far as it came, and then raises what cut it; so
    does one without a single page. Raises `TickRefused`, with nothing published, when the site's clock is more than one
    cadence away from `tick`, and `PartUnreachable` when not every message was acknowledged.
    """
    started_at = clock.now()
    sweep_id = f"{source.platform}:{tick:%Y-%m-%dT%H:%M:%SZ}:{draw_token()}"
    reading = _read_sweep(source, asking, clock, sweep_id=sweep_id, tick=tick)
    _judge(source, reading, max_reject_share)
    snapshots = [reading.snapshots[broadcast_id] for broadcast_id in sorted(reading.snapshots)]
    end_offsets = sink.publish_snapshots(source.platform, [*snapshots, *reading.rejects])
    sweep = Sweep(
        sweep_id=sweep_id,
        platform=source.platform,
        sampled_at=tick,
        started_at=started_at,
        finished_at=clock.now(),
        outcome=reading.outcome,
        scope=source.scope,
        pages=reading.pages,
        requests=reading.tally.requests,
        snapshots=len(snapshots),
        duplicates=reading.duplicates,
        rejects=len(reading.rejects),
        absent=tuple(reading.tally.absent),
        viewer_floor=reading.tally.viewer_floor,
        is_filtered=reading.tally.is_filtered,
        unknown_fields=dict(reading.tally.unknown_fields),
        spend=dict(reading.tally.spend),
        error=reading.error_text,
        end_offsets=end_offsets,
    )
    sink.publish_sweep(sweep)
    _note(source, asking, reading, snapshots, tick)
    if reading.stopped_by is not None:
        raise reading.stopped_by
    return sweep


def _note(
    source: LiveSource, asking: Asking | None, reading: Reading, snapshots: Sequence[Snapshot], tick: datetime
) -> None:
    """Note the answers; where that fails and the reading did too, what stopped the reading is what is raised."""
    if asking is None or not reading.pages:
        return
    try:
        asking.note(source.platform, snapshots, reading.tally, tick)
    except AirtideError as error:
        if reading.stopped_by is None:
            raise
        reading.stopped_by.add_note(f"and the answers of this sweep could not be noted: {error}")


def _read_sweep(source: LiveSource, asking: Asking | None, clock: Clock, *, sweep_id: str, tick: datetime) -> Reading:
    started_at = clock.now()
    reading = Reading()
    reading_s = bound_reading(reading.tally, started_at, source.cadence_s)
    try:
        asked = NOBODY if asking is None else asking.plan(source, tick)
        for page in source.read_pages(sweep_id=sweep_id, sampled_at=tick, tally=reading.tally, asked=asked):
            if page.error is None and reading.pages == 0:
                _check_tick(source, tick, page.site_time)
            reading.add(page, sweep_id=sweep_id, sampled_at=tick, cadence_s=source.cadence_s)
            used_s = (clock.now() - started_at).total_seconds()
            if used_s > reading_s:
                reading.errors.append(f"left after page {page.number}: reading took {used_s:.0f} s of the cadence")
                break
    except TickRefused:
        raise
    except AirtideError as error:
        reading.stop(error)
    return reading


def _check_tick(source: LiveSource, tick: datetime, site_time: datetime | None) -> None:
    if site_time is None:
        raise TickRefused(f"{source.platform} does not tell its time (no Date header): tick {tick} cannot be checked")
    away_s = abs((site_time - tick).total_seconds())
    if away_s > source.cadence_s:
        raise TickRefused(
            f"{source.platform}: tick {tick:%Y-%m-%dT%H:%M:%SZ} is {away_s:.0f} s away from the site's own clock, "
            f"more than one cadence of {source.cadence_s} s: what is seen now must not stand for it"
        )


def _judge(source: LiveSource, reading: Reading, max_reject_share: float) -> None:
    """Stop where the sweep as a whole says that something is wrong with the site or with the parser."""
    if reading.stopped_by is not None:
        return
    refused = len(reading.rejects)
    records = refused + len(reading.snapshots)
    if refused >= MIN_REJECTS_TO_STOP and refused > max_reject_share * records:
        share = f"{refused} of {records} records refused"
        changed = ContractChanged(f"{source.platform}: {share}, the first because: {reading.rejects[0].reason}")
        changed.page = reading.first_rejected_on
        reading.stop(changed)
    elif reading.outcome is Outcome.FAILED:
        reading.stopped_by = PartUnreachable(f"{source.platform}: not one page could be read: {reading.error_text}")
