"""The supervisor with small programs in the parts' place: they come back, they end, nothing stays."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from airtide.domain.errors import MisconfiguredError, PartUnreachable
from airtide.local.home import Home, open_home
from airtide.local.processes import ProcessMark, find_session
from airtide.local.program import Program
from airtide.local.supervision import Supervisor

pytestmark = pytest.mark.integration

SLEEP = "import time; time.sleep(600)"
LEAVE_A_CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}], process_group=0); {SLEEP}"
FAIL = "raise SystemExit(1)"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "state")


@pytest.fixture
def deep(tmp_path: Path) -> Home:
    """A state folder whose path is too long for a socket."""
    return open_home(tmp_path / "deeper" / ("deep" * 30))


@pytest.fixture
def supervisor(home: Home) -> Iterator[Supervisor]:
    """A running supervisor of three parts, none of which is started."""
    supervisor = start_supervisor(home)
    yield supervisor
    supervisor.shut_down()


def start_supervisor(home: Home) -> Supervisor:
    supervisor = Supervisor(home)
    scripts = {"sleeper": SLEEP, "parent": LEAVE_A_CHILD, "failing": FAIL}
    supervisor.start(
        [
            Program(name=name, command=(sys.executable, "-c", script), environment={}, folder=str(home.root))
            for name, script in scripts.items()
        ]
    )
    return supervisor


def wait_for(condition: Callable[[], bool], *, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def find_supervisor(supervisor: Supervisor) -> ProcessMark:
    pid = supervisor.read_state("sleeper").pid
    assert pid is not None
    return ProcessMark.of(psutil.Process(pid).ppid())


def test_a_part_that_was_killed_comes_back(supervisor: Supervisor) -> None:
    supervisor.start_part("sleeper")
    wait_for(lambda: supervisor.read_state("sleeper").state == "RUNNING")
    killed = supervisor.read_state("sleeper").pid
    assert killed is not None
    psutil.Process(killed).kill()
    wait_for(lambda: supervisor.read_state("sleeper").pid not in {None, killed})


def test_starting_twice_starts_once(supervisor: Supervisor) -> None:
    supervisor.start_part("sleeper")
    first = supervisor.read_state("sleeper").pid
    supervisor.start_part("sleeper")
    assert supervisor.read_state("sleeper").pid == first


def test_a_part_that_does_not_stay_up_is_not_called_running(supervisor: Supervisor) -> None:
    supervisor.start_part("failing")
    wait_for(lambda: supervisor.read_state("failing").state in {"BACKOFF", "FATAL"})
    assert supervisor.read_state("failing").pid is None


def test_an_unknown_part_is_refused_with_its_reason(supervisor: Supervisor) -> None:
    with pytest.raises(PartUnreachable, match="BAD_NAME"):
        supervisor.read_state("zookeeper")


def test_shutting_down_leaves_no_process_of_any_group(supervisor: Supervisor, home: Home) -> None:
    for name in ("sleeper", "parent"):
        supervisor.start_part(name)
    mark = find_supervisor(supervisor)
    wait_for(lambda: len(find_session(mark)) == 4)
    supervisor.shut_down()
    assert find_session(mark) == []
    assert not supervisor.is_running()
    assert supervisor.read_states() == []


def test_what_a_killed_supervisor_leaves_is_ended_at_the_next_start(supervisor: Supervisor) -> None:
    for name in ("sleeper", "parent"):
        supervisor.start_part(name)
    mark = find_supervisor(supervisor)
    wait_for(lambda: len(find_session(mark)) == 4)
    psutil.Process(mark.pid).kill()
    wait_for(lambda: not supervisor.is_running())
    assert supervisor.count_leftovers() == 3
    assert supervisor.end_leftovers() == 3
    assert find_session(mark) == []
    assert supervisor.count_leftovers() == 0
    assert supervisor.end_leftovers() == 0


def test_a_socket_has_a_folder_elsewhere_for_as_long_as_its_supervisor_runs(deep: Home) -> None:
    folder = deep.socket.parent
    assert Supervisor(deep).read_states() == []
    assert not folder.exists()
    supervisor = start_supervisor(deep)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [state.state for state in supervisor.read_states()] == ["STOPPED"] * 3
    supervisor.shut_down()
    assert not folder.exists()


def test_the_folder_of_a_killed_supervisors_socket_goes_with_what_else_it_left(deep: Home) -> None:
    supervisor = start_supervisor(deep)
    supervisor.start_part("sleeper")
    mark = find_supervisor(supervisor)
    psutil.Process(mark.pid).kill()
    wait_for(lambda: not supervisor.is_running())
    assert supervisor.end_leftovers() == 1
    assert not deep.socket.parent.exists()


def test_what_others_put_in_the_place_of_the_sockets_folder_is_not_spoken_to(
    deep: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = start_supervisor(deep)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / deep.socket.parent.name).symlink_to(deep.socket.parent)
    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "tempdir", str(elsewhere))
        with pytest.raises(MisconfiguredError, match="belongs to another user"):
            supervisor.read_states()
    supervisor.shut_down()
