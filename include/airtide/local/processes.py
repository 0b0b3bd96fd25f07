"""Processes told apart from later ones with the same id, and sessions ended as a whole."""

from __future__ import annotations

import os
import signal
from dataclasses import asdict, dataclass

import psutil

GRACE_S = 5.0
"""Seconds between asking left-over processes to end and killing them."""

SAME_START_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessMark:
    """A process that leads a session, and when it started: ids are given again, the pair is not."""

    pid: int
    started_s: float
    """Seconds after the machine's start, which stay the same when its clock is set."""

    @classmethod
    def of(cls, pid: int) -> ProcessMark:
        """Return the mark of a process that is there; raises `psutil.NoSuchProcess` otherwise."""
        boot_time = psutil.boot_time()
        return cls(pid=pid, started_s=psutil.Process(pid).create_time() - boot_time)

    def to_dict(self) -> dict[str, float]:
        """Return it as plain values."""
        return asdict(self)


def is_alive(mark: ProcessMark) -> bool:
    """Tell whether the very process of `mark` still runs; one that ended and was not reaped does not."""
    try:
        return is_same(mark) and psutil.Process(mark.pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def is_same(mark: ProcessMark) -> bool:
    """Tell whether the process id of `mark` still stands for the process that it was taken of."""
    try:
        return abs(ProcessMark.of(mark.pid).started_s - mark.started_s) < SAME_START_S
    except psutil.NoSuchProcess:
        return False


def find_session(mark: ProcessMark) -> list[psutil.Process]:
    """Return the running processes of the session that `mark` leads or led.

    Children keep their session when their parents die and when they make process groups of their own. A session's id is
    not given again while a member lives: when another process has it by now, no member of ours is left.
    """
    if psutil.pid_exists(mark.pid) and not is_same(mark):
        return []
    return [process for process in psutil.process_iter() if _runs_in_session(process, mark.pid)]


def end_session(mark: ProcessMark) -> int:
    """End every process of the session, for good after a grace; return how many there were."""
    found = find_session(mark)
    for number in (signal.SIGTERM, signal.SIGKILL):
        remaining = find_session(mark)
        for process in remaining:
            _send(process, number)
        psutil.wait_procs(remaining, timeout=GRACE_S)
    return len(found)


def _runs_in_session(process: psutil.Process, session: int) -> bool:
    try:
        return os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
