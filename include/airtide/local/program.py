"""How a part's process is described and started; the supervisor and the tests start it in the same way."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from airtide.local import launch

INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "JAVA_HOME")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One process: `command[0]` is an absolute path, `environment` is all that it gets."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: str
    """Where it runs."""
    user: str | None = None
    """System user to run as; None means the one who starts it."""
    stop_signal: str = "TERM"
    stop_wait_s: int = 10
    """Seconds it may take to stop before it is killed."""


def plain_environment() -> dict[str, str]:
    """Return what every process needs of the caller's environment, and nothing that could be a secret."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ}


def save_program(program: Program, file: Path) -> None:
    """Write the description that `launch_command` starts; 0600, because the environment holds secrets."""
    write_private(file, json.dumps(asdict(program), indent=1))


def launch_command(file: Path) -> tuple[str, ...]:
    """Return the command that becomes the program described in `file`, keeping its process id."""
    return (sys.executable, "-I", launch.__file__, str(file))


def start_program(program: Program, folder: Path) -> subprocess.Popen[bytes]:
    """Start the program in a session of its own, its description and its log lying in `folder`."""
    file = folder / f"{program.name}.json"
    save_program(program, file)
    with (folder / f"{program.name}.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - the command is ours
            launch_command(file), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def stop_program(program: Program, process: subprocess.Popen[bytes]) -> None:
    """Stop the program's whole process group: politely first, for good after its `stop_wait_s`."""
    for number in (signal.Signals[f"SIG{program.stop_signal}"], signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=program.stop_wait_s)
        except subprocess.TimeoutExpired:
            continue


def write_private(file: Path, text: str) -> None:
    """Write `file` readable by its owner only, whole or not at all, however many write it at once."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    fresh.replace(file)
