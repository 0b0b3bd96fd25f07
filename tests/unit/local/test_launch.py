from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil

from airtide.local.program import Program, launch_command, save_program, start_program, stop_program, write_private


def describe(tmp_path: Path, script: str, **environment: str) -> Program:
    return Program(name="part", command=(sys.executable, "-c", script), environment=environment, folder=str(tmp_path))


def test_a_description_is_its_owners_alone(tmp_path: Path) -> None:
    save_program(describe(tmp_path, "", SECRET="s3cret"), tmp_path / "part.json")
    assert stat.S_IMODE((tmp_path / "part.json").stat().st_mode) == 0o600


def test_a_program_gets_its_environment_and_nothing_else(tmp_path: Path) -> None:
    program = describe(tmp_path, "import json, os; print(json.dumps([dict(os.environ), os.getcwd()]))", ONLY="this")
    save_program(program, tmp_path / "part.json")
    told = subprocess.run(launch_command(tmp_path / "part.json"), capture_output=True, check=True).stdout
    environment, folder = json.loads(told)
    assert environment.pop("LC_CTYPE", "") in {"", "C.UTF-8"}
    assert environment == {"ONLY": "this"}
    assert folder == str(tmp_path)


def test_what_a_killed_process_left_behind_ends_when_its_part_starts_again(tmp_path: Path) -> None:
    leave_a_child = (
        "import subprocess\n"
        "child = subprocess.Popen(['/bin/sleep', '60'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)"
    )
    save_program(describe(tmp_path, leave_a_child), tmp_path / "part.json")
    # in the supervisor's place: the part's process ends and leaves a child, then the part starts again
    start_twice = (
        "import subprocess\n"
        "for _ in range(2):\n"
        f"    subprocess.run({launch_command(tmp_path / 'part.json')!r}, process_group=0, check=True)"
    )
    told = subprocess.run(
        [sys.executable, "-c", start_twice], start_new_session=True, capture_output=True, text=True, check=True
    )
    first, second = (int(pid) for pid in told.stdout.split())
    assert not runs(first)
    assert runs(second)
    os.kill(second, signal.SIGKILL)


def runs(pid: int) -> bool:
    """Tell whether a process runs; one that waits to be reaped does not."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_process_that_ignores_the_stop_signal_is_killed(tmp_path: Path) -> None:
    script = (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\ntime.sleep(60)"
    )
    program = replace(describe(tmp_path, script), stop_wait_s=1)
    process = start_program(program, tmp_path)
    while "up" not in (tmp_path / "part.log").read_text():
        assert process.poll() is None
    stop_program(program, process)
    assert process.returncode == -signal.SIGKILL


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "file"
    write_private(file, "first")
    write_private(file, "second")
    assert file.read_text() == "second"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["file"]
