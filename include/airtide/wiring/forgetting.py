"""The job that forgets texts and statistics by their age, and what its task calls."""

from __future__ import annotations

import logging
from typing import Any

from airtide.settings import POLLED_PLATFORMS
from airtide.wiring.adapters import Adapters
from airtide.wiring.airflow_connections import AirflowConnections

log = logging.getLogger(__name__)


def forget(adapters: Adapters, *, dry_run: bool = False) -> dict[str, Any]:
    """Forget texts and statistics that are older than their policy allows; with `dry_run` only count them."""
    from airtide.pipeline.forget import forget as forget_by_age
    from airtide.warehouse.ages import WarehouseAges

    warehouse = WarehouseAges(adapters.connections.postgres_address())
    return forget_by_age(POLLED_PLATFORMS, warehouse=warehouse, clock=adapters.clock, dry_run=dry_run).to_dict()


def forget_old(*, dry_run: bool) -> dict[str, Any]:
    """What the task calls: the job on Airflow's connections."""
    with Adapters(AirflowConnections()) as adapters:
        outcome = {"dry_run": dry_run, **forget(adapters, dry_run=dry_run)}
    log.info("done: %s", " ".join(f"{key}={value}" for key, value in outcome.items()))
    return outcome
