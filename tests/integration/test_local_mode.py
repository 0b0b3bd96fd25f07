"""Local mode as a newcomer has it: a clone under a folder of one's own, `airtide up`, and everything after it."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psutil
import pytest
import requests
from tests.chaos.cases import FaultPoint
from tests.integration.local_mode import Airflow, LocalMode, TaskRunner, make_clone, read_pids, run_in_tick, wait_for

from airtide.domain.models import Platform
from airtide.local.parts.airflow import PROCESSES
from airtide.local.pauses import DagSwitch
from airtide.local.processes import ProcessMark, find_session
from airtide.local.sites import SiteAccount
from airtide.settings import POLLED_PLATFORMS, load_settings

pytestmark = [pytest.mark.integration, pytest.mark.in_order, pytest.mark.turn(1), pytest.mark.timeout(600)]

PARTS = ("kafka", "postgres", "lake", "simulators", *PROCESSES)
GIB = 1024**3


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalMode]:
    """A clone in which nothing runs yet; everything in it is stopped and removed at the end."""
    local_mode = LocalMode(make_clone(tmp_path_factory.mktemp("private")))
    yield local_mode
    reset = local_mode.run("reset", "--yes")
    assert reset.returncode == 0, reset.stderr
    assert [path.name for path in local_mode.state.iterdir()] == ["jars"]


@pytest.fixture(scope="module")
def airflow(installed: LocalMode) -> Iterator[Airflow]:
    """Airflow after `airtide up`, at the address and with the password that it told; its Dags wait to be woken."""
    started = installed.run("up")
    assert started.returncode == 0, started.stderr
    told = re.search(r"Airflow +(http://\S+)\nlogin +admin / (\w{16,})", started.stdout)
    assert told, started.stdout
    with closing(Airflow(told[1], told[2])) as airflow:
        wait_for(lambda: set(airflow.read_pauses()) >= {f"land_{platform}" for platform in POLLED_PLATFORMS})
        airflow.pause()
        yield airflow


@pytest.fixture(scope="module")
def local_mode(installed: LocalMode, airflow: Airflow) -> LocalMode:
    """Local mode with every part running."""
    return installed


@pytest.fixture(scope="module")
def tasks(local_mode: LocalMode) -> Iterator[TaskRunner]:
    """Runs single tasks; the Dags they are of sleep."""
    with closing(TaskRunner(local_mode)) as runner:
        yield runner


@pytest.fixture(scope="module")
def status(local_mode: LocalMode) -> str:
    """What `airtide status` shows while nothing happens."""
    return local_mode.run("status").stdout


def test_status_shows_every_part_running(status):
    assert set(read_pids(status)) == set(PARTS)


def test_status_shows_how_far_topics_are_landed(status):
    assert "airtide.snapshots.twitch.v1" in status


def test_status_shows_how_pictures_are_captured(status):
    assert re.search(r"no picture was captured yet|│ twitch +│ +\d", status)


def test_a_second_up_says_what_runs_and_changes_nothing(status, local_mode):
    again = local_mode.run("up")
    assert again.returncode == 0
    assert "Airtide runs already." in again.stdout
    assert read_pids(again.stdout) == read_pids(status)


def test_the_doctor_finds_everything_well(local_mode):
    examined = local_mode.run("doctor")
    assert examined.returncode == 0, examined.stdout
    assert all(re.search(rf"^ok +{name} ", examined.stdout, re.MULTILINE) for name in PARTS)


def test_nothing_listens_beyond_the_loopback_address(local_mode):
    listening = []
    for process in find_session(local_mode.read_mark()):
        with suppress(psutil.NoSuchProcess):  # the task of a process that has just ended listens nowhere
            listening += [
                connection for connection in process.net_connections("inet") if connection.status == psutil.CONN_LISTEN
            ]
    assert listening
    assert {connection.laddr.ip for connection in listening} <= {"127.0.0.1", "::ffff:127.0.0.1"}


def test_the_ui_lets_in_who_knows_the_password(airflow):
    assert airflow.log_in(airflow.password).status_code == requests.codes.created
    assert airflow.log_in("admin").status_code == requests.codes.unauthorized


def test_dags_of_sites_without_a_key_are_paused_and_woken_again(airflow, tmp_path):
    airflow.wake()
    switch = DagSwitch(airflow.url, airflow.password, tmp_path / "paused.json")
    sites = [
        SiteAccount(platform=platform, base_url="", token_url=None, login="", password="key", simulated=False)
        for platform in POLLED_PLATFORMS
    ]
    try:
        assert switch.follow_keys([replace(sites[0], password=""), *sites[1:]]) == [sites[0].platform]
        pauses = airflow.read_pauses()
        assert {name for name, paused in pauses.items() if paused} == {
            name for name in pauses if name.endswith(f"_{sites[0].platform}")
        }
        assert switch.follow_keys(sites) == []
        assert not any(airflow.read_pauses().values())
    finally:
        airflow.pause()


@pytest.fixture(scope="module")
def live_run(local_mode: LocalMode, airflow: Airflow) -> str:
    """The id of a landing that had deferred, and went on by itself when a sweep came."""
    airflow.wake("land_soop")
    airflow.wake("roll_up_hours")
    airflow.trigger("land_soop")
    waiting = wait_for(lambda: airflow.list_tries("land_soop", state="deferred"))
    assert [task["task_id"] for task in waiting] == ["wait_for_backlog"]
    airflow.wake("poll_soop")
    airflow.trigger("poll_soop")
    run_id = waiting[0]["dag_run_id"]
    try:
        wait_for(lambda: run_id in {run["dag_run_id"] for run in airflow.list_runs("land_soop", state="success")})
        wait_for(lambda: local_mode.fetch("SELECT FROM trends.platform_hour WHERE platform = 'soop'"))
        wait_for(lambda: airflow.list_runs("roll_up_hours", run_type="asset_triggered", state="success"))
    finally:
        airflow.pause()
    return run_id


def test_a_sweep_wakes_its_landing_and_the_landing_its_roll_up(live_run, local_mode, airflow):
    states = {
        task["task_id"]: task["state"] for task in airflow.list_tries("land_soop") if task["dag_run_id"] == live_run
    }
    assert states == {"wait_for_backlog": "success", "land": "success"}
    ((landed,),) = local_mode.fetch("SELECT COUNT(*) FROM live.sample WHERE platform = 'soop'")
    ((counted,),) = local_mode.fetch("SELECT SUM(samples) FROM trends.platform_hour WHERE platform = 'soop'")
    # a further tick may have landed meanwhile
    assert 0 < counted <= landed


def test_a_poll_runs_alone_from_the_command_line(local_mode):
    before = local_mode.count_messages(Platform.TWITCH)
    command = ("airflow", "tasks", "test", "poll_twitch", "poll")
    told = run_in_tick(lambda: "".join([(ended := local_mode.run(*command)).stdout, ended.stderr]))
    after = local_mode.count_messages(Platform.TWITCH)
    assert after["sweeps"] == before["sweeps"] + 1, told
    assert after["snapshots"] > before["snapshots"]


@pytest.mark.parametrize("platform", [Platform.SOOP, Platform.CHZZK, Platform.KICK])
def test_every_other_poll_of_a_list_runs_alone(local_mode, tasks, platform):
    before = local_mode.count_messages(platform)
    told = tasks.run(f"poll_{platform}", "poll")
    after = local_mode.count_messages(platform)
    assert after["sweeps"] == before["sweeps"] + 1, told
    assert after["snapshots"] > before["snapshots"]


def test_a_discovery_and_the_poll_of_what_it_found_run_alone(local_mode, tasks):
    local_mode.forget(Platform.YOUTUBE, "ingest.candidate")
    told = tasks.run("discover_youtube", "discover")
    # a broadcast is asked for from the tick after its discovery on
    with local_mode.connect("airtide") as connection:
        found = connection.execute("UPDATE ingest.candidate SET next_due_at = next_due_at - INTERVAL '1 hour'").rowcount
    assert found > 0, told
    before = local_mode.count_messages(Platform.YOUTUBE)
    told = tasks.run("poll_youtube", "poll")
    after = local_mode.count_messages(Platform.YOUTUBE)
    assert after["sweeps"] == before["sweeps"] + 1, told
    assert after["snapshots"] > before["snapshots"]
    ((asked,),) = local_mode.fetch("SELECT COUNT(last_asked_at) FROM ingest.candidate")
    assert asked == found


def test_everything_from_poll_to_day_runs_alone(local_mode, tasks):
    # the scheduler may have been this far by itself before its Dags were paused
    local_mode.forget(Platform.TWITCH, "live.sample", "trends.platform_hour", "trends.platform_day")
    started_at = datetime.now(UTC)
    told = [tasks.run("poll_twitch", "poll"), tasks.run("land_twitch", "land")]
    ((sweeps, snapshots),) = local_mode.fetch(
        f"SELECT COUNT(*), SUM(snapshots) FROM ingest.sweep WHERE platform = 'twitch' AND landed_at > '{started_at}'"
    )
    assert sweeps > 0, told
    assert snapshots > 0
    ((samples,),) = local_mode.fetch("SELECT COUNT(*) FROM live.sample WHERE platform = 'twitch'")
    told = [tasks.run("roll_up_hours", "roll_up"), tasks.run("roll_up_days", "roll_up")]
    for table, times in (("platform_hour", 1), ("platform_day", len(load_settings().trends.zones))):
        ((counted,),) = local_mode.fetch(
            f"SELECT SUM(samples) FROM trends.{table} WHERE platform = 'twitch' AND computed_at > '{started_at}'"
        )
        assert counted == times * samples > 0, told


def test_pictures_of_what_is_live_are_captured_alone(local_mode, tasks):
    # the scheduler may have captured by itself before its Dags were paused
    local_mode.forget(Platform.TWITCH, "live.thumbnail")
    tasks.run("poll_twitch", "poll")
    told = tasks.run("capture_thumbnails", "capture")
    [(pictures, objects)] = local_mode.fetch(
        "SELECT COUNT(*), COUNT(DISTINCT stored_at) FROM live.thumbnail "
        "INNER JOIN live.picture_object USING (object_key) WHERE thumbnail.platform = 'twitch'"
    )
    assert re.search(r"done: .*status=caught up", told), told
    assert pictures > 0 < objects, told
    [(captured, error)] = local_mode.fetch(
        "SELECT pictures, error FROM ingest.capture_status WHERE platform = 'twitch'"
    )
    assert captured >= pictures
    assert error is None


def test_what_a_killed_task_of_airflow_left_is_landed_once_by_the_next(local_mode, tasks):
    tasks.run("poll_kick", "poll")
    killed = local_mode.run_module("tests.chaos.airflow_task", "land_kick", "land", FaultPoint.AFTER_COPY)
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    assert local_mode.fetch("SELECT state FROM ingest.batch WHERE platform = 'kick' AND state = 'planned'")
    told = tasks.run("land_kick", "land")
    assert local_mode.fetch("SELECT COUNT(*) > 0 FROM live.sample WHERE platform = 'kick'") == [(True,)], told
    audited = local_mode.run("verify", "kick")
    assert "kick: whole" in audited.stdout, audited.stdout + audited.stderr
    assert audited.returncode == 0


def test_what_keeps_the_stores_runs_alone(local_mode, tasks):
    with local_mode.connect("airflow") as connection:
        for days in (8, 6):
            connection.execute(
                "INSERT INTO log (dttm, event) VALUES (NOW() - MAKE_INTERVAL(days => %s), 'test')", (days,)
            )
        told = tasks.run("maintain_airflow", "maintain")
        assert connection.execute("SELECT COUNT(*) FROM log WHERE event = 'test'").fetchone() == (1,), told
    assert "every closed day is one object" in tasks.run("compact_lake", "compact")
    assert "done: dry_run=False leaves=0" in tasks.run("enforce_retention", "enforce")
    assert "done: dry_run=False hour_rows=0" in tasks.run("enforce_retention", "forget")
    assert "done: dry_run=True objects=0" in tasks.run("rebuild_range", "rebuild")


def test_what_judges_and_mends_trends_runs_alone(tasks):
    assert "done: hours=" in tasks.run("check_quality", "observe_hours")
    assert "All tests have passed" in tasks.run("check_quality", "judge_blocks")
    assert "done: dry_run=True days=" in tasks.run("recompute_trends", "recompute")


def test_a_run_of_a_backfill_computes_what_it_once_closed_and_cleared_does_so_again(local_mode, airflow):
    day = datetime.now(UTC).date() - timedelta(days=1)
    airflow.wake("roll_up_days")
    try:
        airflow.backfill("roll_up_days", f"{day}T01:00:00Z", f"{day}T01:30:00Z")
        [run] = wait_for(lambda: airflow.list_runs("roll_up_days", run_type="backfill", state="success"))
        airflow.clear("roll_up_days", run["dag_run_id"])
        wait_for(lambda: [one for one in airflow.list_tries("roll_up_days", state="success") if one["try_number"] == 2])
    finally:
        airflow.pause()
    with local_mode.connect("airflow") as connection:
        [(told,)] = connection.execute(
            "SELECT value::TEXT FROM xcom WHERE dag_id = 'roll_up_days' AND run_id = %s AND key = 'return_value'",
            (run["dag_run_id"],),
        )
    # the day that it closed was computed, of every site, although nothing had landed for it
    assert re.search(r'days[\\"]*: [1-9]', told), told


@pytest.fixture(scope="module")
def failed_poll(local_mode: LocalMode, tasks: TaskRunner) -> str:
    """What a poll printed that could not reach a site whose key stands in the address of every request."""
    closed = {
        "conn_type": "http",
        "host": "http://127.0.0.1:9",
        "password": local_mode.secrets["simulated_soop_client_id"],
        "extra": {"simulated": True},
    }
    return tasks.run("poll_soop", "poll", AIRFLOW_CONN_AIRTIDE_SOOP=json.dumps(closed))


def test_no_secret_is_printed_by_a_task_that_fails(failed_poll, local_mode):
    assert "127.0.0.1:9" in failed_poll
    assert local_mode.canaries.find(failed_poll) == set()


@pytest.fixture(scope="module")
def full_run(live_run: str, failed_poll: str, tasks: TaskRunner, local_mode: LocalMode, airflow: Airflow) -> None:
    """Every site was polled and landed by Airflow, and what a failed poll told is landed too."""
    tasks.run("discover_youtube", "discover")
    with local_mode.connect("airtide") as connection:
        # a broadcast is asked for from the tick after its discovery on
        connection.execute("UPDATE ingest.candidate SET next_due_at = next_due_at - INTERVAL '1 hour'")
    since = datetime.now(UTC).isoformat()
    for platform in POLLED_PLATFORMS:
        airflow.wake(f"land_{platform}")
        airflow.wake(f"poll_{platform}")
        airflow.trigger(f"poll_{platform}")
    try:
        for platform in POLLED_PLATFORMS:
            wait_for(partial(find_landings, airflow, platform, since))
    finally:
        airflow.pause()


def find_landings(airflow: Airflow, platform: Platform, since: str) -> list[str]:
    """Return the runs of a site's landing that the scheduler began by itself and that landed something."""
    runs = {run["dag_run_id"]: run["run_type"] for run in airflow.list_runs(f"land_{platform}", start_date_gte=since)}
    tries = airflow.list_tries(f"land_{platform}", state="success", start_date_gte=since)
    landed = [one["dag_run_id"] for one in tries if one["task_id"] == "land"]
    return [run_id for run_id in landed if runs.get(run_id, "manual") != "manual"]


SECRET_FILES = frozenset(
    {
        "secrets.json",
        "airflow/passwords.json",
        "lake/s3proxy.properties",
        "simulators/credentials.json",
        # the environments of Airflow's processes
        *(f"run/{name}.json" for name in PROCESSES),
        # app tokens that tasks share
        "airflow/airtide-state/tokens/kick.json",
        "airflow/airtide-state/tokens/twitch.json",
    }
)
"""What is there to hold secrets, below the state folder."""


def test_secrets_are_in_no_file_but_those_of_their_owner_that_are_meant_to_hold_them(full_run, local_mode):
    logs = {str(file.relative_to(local_mode.state)) for file in local_mode.state.rglob("*.log")}
    for platform in POLLED_PLATFORMS:
        assert any(f"dag_id=poll_{platform}" in name for name in logs)
        assert any(f"dag_id=land_{platform}" in name for name in logs)
    objects = {file.parts[-4] for file in (local_mode.state / "lake").rglob("*.parquet")}
    assert {f"platform={platform}" for platform in POLLED_PLATFORMS} <= objects
    found = local_mode.find_in_files()
    assert {name: secrets for name, secrets in found.items() if name not in SECRET_FILES} == {}
    assert set(found) == SECRET_FILES
    assert [name for name in SECRET_FILES if (local_mode.state / name).stat().st_mode & 0o777 != 0o600] == []


@pytest.mark.parametrize(
    ("database", "filled"),
    [
        ("airflow", ("xcom", "rendered_task_instance_fields", "log", "dag_run", "task_instance", "serialized_dag")),
        ("airtide", ("ingest.sweep", "ingest.candidate", "ingest.lake_object", "live.sample", "live.broadcast_detail")),
    ],
)
def test_no_secret_is_in_any_table(full_run, local_mode, database, filled):
    with local_mode.connect(database) as connection:
        empty = [name for name in filled if connection.execute(f"SELECT FROM {name} LIMIT 1").fetchone() is None]
    assert empty == []
    assert local_mode.find_in_tables(database) == {}


def test_what_a_failed_poll_told_has_landed_like_all_else(full_run, local_mode):
    assert local_mode.fetch("SELECT FROM ingest.sweep WHERE platform = 'soop' AND error LIKE '%127.0.0.1:9%'")


def test_no_secret_is_in_any_message(full_run, local_mode):
    assert all(count > 0 for platform in POLLED_PLATFORMS for count in local_mode.count_messages(platform).values())
    assert local_mode.find_in_messages() == {}


def test_everything_together_needs_less_than_three_gibibytes(local_mode):
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("this system does not tell a process's share of memory")
    assert 0.5 * GIB < sum(map(read_share, find_family(local_mode.read_mark()))) < 3 * GIB


def find_family(mark: ProcessMark) -> set[psutil.Process]:
    """Return the processes of a session and their children; tasks may end meanwhile."""
    family = set(find_session(mark))
    for process in tuple(family):
        with suppress(psutil.NoSuchProcess):
            family.update(process.children(recursive=True))
    return family


def read_share(process: psutil.Process) -> int:
    """Return the bytes that a process uses, pages shared with others counted in part; 0 when it has ended."""
    try:
        rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    told = re.search(r"^Pss: +(\d+) kB", rollup, re.MULTILINE)
    return int(told[1]) * 1024 if told else 0


def test_killed_services_come_back_and_down_leaves_no_process_behind(local_mode):
    services = ("kafka", "postgres", "lake", "simulators")
    mark = local_mode.read_mark()
    before = read_pids(local_mode.run("status").stdout)
    for name in services:
        psutil.Process(before[name]).kill()
    wait_for(lambda: all(f"ok   {name} " in local_mode.run("doctor").stdout for name in services))
    after = read_pids(local_mode.run("status").stdout)
    assert all(after[name] != before[name] for name in services)

    stopped = local_mode.run("down")
    assert stopped.returncode == 0, stopped.stderr
    assert find_session(mark) == []
    assert read_pids(local_mode.run("status").stdout) == {}
