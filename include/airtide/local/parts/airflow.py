"""Airflow's four processes: API server with the UI, scheduler, Dag processor, triggerer."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from airtide.domain.errors import PartUnreachable
from airtide.local.program import Program, write_private

PROCESSES: dict[str, tuple[str, ...]] = {
    "api-server": ("api-server",),
    # all share one log folder, so nobody has to serve logs: Airflow's log server would listen on every address
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
"""Name of the part and Airflow's arguments; Docker Compose runs the same."""

COMPONENTS = {"scheduler": "scheduler", "dag-processor": "dag_processor", "triggerer": "triggerer"}
"""What the health page calls them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AirflowPart:
    """One of Airflow's processes."""

    name: str
    ports: tuple[int, ...]
    environment: Mapping[str, str]
    """All that the process gets; holds secrets."""
    url: str
    """Address of the API server."""
    passwords: Mapping[str, str]
    """The users who may log in."""

    def prepare(self) -> None:
        """Write the users' passwords."""
        file = Path(self.environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
        write_private(file, json.dumps(dict(self.passwords)))

    def program(self) -> Program:
        """Return how the process is run."""
        return Program(
            name=self.name,
            command=airflow_command(*PROCESSES[self.name]),
            environment=self.environment,
            folder=self.environment["AIRFLOW_HOME"],
            stop_wait_s=15,
        )

    def check(self) -> str:
        """Ask Airflow's health page for this process, and with the API server for the database behind it."""
        health = read_health(self.url)
        component = COMPONENTS.get(self.name, "metadatabase")
        status = health.get(component, {}).get("status")
        if status != "healthy":
            raise PartUnreachable(f"Airflow calls its {component} {status or 'missing'}")
        return f"Airflow calls its {component} healthy"


def airflow_command(*arguments: str) -> tuple[str, ...]:
    """Return the command that runs Airflow's own command line in this Python."""
    return (sys.executable, "-m", "airflow", *arguments)


def read_health(url: str) -> dict[str, dict[str, str]]:
    """Return what Airflow's health page says of its four components; raises `PartUnreachable` without an answer."""
    import requests

    with requests.Session() as session:
        session.trust_env = False  # a proxy has no way to a loopback address
        try:
            answer = session.get(f"{url}/api/v2/monitor/health", timeout=10)
            answer.raise_for_status()
            health: dict[str, dict[str, str]] = answer.json()
        except requests.RequestException as error:
            raise PartUnreachable(f"Airflow's API server does not answer on {url}") from error
    return health
