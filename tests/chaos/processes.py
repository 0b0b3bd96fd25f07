"""Landings in processes of their own: the task's own function on real parts, broken where a case says.

A server process imports everything once and forks one process for each landing, before any client is opened.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe

import psutil
from tests.chaos.cases import Case, FaultKind, FaultPoint
from tests.chaos.watch import watch_landings

from airtide.domain.models import Platform
from airtide.settings import Settings
from airtide.warehouse import connect as connect_module
from airtide.warehouse.connect import Role
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections, read_environment
from airtide.wiring.jobs import land_platform

LONGEST_S = 150
"""How long one landing may take: one that waits for a stopped transaction is held up for a minute at most."""

_REACHED = "reached"
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.chaos.preload"])


class UnforeseenError(Exception):
    """Stands for an error that nobody thought of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What one landing works on; it goes to its process as it is."""

    platform: Platform
    environment: Mapping[str, str]
    settings: Settings


@dataclass(slots=True)
class Strike:
    """Breaks the landing of this process where the case says."""

    case: Case
    pipe: Pipe
    batch: int = 0

    def __call__(self, point: FaultPoint) -> None:
        """Come to a point of a batch; points of one batch follow its plan."""
        self.batch += point is FaultPoint.AFTER_PLAN
        if point is not self.case.point or self.batch != self.case.batch:
            return
        self.batch = -1_000_000  # one strike is enough
        self.pipe.send(_REACHED)
        if self.case.kind is FaultKind.EXCEPTION:
            raise UnforeseenError(f"at {point}")
        os.kill(os.getpid(), signal.SIGKILL if self.case.kind is FaultKind.KILL else signal.SIGSTOP)


def _land(task: Task, case: Case | None, pipe: Pipe) -> None:
    """Land as the Dag's task does; tell its status, or the name of the error that ended it."""
    logging.getLogger("airtide").addHandler(logging.NullHandler())
    if case is not None:
        watch_landings(Strike(case, pipe))
        if case.kind is FaultKind.ZOMBIE:
            _shorten_time_outs(case.cut_off_s)
    try:
        with Adapters(Connections(read_environment(task.environment)), task.settings) as adapters:
            pipe.send(str(land_platform(task.platform, adapters)["status"]))
    except Exception as error:
        pipe.send(type(error).__name__)


def _shorten_time_outs(seconds: int) -> None:
    kept = connect_module._OPTIONS[Role.INGEST]
    shorter = f"idle_in_transaction_session_timeout={seconds}s"
    connect_module._OPTIONS = {
        **connect_module._OPTIONS,
        Role.INGEST: tuple(shorter if option.startswith("idle") else option for option in kept),
    }


class Landing:
    """One landing in its process; used as a context it leaves nothing behind."""

    def __init__(self, task: Task, case: Case | None = None) -> None:
        self._pipe, theirs = _FORKS.Pipe()
        self._process = _FORKS.Process(target=_land, args=(task, case, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Landing:
        return self

    def __exit__(self, *_failure: object) -> None:
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._pipe.close()

    def wait_until_struck(self) -> None:
        """Return when the process has come to the case's point; fails when it ends without."""
        told = self._receive()
        assert told == _REACHED, f"the point was not reached: {told}"

    def wait_until_stopped(self) -> None:
        """Return when the process stands still."""
        self.wait_until_struck()
        process = psutil.Process(self._process.pid)
        give_up_at = time.monotonic() + 10
        while process.status() != psutil.STATUS_STOPPED:
            assert time.monotonic() < give_up_at
            time.sleep(0.01)

    def wake(self) -> None:
        """Let a stopped process go on."""
        os.kill(self._process.pid or 0, signal.SIGCONT)

    def end(self) -> str:
        """Return how the landing ended: its status, the name of an error, or `killed`."""
        told = self._receive()
        self._process.join(LONGEST_S)
        if self._process.exitcode == -signal.SIGKILL:
            return "killed"
        assert self._process.exitcode == 0, self._process.exitcode
        return told

    def _receive(self) -> str:
        assert self._pipe.poll(LONGEST_S), f"no word from the landing within {LONGEST_S} s"
        try:
            return str(self._pipe.recv())
        except EOFError:
            return "ended without a word"
