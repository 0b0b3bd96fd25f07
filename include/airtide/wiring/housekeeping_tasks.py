"""What the tasks of the housekeeping Dags call: a job on Airflow's connections."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from airtide.domain.models import Platform
from airtide.wiring import housekeeping
from airtide.wiring.adapters import Adapters
from airtide.wiring.airflow_connections import AirflowConnections
from airtide.wiring.params import read_days

log = logging.getLogger(__name__)


def compact_lake() -> dict[str, Any]:
    """Compact closed days; skipped when there is nothing to put together."""
    with Adapters(AirflowConnections()) as adapters:
        outcome = housekeeping.compact_lake(adapters)
    if not any(outcome.values()):
        raise AirflowSkipException("every closed day is one object")
    return _say(outcome)


def enforce_retention(*, dry_run: bool) -> dict[str, Any]:
    """Remove expired raw data and pictures, or count them."""
    with Adapters(AirflowConnections()) as adapters:
        return _say({"dry_run": dry_run, **housekeeping.enforce_retention(adapters, dry_run=dry_run)})


def rebuild_range(params: Mapping[str, Any]) -> dict[str, Any]:
    """Land days again from the lake, or count what is missing; a day that is none says so."""
    platform = Platform(params["platform"])
    first_day, last_day = read_days(params)
    with Adapters(AirflowConnections()) as adapters:
        return _say(
            {
                "dry_run": params["dry_run"],
                **housekeeping.rebuild_range(platform, first_day, last_day, adapters, dry_run=params["dry_run"]),
            }
        )


def maintain_airflow() -> dict[str, Any]:
    """Remove old runs and logs of Airflow's own."""
    from airflow.configuration import conf

    with Adapters(AirflowConnections()) as adapters:
        return _say(
            housekeeping.maintain_airflow(adapters, Path(conf.get_mandatory_value("logging", "base_log_folder")))
        )


def _say(outcome: dict[str, Any]) -> dict[str, Any]:
    log.info("done: %s", " ".join(f"{key}={value}" for key, value in outcome.items()))
    return outcome
