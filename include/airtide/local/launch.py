"""Becomes the program that a JSON file describes: its user, folder and environment.

Run as a plain script by the supervisor, so nothing of ours is imported. Secrets reach a process through its description
(0600) and never through a command line or the supervisor's own configuration.
"""

from __future__ import annotations

import json
import os
import pwd
import signal
import sys
from pathlib import Path

import psutil


def become_program(file: Path) -> None:
    """Replace this process by the program described in `file`; its process id stays."""
    program = json.loads(file.read_text(encoding="utf-8"))
    os.umask(0o077)
    group_file = file.with_suffix(".group")
    end_last_group(group_file)
    group_file.write_text(str(os.getpgrp()), encoding="ascii")
    if program["user"]:
        account = pwd.getpwnam(program["user"])
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    os.chdir(program["folder"])
    os.execve(program["command"][0], program["command"], program["environment"])  # noqa: S606 - the command is ours


def end_last_group(group_file: Path) -> None:
    """Kill what the program's last process left behind when it was killed itself, such as Airflow's idle workers.

    Only processes of the supervisor's own session count: a group's id may be another one's by now.
    """
    if not group_file.exists():
        return
    last = int(group_file.read_text(encoding="ascii"))
    for pid in psutil.pids():
        try:
            if os.getpgid(pid) == last != os.getpgrp() and os.getsid(pid) == os.getsid(0):
                os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    become_program(Path(sys.argv[1]))
