"""Trends computed again that nothing has landed for: by the Dag recompute_trends, and by backfills of the roll-ups."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airtide.domain.models import Platform
from airtide.settings import POLLED_PLATFORMS
from airtide.wiring.adapters import Adapters
from airtide.wiring.airflow_connections import AirflowConnections
from airtide.wiring.params import read_days

if TYPE_CHECKING:
    from airflow.sdk.types import DagRunProtocol

log = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
BACKFILL = "backfill"
"""Airflow's word for the type of run that `airflow backfill create` makes."""


def recompute_trends(
    adapters: Adapters, platforms: Sequence[Platform], first_day: date, last_day: date, *, dry_run: bool = True
) -> dict[str, Any]:
    """Compute these days of every zone again, with the hours they are merged from; with `dry_run` only count them."""
    from airtide.warehouse.rollups.again import find_days, recompute_days
    from airtide.warehouse.zone_days import ensure_calendar

    zones, now = adapters.settings.trends.zones, adapters.clock.now()
    with adapters.connect_rollup() as connection:
        # a zone that is new has no days yet: a dry run counts them as well, and leaves none
        with connection.transaction(force_rollback=dry_run):
            ensure_calendar(connection, zones, now=now)
            days = find_days(connection, platforms, zones, first_day=first_day, last_day=last_day, now=now)
        if dry_run:
            sealed = sum(day.is_sealed for day in days)
            return {"dry_run": True, "days": len(days) - sealed, "sealed_days": sealed}
        return {"dry_run": False, **recompute_days(connection, days, adapters.clock)}


def recompute_by_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """What the task calls: the job on Airflow's connections, for one platform or all."""
    first_day, last_day = read_days(params)
    platforms = [Platform(params["platform"])] if params["platform"] else POLLED_PLATFORMS
    with Adapters(AirflowConnections()) as adapters:
        outcome = recompute_trends(adapters, platforms, first_day, last_day, dry_run=params["dry_run"])
    log.info("done: %s", " ".join(f"{key}={value}" for key, value in outcome.items()))
    return outcome


def mark_backfilled_hour(dag_run: DagRunProtocol) -> None:
    """Mark the hour that ended before a run of a backfill, which computes it again; other runs take what waits."""
    from airtide.warehouse.rollups.again import mark_hour

    hour = _find_hour_of_backfill(dag_run)
    if hour is None:
        return
    with Adapters(AirflowConnections()) as adapters, adapters.connect_rollup() as connection:
        mark_hour(connection, POLLED_PLATFORMS, hour - HOUR, now=adapters.clock.now())


def mark_backfilled_days(dag_run: DagRunProtocol) -> None:
    """Mark the days that a backfill's run closes, those of any zone that ended an hour before it."""
    from airtide.warehouse.rollups.again import find_days_ending, mark_days

    hour = _find_hour_of_backfill(dag_run)
    if hour is None:
        return
    with Adapters(AirflowConnections()) as adapters, adapters.connect_rollup() as connection:
        zones, now = adapters.settings.trends.zones, adapters.clock.now()
        mark_days(connection, find_days_ending(connection, POLLED_PLATFORMS, zones, hour - HOUR, now), now=now)


def _find_hour_of_backfill(dag_run: DagRunProtocol) -> datetime | None:
    """Return the hour in which the run was due; None of a run that no backfill made."""
    if dag_run.run_type != BACKFILL or dag_run.logical_date is None:
        return None
    return dag_run.logical_date.replace(minute=0, second=0, microsecond=0)
