"""Local mode as a newcomer has it: a clone under a folder of one's own, `airtide up`, and everything after it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import requests

from airtide.local.home import CHECKOUT
from airtide.local.java import fetch_jars
from airtide.local.parts.airflow import PROCESSES
from airtide.local.pauses import DagSwitch
from airtide.local.processes import ProcessMark, find_session
from airtide.local.sites import SiteAccount
from airtide.settings import POLLED_PLATFORMS

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

PARTS = ("kafka", "postgres", "lake", "simulators", *PROCESSES)
PORTS = ("kafka", "kafka_controller", "postgres", "lake", "simulators", "airflow")
GIB = 1024**3

Airtide = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of this checkout that nobody else can enter, with the jars that are here already."""
    parent = tmp_path_factory.mktemp("private")
    parent.chmod(0o700)
    clone = parent / "clone"
    subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(clone)], check=True)
    jars = fetch_jars()
    shutil.copytree(jars, clone / ".airtide" / "jars" / jars.name, copy_function=os.link)
    return clone


@pytest.fixture(scope="module")
def airtide(clone: Path) -> Iterator[Airtide]:
    """Runs the clone's command with this environment's packages, on free ports; stops everything at the end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRTIDE__")}
    environment |= {f"AIRTIDE__LOCAL__PORTS__{name.upper()}": "0" for name in PORTS}
    environment["PYTHONPATH"] = str(clone / "include")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "airtide.cli", *arguments]
        return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)

    yield run
    reset = run("reset", "--yes")
    assert reset.returncode == 0, reset.stderr
    assert [path.name for path in (clone / ".airtide").iterdir()] == ["jars"]


@pytest.fixture
def up(airtide: Airtide, clone: Path) -> ProcessMark:
    """Everything is up; the mark of the supervisor, whose session holds every process."""
    started = airtide("up")
    assert started.returncode == 0, started.stderr
    assert re.search(r"login +admin / \w{16}", started.stdout)
    return read_mark(clone)


def read_mark(clone: Path) -> ProcessMark:
    return ProcessMark(**json.loads((clone / ".airtide" / "run" / "supervisor.json").read_text()))


def read_pids(airtide: Airtide) -> dict[str, int]:
    """Return the process ids of the parts that `airtide status` calls running."""
    rows = re.findall(r"│ ([a-z-]+) +│ running +│ (\d+) +│", airtide("status").stdout)
    return {name: int(pid) for name, pid in rows}


def test_status_shows_every_part_running(up: ProcessMark, airtide: Airtide) -> None:
    assert set(read_pids(airtide)) == set(PARTS)


def test_status_shows_how_far_topics_are_landed(up: ProcessMark, airtide: Airtide) -> None:
    assert "airtide.snapshots.twitch.v1" in airtide("status").stdout


def test_a_second_up_says_what_runs_and_changes_nothing(up: ProcessMark, airtide: Airtide) -> None:
    before = read_pids(airtide)
    again = airtide("up")
    assert again.returncode == 0
    assert "Airtide runs already." in again.stdout
    assert read_pids(airtide) == before


def test_the_doctor_finds_everything_well(up: ProcessMark, airtide: Airtide) -> None:
    examined = airtide("doctor")
    assert examined.returncode == 0, examined.stdout
    assert all(re.search(rf"^ok +{name} ", examined.stdout, re.MULTILINE) for name in PARTS)


def test_nothing_listens_beyond_the_loopback_address(up: ProcessMark) -> None:
    listening = [
        connection
        for process in find_session(up)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert {connection.laddr.ip for connection in listening} <= {"127.0.0.1", "::ffff:127.0.0.1"}


def test_secrets_lie_in_files_of_their_owner_and_in_no_log(up: ProcessMark, clone: Path) -> None:
    state = clone / ".airtide"
    secrets = json.loads((state / "secrets.json").read_text()).values()
    for folder in (state, state / "run", state / "airflow", state / "lake", state / "simulators"):
        for file in folder.iterdir():
            assert file.is_dir() or file.is_socket() or file.stat().st_mode & 0o077 == 0 or not holds(file, secrets), (
                file
            )
    for log in (state / "logs").glob("*.log"):
        assert not holds(log, secrets), log


def holds(file: Path, secrets: Iterable[str]) -> bool:
    text = file.read_text(errors="replace")
    return any(secret in text for secret in secrets)


def test_the_ui_lets_in_who_knows_the_password(up: ProcessMark, airtide: Airtide) -> None:
    url, password = read_way_in(airtide)
    assert log_in(url, password).status_code == requests.codes.created
    assert log_in(url, "admin").status_code == requests.codes.unauthorized


def test_dags_of_sites_without_a_key_are_paused_and_woken_again(
    up: ProcessMark, airtide: Airtide, tmp_path: Path
) -> None:
    url, password = read_way_in(airtide)
    switch = DagSwitch(url, password, tmp_path / "paused.json")
    sites = [
        SiteAccount(platform=platform, base_url="", token_url=None, login="", password="key", simulated=False)
        for platform in POLLED_PLATFORMS
    ]
    assert switch.follow_keys([replace(sites[0], password=""), *sites[1:]]) == [sites[0].platform]
    assert {name for name, paused in read_pauses(url, password).items() if paused} == {
        name for name in read_pauses(url, password) if name.endswith(f"_{sites[0].platform}")
    }
    assert switch.follow_keys(sites) == []
    assert not any(read_pauses(url, password).values())


def read_way_in(airtide: Airtide) -> tuple[str, str]:
    """Return the address and the administrator's password that `airtide status` prints."""
    told = airtide("status").stdout
    found = re.search(r"Airflow +(http://\S+)\nlogin +admin / (\w+)", told)
    assert found, told
    return found[1], found[2]


def log_in(url: str, password: str) -> requests.Response:
    return requests.post(f"{url}/auth/token", json={"username": "admin", "password": password}, timeout=30)


def read_pauses(url: str, password: str) -> dict[str, bool]:
    """Return by Dag whether it is paused."""
    headers = {"Authorization": f"Bearer {log_in(url, password).json()['access_token']}"}
    dags = requests.get(f"{url}/api/v2/dags", headers=headers, timeout=30).json()["dags"]
    return {dag["dag_id"]: dag["is_paused"] for dag in dags}


def test_airflows_own_command_runs_in_local_modes_environment(up: ProcessMark, airtide: Airtide) -> None:
    told = airtide("airflow", "config", "get-value", "core", "parallelism")
    assert told.stdout.strip().splitlines()[-1] == "4", told.stderr


def test_everything_together_needs_less_than_three_gibibytes(up: ProcessMark) -> None:
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("this system does not tell a process's share of memory")
    family = {member for process in find_session(up) for member in [process, *process.children(recursive=True)]}
    assert 0.5 * GIB < sum(map(read_share, family)) < 3 * GIB


def read_share(process: psutil.Process) -> int:
    """Return the bytes that a process uses, pages shared with others counted in part; 0 when it has ended."""
    try:
        rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    told = re.search(r"^Pss: +(\d+) kB", rollup, re.MULTILINE)
    return int(told[1]) * 1024 if told else 0


def test_killed_services_come_back_and_down_leaves_no_process_behind(
    up: ProcessMark, airtide: Airtide, clone: Path
) -> None:
    services = ("kafka", "postgres", "lake", "simulators")
    before = read_pids(airtide)
    for name in services:
        psutil.Process(before[name]).kill()
    deadline = time.monotonic() + 60
    while not all(f"ok   {name} " in (told := airtide("doctor").stdout) for name in services):
        assert time.monotonic() < deadline, told
    after = read_pids(airtide)
    assert all(after[name] != before[name] for name in services)

    stopped = airtide("down")
    assert stopped.returncode == 0, stopped.stderr
    assert find_session(up) == []
    assert read_pids(airtide) == {}
