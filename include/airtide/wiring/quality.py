"""The quality checks of the Dag check_quality: one job that observes and keeps, and operators that judge what is kept.

Airflow's check operators judge and keep nothing. So the numbers are observed first, into `trends.quality_check`, and
the operators ask that table, one entry a check: what the Dag shows, the page shows, and neither can say otherwise.
"""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.sdk import task

from airtide.domain.quality import Check, Severity
from airtide.settings import POLLED_PLATFORMS
from airtide.wiring.adapters import Adapters
from airtide.wiring.airflow_connections import AirflowConnections
from airtide.wiring.connections import POSTGRES

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

    from airtide.warehouse.queries.quality import QualityState

log = logging.getLogger(__name__)

_READ_ONLY = "-c role=airtide_reader -c default_transaction_read_only=on -c statement_timeout=30s -c timezone=UTC"
_TABLE = "trends.quality_check"
# rendered by Airflow out of the run's own instant and Params, both typed: no text of anybody's reaches the statement
_OF_RUN = "hour >= TIMESTAMPTZ '{{ dag_run.run_after }}' - INTERVAL '{{ params.hours | int + 1 }} hours'"


def check_hours(adapters: Adapters, *, hours: int) -> dict[str, Any]:
    """Observe what waits of the last `hours` closed hours, and keep it with the bounds of the settings."""
    from airtide.warehouse.quality import check_hours as check

    with adapters.connect_rollup() as connection:
        outcome = check(connection, adapters.settings.quality.bounds, now=adapters.clock.now(), hours=hours)
    return asdict(outcome)


def read_quality(adapters: Adapters) -> QualityState:
    """Return how the hours of the last 24 hours were judged."""
    from airtide.warehouse.queries.quality import read_quality as read
    from airtide.warehouse.queries.reader import WarehouseReader

    from_hour = adapters.clock.now() - timedelta(hours=24)
    with closing(WarehouseReader(adapters.connections.postgres_address())) as warehouse:
        return warehouse.read(partial(read, platforms=POLLED_PLATFORMS, from_hour=from_hour))


def observe_hours(*, hours: int) -> dict[str, Any]:
    """What the task calls: the job on Airflow's connections."""
    with Adapters(AirflowConnections()) as adapters:
        outcome = check_hours(adapters, hours=hours)
    log.info("done: %s", " ".join(f"{key}={value}" for key, value in outcome.items()))
    return outcome


def add_hour_checks() -> None:
    """Add the tasks to the Dag being defined: observe, judge what warns, judge what blocks."""

    @task(task_id="observe_hours")
    def observe(**context: Any) -> dict[str, Any]:
        return observe_hours(hours=context["params"]["hours"])

    observed, warned = observe(), _judge_hours(Severity.WARN, task_id="judge_warnings")
    # a failed warning does not fail the run, whose last task this is; nothing is judged that was not observed
    blocked = _judge_hours(Severity.BLOCK, task_id="judge_blocks", trigger_rule="all_done_min_one_success")
    observed >> [warned, blocked]
    warned >> blocked


def _judge_hours(severity: Severity, **arguments: Any) -> BaseOperator:
    """Return the task that fails, without a retry, while a check of this severity fails in the run's hours."""
    from airflow.providers.common.sql.operators.sql import SQLTableCheckOperator

    return SQLTableCheckOperator(
        conn_id=POSTGRES,
        hook_params={"options": _READ_ONLY},
        table=_TABLE,
        checks={
            check.value: {
                "check_statement": "COUNT(*) FILTER (WHERE NOT passed) = 0",
                "partition_clause": f"check_name = '{check}' AND severity = '{severity}'",
            }
            for check in Check
        },
        partition_clause=_OF_RUN,
        retry_on_failure=False,
        execution_timeout=timedelta(minutes=5),
        **arguments,
    )
