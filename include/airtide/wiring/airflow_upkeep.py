"""Removes what Airflow remembers of runs that are long over: rows by its own command, log files by their age."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from airtide.domain.errors import PartUnreachable

log = logging.getLogger(__name__)

TABLES = ("dag_run", "task_instance", "task_instance_history", "task_reschedule", "xcom", "job", "log", "asset_event")
"""What grows with every run. Airflow keeps the last run of each Dag, whatever its age, so that schedules go on."""

_ROWS_AT_ONCE = 10_000
_LONGEST_S = 1_200
_LAST_LINES = 5


def remove_runs(database_url: str, *, before: datetime) -> None:
    """Run `airflow db clean`; raises `PartUnreachable` with its last words when it fails.

    The address goes by the environment, where no list of processes shows it; a task's own says nothing of it.
    """
    command = (
        *(sys.executable, "-m", "airflow", "db", "clean"),
        *("--clean-before-timestamp", before.isoformat(), "--tables", ",".join(TABLES)),
        *("--batch-size", str(_ROWS_AT_ONCE), "--skip-archive", "--error-on-cleanup-failure", "--yes"),
    )
    environment = {**os.environ, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_url}
    try:
        cleaned = subprocess.run(  # noqa: S603 - the command is ours
            command, env=environment, capture_output=True, text=True, timeout=_LONGEST_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise PartUnreachable(f"airflow db clean was not done after {_LONGEST_S} s: the next run goes on") from error
    said = (cleaned.stdout + cleaned.stderr).replace(database_url, "***").strip().splitlines()
    if cleaned.returncode != 0:
        raise PartUnreachable(f"airflow db clean failed: {' / '.join(said[-_LAST_LINES:])}")
    log.info("airflow db clean removed rows from before %s", before.isoformat())


def remove_logs(folder: Path, *, before: datetime) -> tuple[int, int]:
    """Remove log files last written before an instant and the folders this empties; return files and bytes."""
    files, size = 0, 0
    touched: set[Path] = set()
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            file = Path(place) / name
            with suppress(FileNotFoundError):
                found = file.lstat()
                if found.st_mtime < before.timestamp():
                    file.unlink()
                    files, size = files + 1, size + found.st_size
                    touched.add(file.parent)
        _remove_if_emptied(Path(place), touched, folder)
    return files, size


def _remove_if_emptied(place: Path, touched: set[Path], folder: Path) -> None:
    # an empty folder that nothing was removed from was just made, for a log that is about to be written
    if place in touched and place != folder:
        with suppress(OSError):  # something is left in it
            place.rmdir()
            touched.add(place.parent)
