"""The check operators on a real warehouse: what they fail by, as whom they ask, and that they never try again."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowFailException
from tests.services import Warehouse
from tests.sql.test_rollups import at

from airtide.domain.quality import Severity

RUN_AFTER = at(12, 40)
DAGS_FOLDER = Path(__file__).resolve().parents[2] / "dags"


@pytest.fixture(scope="module")
def tasks() -> dict[str, Any]:
    """The tasks of the Dag check_quality."""
    from airflow.dag_processing.dagbag import DagBag

    dag = DagBag(str(DAGS_FOLDER / "check_quality.py")).dags["check_quality"]
    return {task.task_id: task for task in dag.tasks}


@pytest.fixture
def judge(tasks: dict[str, Any], warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch):
    """Run one of the judging tasks as Airflow does: rendered for its run, on the connection of the warehouse."""
    address = warehouse.address
    connection = {
        "conn_type": "postgres",
        "host": address.host,
        "port": address.port,
        "login": address.user,
        "password": address.password,
        "schema": address.dbname,
    }
    monkeypatch.setenv("AIRFLOW_CONN_AIRTIDE_POSTGRES", json.dumps(connection))

    def run(severity: Severity) -> None:
        task = tasks["judge_warnings" if severity is Severity.WARN else "judge_blocks"].prepare_for_execution()
        context = {"dag_run": SimpleNamespace(run_after=RUN_AFTER), "params": {"days": 1, "hours": 2}}
        task.render_template_fields(context)
        task.execute(context)

    return run


def observe(connection: psycopg.Connection, severity: Severity, observed: float, *, hours_before: int = 1) -> None:
    connection.execute(
        "INSERT INTO trends.quality_check (platform, hour, check_name, severity, observed, most, checked_at) "
        "VALUES ('soop', %s, 'silent_minutes', %s, %s, 20, %s)",
        (at(12) - timedelta(hours=hours_before), severity, observed, RUN_AFTER),
    )


@pytest.mark.parametrize("severity", Severity)
def test_a_failed_check_fails_the_task_of_its_severity_for_good_and_no_other(judge, rolling, severity):
    observe(rolling, severity, 21)
    for asked in Severity:
        if asked is severity:
            with pytest.raises(AirflowFailException, match="Check: silent_minutes"):
                judge(asked)
        else:
            judge(asked)


def test_what_passed_what_is_older_than_asked_and_no_observation_at_all_fail_nothing(judge, rolling):
    judge(Severity.BLOCK)
    observe(rolling, Severity.BLOCK, 20, hours_before=1)
    observe(rolling, Severity.BLOCK, 60, hours_before=4)
    judge(Severity.BLOCK)


def test_judges_may_only_read_and_come_before_the_last_task_of_the_run(tasks):
    for name in ("judge_warnings", "judge_blocks"):
        options = tasks[name].hook_params["options"]
        assert "role=airtide_reader" in options
        assert "default_transaction_read_only=on" in options
    assert tasks["judge_warnings"].downstream_task_ids == {"judge_blocks"}
    assert tasks["judge_blocks"].upstream_task_ids == {"observe_hours", "judge_warnings"}
    assert tasks["judge_blocks"].trigger_rule == "all_done_min_one_success"
