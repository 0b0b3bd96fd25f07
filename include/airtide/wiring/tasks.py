"""What a Dag's task calls: a job on Airflow's connections, with "nothing to do" shown as skipped."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from airtide.domain.models import Platform
from airtide.wiring import jobs, letters, metrics, pictures
from airtide.wiring.adapters import Adapters
from airtide.wiring.airflow_connections import AirflowConnections

log = logging.getLogger(__name__)


def poll(platform: Platform, planned_at: datetime) -> dict[str, Any]:
    """Take one sweep; the Dag run's planned instant is its tick."""
    with _adapters() as adapters:
        outcome = jobs.poll_platform(platform, planned_at, adapters)
    metrics.tell_sweep(platform, outcome)
    return _say(outcome)


def discover_youtube(*, by_hand: bool) -> dict[str, Any]:
    """Look for broadcasts on YouTube that are not asked for yet."""
    with _adapters() as adapters:
        return _say(jobs.discover_youtube(adapters, by_hand=by_hand))


def land(platform: Platform) -> dict[str, Any]:
    """Land what Kafka holds; skipped when there is nothing, or another run was landing it first."""
    with _adapters() as adapters:
        outcome = jobs.land_platform(platform, adapters, tell=metrics.tell_landing)
    if not outcome["batches"]:
        raise AirflowSkipException(outcome["status"])
    return _say(outcome)


def capture_thumbnails() -> dict[str, Any]:
    """Capture the pictures that wait; skipped where no site's policy says so."""
    with _adapters() as adapters:
        if not pictures.captured_platforms(adapters):
            raise AirflowSkipException("of no site that has a key the policy says that its pictures are captured")
        return _say(pictures.capture_thumbnails(adapters, tell=metrics.tell_capture))


def roll_up_hours() -> dict[str, Any]:
    """Recompute stale hours."""
    with _adapters() as adapters:
        return _say(jobs.roll_up_hours(adapters))


def roll_up_days() -> dict[str, Any]:
    """Recompute stale days."""
    with _adapters() as adapters:
        return _say(jobs.roll_up_days(adapters))


def verify_landing(*, days: int) -> dict[str, Any]:
    """Audit what landed in the last days; fails when something is missing or double."""
    with _adapters() as adapters:
        return _say(jobs.verify_landing(adapters, days=days))


def replay_dead_letters(params: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
    """Send back the dead letters that the Params mean and that can be mended; in a dry run only count them."""
    with _adapters() as adapters:
        return _say(letters.replay_by_params(adapters, params, dry_run=dry_run))


def _adapters() -> Adapters:
    return Adapters(AirflowConnections())


def _say(outcome: dict[str, Any]) -> dict[str, Any]:
    log.info("done: %s", " ".join(f"{key}={value}" for key, value in outcome.items()))
    return outcome
