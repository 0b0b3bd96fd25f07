"""Starts local mode: services, then what they must hold, then Airflow's processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from airtide.local.airflow_database import migrate_airflow_once
from airtide.local.environment import AIRFLOW_DATABASE
from airtide.local.installation import Installation
from airtide.local.machine import require_machine
from airtide.local.parts import Part, wait_until_ready
from airtide.local.pauses import DagSwitch
from airtide.local.prepare import prepare_airflow_database, prepare_stores
from airtide.local.supervision import Supervisor
from airtide.wiring.connections import Connections, read_environment

Report = Callable[[str], None]
"""Called with a sentence on what has been done."""

SERVICE_WAIT_S = 60.0
AIRFLOW_WAIT_S = 300.0
"""How long a part may take until it answers; Airflow's four start at once and are slow to load on a busy machine."""


def is_up(installation: Installation) -> bool:
    """Tell whether every part runs already."""
    states = {state.name: state.state for state in Supervisor(installation.home).read_states()}
    return all(states.get(part.name) == "RUNNING" for part in installation.parts)


@contextmanager
def started_services(installation: Installation, report: Report) -> Iterator[None]:
    """Start what Airflow needs, make what it must hold, and leave it running; what was started here is stopped again
    when the start or the block fails.
    """
    supervisor = Supervisor(installation.home)
    started_here = not supervisor.is_running()
    try:
        if started_here:
            start_supervisor(installation, supervisor, report)
        start_parts(installation.services, supervisor, report)
        prepare_parts(installation, report)
        yield
    except BaseException:
        if started_here:
            supervisor.shut_down()
        raise


def start_all(installation: Installation, report: Report) -> None:
    """Start every part that does not run.

    Raises `MisconfiguredError` or `PartUnreachable`, and then leaves no process of its own behind.
    """
    with started_services(installation, report):
        start_airflow(installation, report)


def start_supervisor(installation: Installation, supervisor: Supervisor, report: Report) -> None:
    """Look at the machine, write every part's files and start the supervisor with all parts stopped."""
    leftovers = supervisor.end_leftovers()
    if leftovers:
        report(f"the last supervisor was killed: ended {leftovers} processes it had left behind")
    require_machine(installation)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda part: part.prepare(), installation.parts))
    supervisor.start([part.program() for part in installation.parts])


def start_parts(
    parts: Sequence[Part], supervisor: Supervisor, report: Report, *, deadline_s: float = SERVICE_WAIT_S
) -> None:
    """Start parts side by side and wait until each of them works."""
    for part in parts:
        supervisor.start_part(part.name)
    for part in parts:
        seconds = wait_until_ready(part, deadline_s=deadline_s, is_running=partial(supervisor.holds, part.name))
        report(f"{part.name} works after {seconds:.1f} s")


def prepare_parts(installation: Installation, report: Report) -> None:
    """Make databases, schemas, topics and the bucket; what is there stays."""
    connections = Connections(read_environment(installation.environment))
    superuser = installation.postgres.superuser()
    prepare_stores(connections, superuser, installation.settings, datetime.now(UTC))
    installation.home.note_kind(installation.mode)
    prepare_airflow_database(superuser, installation.secrets.postgres_airflow)
    report("warehouse, topics and bucket are ready")
    migrate_airflow_once(
        installation.environment,
        installation.home.log("airflow-migrate"),
        superuser.at(AIRFLOW_DATABASE),
        installation.home.airflow / "migrated",
    )
    report("Airflow's database is up to date")


def start_airflow(installation: Installation, report: Report) -> None:
    """Start Airflow's processes; with real keys the scheduler last, after the Dags of sites without one are paused."""
    supervisor = Supervisor(installation.home)
    scheduler = installation.part("scheduler")
    others = [part for part in installation.airflow if part is not scheduler]
    if installation.mode == "simulated":
        start_parts([*others, scheduler], supervisor, report, deadline_s=AIRFLOW_WAIT_S)
        return
    start_parts(others, supervisor, report, deadline_s=AIRFLOW_WAIT_S)
    switch = DagSwitch(
        installation.addresses.airflow_url,
        installation.secrets.airflow_admin_password,
        installation.home.airflow / "paused.json",
    )
    for platform in switch.follow_keys(installation.accounts):
        report(f"{platform} has no key: its Dags are paused")
    start_parts([scheduler], supervisor, report, deadline_s=AIRFLOW_WAIT_S)
