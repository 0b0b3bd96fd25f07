"""Stops local mode: what is in Kafka lands first, then every process ends."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from airtide.local.installation import Installation
from airtide.local.java import JARS
from airtide.local.start import Report
from airtide.local.supervision import Supervisor

LAND_WITHIN_S = 30.0
LAST_BATCH_AT = 0.8
"""The share of that time after which no batch is begun, so that most landings end by themselves."""
LANDING_NEEDS = ("kafka", "postgres", "lake")


def stop_all(installation: Installation, report: Report) -> bool:
    """Stop every part and leave no process behind; return whether anything ran."""
    supervisor = Supervisor(installation.home)
    if not supervisor.is_running():
        leftovers = supervisor.end_leftovers()
        if leftovers:
            report(f"the supervisor was killed: ended {leftovers} processes it had left behind")
        return bool(leftovers)
    supervisor.stop_parts([part.name for part in installation.airflow])
    report("Airflow is stopped")
    try:
        states = {state.name: state.state for state in supervisor.read_states()}
        missing = [name for name in LANDING_NEEDS if states.get(name) != "RUNNING"]
        if missing:
            report(f"nothing was landed, it is after the next start: {', '.join(missing)} did not run")
        else:
            land_rest(installation.environment, installation.home.log("landing"), report)
    finally:
        supervisor.shut_down()
        report("every process is stopped")
    return True


def land_rest(environment: Mapping[str, str], log: Path, report: Report, *, within_s: float = LAND_WITHIN_S) -> None:
    """Land what Kafka holds in a process that is killed after `within_s`; what is left lands after the next start."""
    command = [sys.executable, "-m", "airtide.wiring.backlog", str(within_s * LAST_BATCH_AT)]
    with log.open("ab") as stream:
        try:
            ended = subprocess.run(  # noqa: S603 - the command is ours
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stream,
                timeout=within_s,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            told = late.stdout or b""
            trouble = f"landing was ended after {within_s:g} s: what is left lands after the next start"
        else:
            told = ended.stdout
            trouble = f"landing failed, what is left lands after the next start: see {log}" if ended.returncode else ""
    for sentence in [*told.decode(errors="replace").splitlines(), trouble]:
        if sentence:
            report(sentence)


def remove_state(installation: Installation) -> None:
    """Remove every file of a stopped local mode, but not the jars, which belong to the checkout."""
    installation.postgres.remove_outside_files()
    shutil.rmtree(installation.home.socket.parent, ignore_errors=True)
    for path in installation.home.root.iterdir():
        if path == JARS:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
