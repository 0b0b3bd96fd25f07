"""Old logs go with the folders they leave empty; Airflow is told what to clean without showing a password."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from airtide.domain.errors import PartUnreachable
from airtide.wiring import airflow_upkeep
from airtide.wiring.airflow_upkeep import remove_logs, remove_runs

NOW = datetime(2026, 2, 8, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(days=7)
URL = "postgresql+psycopg2://airflow:sec%2Fret@127.0.0.1:5432/airflow"


def write(file: Path, *, age: timedelta) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("a line\n")
    written_at = (NOW - age).timestamp()
    os.utime(file, (written_at, written_at))
    return file


def test_files_go_by_the_time_of_their_last_line_and_folders_when_they_are_empty(tmp_path):
    old = write(tmp_path / "dag_id=poll_kick" / "run_id=1" / "task_id=poll" / "attempt=1.log", age=timedelta(days=8))
    young = write(tmp_path / "dag_id=poll_kick" / "run_id=2" / "task_id=poll" / "attempt=1.log", age=timedelta(days=6))
    beside = write(tmp_path / "dag_id=poll_kick" / "run_id=2" / "task_id=poll" / "attempt=0.log", age=timedelta(days=9))
    made_just_now = tmp_path / "dag_id=poll_kick" / "run_id=3"
    made_just_now.mkdir()
    assert remove_logs(tmp_path, before=BEFORE) == (2, 14)
    assert not old.parents[1].exists()
    assert not beside.exists()
    assert young.exists()
    assert made_just_now.exists()
    assert remove_logs(tmp_path, before=BEFORE) == (0, 0)


def test_the_folder_of_all_logs_stays_and_one_that_is_missing_holds_none(tmp_path):
    write(tmp_path / "one.log", age=timedelta(days=8))
    assert remove_logs(tmp_path, before=BEFORE) == (1, 7)
    assert tmp_path.exists()
    assert remove_logs(tmp_path / "none", before=BEFORE) == (0, 0)


def test_a_link_is_removed_and_what_it_points_at_stays(tmp_path):
    elsewhere = write(tmp_path / "elsewhere" / "kept.log", age=timedelta(days=8))
    link = tmp_path / "logs" / "latest"
    link.parent.mkdir()
    link.symlink_to(elsewhere)
    os.utime(link, (0, 0), follow_symlinks=False)
    assert remove_logs(tmp_path / "logs", before=BEFORE)[0] == 1
    assert elsewhere.exists()


class Command:
    """Stands in for Airflow's command."""

    def __init__(self, returncode: int = 0, said: str = "") -> None:
        self.returncode, self.said = returncode, said

    def __call__(self, command, *, env, **_options):
        self.command, self.environment = command, env
        return subprocess.CompletedProcess(command, self.returncode, stdout=self.said, stderr="")


def test_the_address_goes_by_the_environment_alone(monkeypatch):
    command = Command()
    monkeypatch.setattr(airflow_upkeep.subprocess, "run", command)
    remove_runs(URL, before=BEFORE)
    assert command.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == URL
    assert not any("sec" in word for word in command.command)
    assert command.command[command.command.index("--clean-before-timestamp") + 1] == BEFORE.isoformat()


def test_a_failure_says_the_last_words_without_the_address(monkeypatch):
    monkeypatch.setattr(airflow_upkeep.subprocess, "run", Command(1, f"first\ncould not connect to {URL}\nlast"))
    with pytest.raises(PartUnreachable, match="could not connect to \\*\\*\\* / last") as failure:
        remove_runs(URL, before=BEFORE)
    assert "sec" not in str(failure.value)


def test_a_command_that_does_not_end_fails(monkeypatch):
    def hang(command, **_options):
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(airflow_upkeep.subprocess, "run", hang)
    with pytest.raises(PartUnreachable, match="not done after"):
        remove_runs(URL, before=BEFORE)
