from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from airtide.local.processes import ProcessMark, end_session, find_session, is_alive

LEADER = """
import subprocess, sys, time
# a child in a process group of its own, as Airflow's tasks are
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], process_group=0)
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def leader() -> Iterator[subprocess.Popen[str]]:
    """A process that leads a session and has a child."""
    process = subprocess.Popen(
        [sys.executable, "-c", LEADER], start_new_session=True, stdout=subprocess.PIPE, text=True
    )
    with process:
        yield process
        process.kill()


def read_child(leader: subprocess.Popen[str]) -> psutil.Process:
    assert leader.stdout is not None
    return psutil.Process(int(leader.stdout.readline()))


def test_a_killed_leaders_children_are_found_and_ended(leader: subprocess.Popen[str]) -> None:
    child = read_child(leader)
    mark = ProcessMark.of(leader.pid)
    assert is_alive(mark)
    leader.kill()
    leader.wait()
    assert not is_alive(mark)
    assert [process.pid for process in find_session(mark)] == [child.pid]
    assert end_session(mark) == 1
    assert not find_session(mark)


def test_a_process_that_has_the_id_by_now_is_not_touched(leader: subprocess.Popen[str]) -> None:
    read_child(leader)
    stale = ProcessMark(pid=leader.pid, started_s=ProcessMark.of(leader.pid).started_s - 60)
    assert not is_alive(stale)
    assert end_session(stale) == 0
    assert leader.poll() is None


def test_a_process_that_ended_and_was_not_reaped_is_not_alive() -> None:
    child = subprocess.Popen(["/bin/true"], start_new_session=True)
    mark = ProcessMark.of(child.pid)
    while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert not is_alive(mark)
    child.wait()
