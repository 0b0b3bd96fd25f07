"""A local mode that runs in a clone of its own, seen from outside: its command, stores, Airflow and logs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import requests
from requests.adapters import HTTPAdapter
from tests.canaries import Canaries, Found, read_files, read_messages, read_tables
from urllib3 import Retry

from airtide.bus.ranges import KafkaLog
from airtide.domain.errors import TickRefused
from airtide.domain.models import Platform
from airtide.local.home import CHECKOUT
from airtide.local.java import fetch_jars
from airtide.local.parts import LOOPBACK
from airtide.local.postgres_cluster import SUPERUSER
from airtide.local.processes import ProcessMark
from airtide.warehouse.connect import PostgresAddress, connect

PORTS = ("kafka", "kafka_controller", "postgres", "lake", "simulators", "airflow")
CHANNELS = 60
WAIT_S = 400
"""A poll by hand that comes too late for its tick is refused, and the next is a cadence away."""
RUN_TASKS = Path(__file__).with_name("run_tasks.py")
END_MARK = "== end of task"
WITH_ENVIRONMENT = 'environment=$("$0" -m airtide.cli env) && eval "$environment" && exec "$0" "$@"'

T = TypeVar("T")


def make_clone(parent: Path) -> Path:
    """Clone this checkout under `parent`, which nobody else can enter then, with the jars that are here already."""
    parent.chmod(0o700)
    clone = parent / "clone"
    subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(clone)], check=True)
    jars = fetch_jars()
    shutil.copytree(jars, clone / ".airtide" / "jars" / jars.name, copy_function=os.link)
    return clone


def wait_for(look: Callable[[], T | None]) -> T:
    """Return what `look` finds as soon as it is true; raises `TimeoutError`."""
    deadline = time.monotonic() + WAIT_S
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {WAIT_S} s; at last: {found}")
        time.sleep(0.5)
    return found


def read_pids(told: str) -> dict[str, int]:
    """Return the process ids of the parts that `airtide up` or `status` called running."""
    return {name: int(pid) for name, pid in re.findall(r"│ ([a-z-]+) +│ running +│ (\d+) +│", told)}


@dataclass(frozen=True)
class LocalMode:
    """One clone; its command runs with this environment's packages, a small simulated world and free ports."""

    clone: Path

    @cached_property
    def environment(self) -> dict[str, str]:
        """The caller's environment with what makes this local mode another one."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRTIDE__")}
        return {
            **inherited,
            **{f"AIRTIDE__LOCAL__PORTS__{name.upper()}": "0" for name in PORTS},
            "AIRTIDE__SIMULATION__CHANNELS_PER_PLATFORM": str(CHANNELS),
            "PYTHONPATH": str(self.clone / "include"),
        }

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.clone / ".airtide"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `airtide` with `arguments` in the clone."""
        command = [sys.executable, "-m", "airtide.cli", *arguments]
        return subprocess.run(
            command, cwd=self.clone, env=self.environment, capture_output=True, text=True, check=False
        )

    def run_module(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a module of the clone with the environment that `airtide env` prints."""
        command = ["sh", "-c", WITH_ENVIRONMENT, sys.executable, "-m", *arguments]
        return subprocess.run(
            command, cwd=self.clone, env=self.environment, capture_output=True, text=True, check=False
        )

    def read_mark(self) -> ProcessMark:
        """Return the mark of the supervisor, whose session holds every process."""
        return ProcessMark(**json.loads((self.state / "run" / "supervisor.json").read_text()))

    @property
    def secrets(self) -> dict[str, str]:
        """Every generated secret by its name."""
        return json.loads((self.state / "secrets.json").read_text())

    @property
    def ports(self) -> dict[str, int]:
        """The port that each part listens on."""
        return json.loads((self.state / "ports.json").read_text())

    def connect(self, database: str) -> psycopg.Connection:
        """Open a superuser's connection to one of its databases."""
        address = PostgresAddress(
            LOOPBACK, self.ports["postgres"], database, SUPERUSER, self.secrets["postgres_superuser"]
        )
        return connect(address, None)

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the warehouse."""
        with self.connect("airtide") as connection:
            return connection.execute(query).fetchall()

    def forget(self, platform: Platform, *tables: str) -> None:
        """Delete what tables of the warehouse hold of a platform."""
        with self.connect("airtide") as connection:
            for table in tables:
                connection.execute(f"DELETE FROM {table} WHERE platform = '{platform}'")

    def count_messages(self, platform: Platform) -> dict[str, int]:
        """Return how many messages each of the platform's topics has had: `snapshots` and `sweeps`."""
        log = KafkaLog({"bootstrap.servers": f"{LOOPBACK}:{self.ports['kafka']}"}, deadline_s=30.0)
        try:
            topics = log.describe_topics(platform)
        finally:
            log.close()
        return {facts.topic.split(".")[1]: sum(facts.end_offsets.values()) for facts in topics}

    @cached_property
    def canaries(self) -> Canaries:
        """Every generated secret and every app token that its simulated sites issue."""
        return Canaries.of_installation(self.secrets)

    def find_in_files(self) -> Found:
        """Return the secrets in every file of the state folder, the lake's objects readable; without the jars.

        What Kafka and Postgres store is read through them.
        """
        return self.canaries.search(read_files(self.state, without=("jars", "kafka/data", "postgres")))

    def find_in_tables(self, database: str) -> Found:
        """Return the secrets in every table of a database."""
        with self.connect(database) as connection:
            return self.canaries.search(read_tables(connection))

    def find_in_messages(self) -> Found:
        """Return the secrets in every message of every topic."""
        return self.canaries.search(read_messages(f"{LOOPBACK}:{self.ports['kafka']}"))


def run_in_tick(run: Callable[[], str]) -> str:
    """Return what a run printed; a poll that is refused because its tick ended while it started is run once more."""
    told = run()
    return run() if TickRefused.__name__ in told else told


class TaskRunner:
    """Runs `airflow tasks test` with the environment that `airtide env` prints, in one process for all tasks."""

    def __init__(self, local_mode: LocalMode) -> None:
        self._process = subprocess.Popen(
            ["sh", "-c", WITH_ENVIRONMENT, sys.executable, str(RUN_TASKS), END_MARK],
            cwd=local_mode.clone,
            env=local_mode.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, dag_id: str, task_id: str, **variables: str) -> str:
        """Run one task with further environment variables, which stay for later ones; return what it printed."""
        return run_in_tick(lambda: self._run(dag_id, task_id, variables))

    def _run(self, dag_id: str, task_id: str, variables: Mapping[str, str]) -> str:
        more = ["--env-vars", json.dumps(variables)] if variables else []
        self._process.stdin.write(json.dumps([dag_id, task_id, *more]) + "\n")
        self._process.stdin.flush()
        lines = []
        for line in self._process.stdout:
            if line.strip() == END_MARK:
                return "".join(lines)
            lines.append(line)
        raise AssertionError("the process has ended:\n" + "".join(lines))

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


class Airflow:
    """The running Airflow, through its API."""

    def __init__(self, url: str, password: str) -> None:
        self.url = url
        self.password = password
        self._session = requests.Session()
        # several Dags are switched at once: Airflow answers 500 when that meets a process that writes them too
        again = Retry(total=3, backoff_factor=0.2, status_forcelist=[500], allowed_methods=["GET", "PATCH"])
        self._session.mount(url, HTTPAdapter(max_retries=again))
        self._session.headers["Authorization"] = f"Bearer {self.log_in(password).json()['access_token']}"

    def close(self) -> None:
        """Close the connections to it."""
        self._session.close()

    def log_in(self, password: str) -> requests.Response:
        """Ask for the administrator's token."""
        return requests.post(f"{self.url}/auth/token", json={"username": "admin", "password": password}, timeout=30)

    def read_pauses(self) -> dict[str, bool]:
        """Return by Dag whether it is paused."""
        return {dag["dag_id"]: dag["is_paused"] for dag in self._call("GET", "dags")["dags"]}

    def pause(self, dag_id: str = "~") -> None:
        """Keep a Dag, or all of them, from running by themselves."""
        self._switch(dag_id, paused=True)

    def wake(self, dag_id: str = "~") -> None:
        """Let a Dag, or all of them, run."""
        self._switch(dag_id, paused=False)

    def _switch(self, pattern: str, *, paused: bool) -> None:
        self._call("PATCH", "dags", params={"dag_id_pattern": pattern}, json={"is_paused": paused})

    def trigger(self, dag_id: str) -> None:
        """Start a run by hand."""
        self._call("POST", f"dags/{dag_id}/dagRuns", json={"logical_date": None})

    def backfill(self, dag_id: str, from_date: str, to_date: str) -> None:
        """Start the runs that were due between two instants, as `airflow backfill create` does."""
        self._call("POST", "backfills", json={"dag_id": dag_id, "from_date": from_date, "to_date": to_date})

    def clear(self, dag_id: str, run_id: str) -> None:
        """Let all tasks of a run run again."""
        asked = {"dry_run": False, "dag_run_id": run_id, "only_failed": False, "reset_dag_runs": True}
        self._call("POST", f"dags/{dag_id}/clearTaskInstances", json=asked)

    def list_runs(self, dag_id: str, **filters: str) -> Sequence[dict[str, Any]]:
        """Return the Dag's runs that `filters` name."""
        return self._call("GET", f"dags/{dag_id}/dagRuns", params=filters)["dag_runs"]

    def list_tries(self, dag_id: str, **filters: str) -> Sequence[dict[str, Any]]:
        """Return the task instances of all runs of the Dag that `filters` name."""
        return self._call("GET", f"dags/{dag_id}/dagRuns/~/taskInstances", params=filters)["task_instances"]

    def _call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        answer = self._session.request(method, f"{self.url}/api/v2/{path}", timeout=30, **arguments)
        assert answer.ok, answer.text
        return answer.json()
