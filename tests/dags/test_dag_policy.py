"""What every Dag of the house must have; new Dags are held to it without a line added here."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from croniter import croniter

from airtide.setting_platforms import CADENCES_S
from airtide.settings import POLLED_PLATFORMS, load_settings
from airtide.wiring.defaults import Stage, poll_cron
from airtide.wiring.retries import RetryByError

DAGS_FOLDER = Path(__file__).resolve().parents[2] / "dags"
DAG_FILES = sorted(DAGS_FOLDER.glob("*.py"))
SHAPE = {
    **{f"poll_{platform}": ["poll"] for platform in POLLED_PLATFORMS},
    **{f"land_{platform}": ["wait_for_backlog", "land"] for platform in POLLED_PLATFORMS},
    "discover_youtube": ["discover"],
    "capture_thumbnails": ["capture"],
    "roll_up_hours": ["roll_up"],
    "roll_up_days": ["roll_up"],
    "check_quality": ["verify_landing", "observe_hours", "judge_warnings", "judge_blocks"],
    "replay_dead_letters": ["count", "is_wanted", "approve", "replay"],
    "compact_lake": ["compact"],
    "enforce_retention": ["enforce", "forget"],
    "maintain_airflow": ["maintain"],
    "rebuild_range": ["rebuild"],
    "recompute_trends": ["recompute"],
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
        cadence = timedelta(seconds=load_settings().platform(platform).cadence_s)
        assert dags[f"poll_{platform}"].dagrun_timeout < cadence
        [task] = dags[f"poll_{platform}"].tasks
        assert task.execution_timeout < dags[f"poll_{platform}"].dagrun_timeout
        assert task.retry_policy.serialize()["cadence_s"] == cadence.total_seconds()


@pytest.mark.parametrize("cadence_s", CADENCES_S)
def test_a_cadence_becomes_the_cron_line_of_its_ticks(cadence_s):
    minutes = [place * cadence_s // 60 for place in range(3600 // cadence_s)]
    fires = croniter(poll_cron(cadence_s), datetime(2026, 1, 1, 11, 59, tzinfo=UTC)).all_next(datetime)

    assert [next(fires) for _ in minutes] == [datetime(2026, 1, 1, 12, minute, tzinfo=UTC) for minute in minutes]
