"""What every Dag of the house must have; new Dags are held to it without a line added here."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest

from airtide.settings import POLLED_PLATFORMS
from airtide.wiring.defaults import Stage, poll_cron
from airtide.wiring.retries import RetryByError

DAGS_FOLDER = Path(__file__).resolve().parents[2] / "dags"
DAG_FILES = sorted(DAGS_FOLDER.glob("*.py"))
SHAPE = {
    **{f"poll_{platform}": ["poll"] for platform in POLLED_PLATFORMS},
    **{f"land_{platform}": ["wait_for_backlog", "land"] for platform in POLLED_PLATFORMS},
    "discover_youtube": ["discover"],
    "roll_up_hours": ["roll_up"],
    "roll_up_days": ["roll_up"],
}


def test_all_files_import(dag_bag):
    assert dag_bag.import_errors == {}


def test_the_shape_changes_only_on_purpose(dags):
    assert {dag_id: [task.task_id for task in dag.tasks] for dag_id, dag in dags.items()} == SHAPE


@pytest.mark.parametrize("path", DAG_FILES, ids=lambda path: path.name)
def test_a_dag_file_is_at_most_sixty_lines(path):
    assert len(path.read_text().splitlines()) <= 60


@pytest.mark.parametrize("path", DAG_FILES, ids=lambda path: path.name)
def test_a_dag_file_imports_only_the_sdk_wiring_settings_and_domain(path):
    allowed = ("__future__", "datetime", "airflow.sdk", "airtide.wiring", "airtide.domain", "airtide.settings")
    imported = [
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert [name for name in imported if not name.startswith(allowed)] == []


@pytest.mark.parametrize("dag_id", sorted(SHAPE))
def test_a_dag_says_what_it_is_and_what_a_failure_means(dags, dag_id):
    doc = dags[dag_id].doc_md
    assert "**Observes.**" in doc or "**Derives.**" in doc
    assert "**If it fails" in doc


@pytest.mark.parametrize("dag_id", sorted(SHAPE))
def test_a_dag_runs_alone_in_time_and_without_catching_up(dags, dag_id):
    dag = dags[dag_id]
    assert not dag.catchup
    assert dag.max_active_runs == 1
    assert dag.dagrun_timeout > timedelta(0)


@pytest.mark.parametrize("dag_id", sorted(SHAPE))
def test_a_dag_carries_its_stage_and_its_platform(dags, dag_id):
    tags = set(dags[dag_id].tags)
    assert tags & set(Stage)
    platform = dag_id.rpartition("_")[2]
    assert (f"platform:{platform}" in tags) == (platform in POLLED_PLATFORMS)


@pytest.mark.parametrize("dag_id", sorted(SHAPE))
def test_every_task_has_owner_retries_and_a_time_limit(dags, dag_id):
    for task in dags[dag_id].tasks:
        assert task.owner == "airtide"
        assert task.retries >= 1
        assert isinstance(task.retry_policy, RetryByError)
        assert task.execution_timeout <= dags[dag_id].dagrun_timeout


def test_a_poll_ends_before_its_next_tick(dags):
    for platform in POLLED_PLATFORMS:
        assert dags[f"poll_{platform}"].dagrun_timeout < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("cadence_s", "cron"), [(60, "* * * * *"), (300, "*/5 * * * *"), (1800, "*/30 * * * *")], ids=str
)
def test_a_cadence_becomes_a_cron_line(cadence_s, cron):
    assert poll_cron(cadence_s) == cron


@pytest.mark.parametrize("cadence_s", [30, 90, 420], ids=str)
def test_a_cadence_that_cron_cannot_hold_is_refused(cadence_s):
    with pytest.raises(ValueError, match="Dags poll every"):
        poll_cron(cadence_s)
