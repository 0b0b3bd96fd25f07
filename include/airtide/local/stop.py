"""Stops local mode: what is in Kafka lands first, then every process ends."""

from __future__ import annotations

import shutil

from airtide.domain.errors import AirtideError
from airtide.local.installation import Installation
from airtide.local.java import JARS
from airtide.local.start import Report
from airtide.local.supervision import Supervisor
from airtide.wiring.backlog import land_all
from airtide.wiring.connections import Connections, read_environment

LAND_WITHIN_S = 30.0


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
        if all(states.get(part.name) == "RUNNING" for part in installation.services):
            land_rest(installation, report)
    finally:
        supervisor.shut_down()
        report("every process is stopped")
    return True


def land_rest(installation: Installation, report: Report) -> None:
    """Land what Kafka holds, within 30 s; what is left lands after the next start."""
    try:
        landed = land_all(Connections(read_environment(installation.environment)), deadline_s=LAND_WITHIN_S)
    except AirtideError as error:
        report(f"not everything has landed, the rest does after the next start: {error}")
    else:
        report(f"landed what waited in Kafka: {landed} new samples")


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
