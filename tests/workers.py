"""Ends the processes that share the tests of a session as one alone is ended: each stops its parts first."""

from __future__ import annotations

import signal
import time
from types import FrameType
from typing import Any

import psutil
import pytest

DEADLINE_S = 90.0
"""Longer than the slowest set of parts takes to stop."""


def end_by_signals(config: pytest.Config) -> None:
    """Let this process end on TERM as on Ctrl-C, together with the workers that it may have."""
    if hasattr(config, "workerinput"):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _end_session_once)
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if config.getoption("numprocesses"):
        config.pluginmanager.register(WorkerEnder())


def _end_session_once(_number: int, _frame: FrameType | None) -> None:
    """End the session at the first signal; what follows it must not disturb the stopping of parts."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # no SIG_IGN, which the commands that stop parts would inherit
        signal.signal(number, lambda *_: None)
    raise KeyboardInterrupt


class WorkerEnder:
    """Lets the workers of an interrupted session finish before pytest-xdist kills them, which it does after 10 s."""

    def __init__(self) -> None:
        self._working: list[Any] = []

    def pytest_testnodeready(self, node: Any) -> None:
        self._working.append(node)

    def pytest_testnodedown(self, node: Any) -> None:
        self._working.remove(node)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Tell the workers that still test to end, and wait until they have told how."""
        if not self._working:
            return
        for worker in psutil.Process().children():
            worker.terminate()
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline and not all(hasattr(node, "workeroutput") for node in self._working):
            time.sleep(0.1)
