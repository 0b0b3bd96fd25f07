"""Becomes the program that a JSON file describes: its user, folder and environment.

Run as a plain script by the supervisor, so the standard library only. Secrets reach a process through its description
(0600) and never through a command line or the supervisor's own configuration.
"""

from __future__ import annotations

import json
import os
import pwd
import sys


def become_program(file: str) -> None:
    """Replace this process by the program described in `file`; its process id stays."""
    with open(file, encoding="utf-8") as stream:
        program = json.load(stream)
    os.umask(0o077)
    if program["user"]:
        account = pwd.getpwnam(program["user"])
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    os.chdir(program["folder"])
    os.execve(program["command"][0], program["command"], program["environment"])  # noqa: S606 - the command is ours


if __name__ == "__main__":
    become_program(sys.argv[1])
