"""Calls end at their instants, each at its own, with one thread for all of them, in every process."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from airtide.platforms.bounds import Cuts

pytestmark = pytest.mark.integration

MARGIN_S = 5.0
"""For a machine that has other work."""
FORKING = """
import os, socket, time
from airtide.platforms.bounds import Cuts

def cut(seconds):
    ours, _theirs = socket.socketpair()
    _theirs.settimeout(20)
    cuts = Cuts()
    with cuts.cut_at(time.monotonic() + seconds):
        cuts.watch(ours)
        return _theirs.recv(1) == b""

cuts = Cuts()
with cuts.cut_at(time.monotonic() + 60):  # the thread is there, and waits
    child = os.fork()
    if child == 0:
        os._exit(0 if cut(0.1) else 1)
    _, status = os.waitpid(child, 0)
print(os.waitstatus_to_exitcode(status), cut(0.1))
"""

NEVER = """
import math, socket, time
from airtide.platforms.bounds import Cuts

cuts = Cuts()
for never in (math.inf, 1e12):
    with cuts.cut_at(never):
        time.sleep(0.05)  # the thread waits for it
ours, theirs = socket.socketpair()
theirs.settimeout(20)
with cuts.cut_at(time.monotonic() + 0.1):
    cuts.watch(ours)
    print(theirs.recv(1) == b"")
"""


@contextmanager
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(MARGIN_S)
        yield ours, theirs


def call(cuts: Cuts, seconds: float, waited: dict[float, float]) -> None:
    """Wait for an end that only the cut brings."""
    began_at = time.monotonic()
    with pair() as (ours, theirs), cuts.cut_at(began_at + seconds):
        cuts.watch(ours)
        assert theirs.recv(1) == b""
        waited[seconds] = time.monotonic() - began_at


def cutting_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "cuts"]


def test_each_call_ends_at_its_own_instant_whichever_began_first() -> None:
    cuts = Cuts()
    waited: dict[float, float] = {}
    calls = [threading.Thread(target=call, args=(cuts, seconds, waited)) for seconds in (0.9, 0.3, 0.6)]
    for one in calls:
        one.start()
    for one in calls:
        one.join(MARGIN_S)
    assert list(waited) == [0.3, 0.6, 0.9]
    assert all(seconds <= took < seconds + MARGIN_S for seconds, took in waited.items())


def test_a_call_that_ended_keeps_its_connection() -> None:
    cuts = Cuts()
    with pair() as (ours, theirs):
        with cuts.cut_at(time.monotonic() + 0.05):
            cuts.watch(ours)
        time.sleep(0.2)
        ours.sendall(b"more")
        assert theirs.recv(4) == b"more"


def test_a_connection_that_is_opened_after_the_instant_is_cut_at_once() -> None:
    cuts = Cuts()
    with pair() as (ours, theirs), cuts.cut_at(time.monotonic()):
        time.sleep(0.2)
        cuts.watch(ours)
        assert theirs.recv(1) == b""


def test_many_calls_take_one_thread_that_goes_when_they_are_over() -> None:
    cuts = Cuts()
    for _ in range(200):
        with cuts.cut_at(time.monotonic() + 0.2):
            pass
    assert len(cutting_threads()) <= 1
    until = time.monotonic() + 60 + MARGIN_S  # of other tests' calls
    while cutting_threads() and time.monotonic() < until:
        time.sleep(0.05)
    assert not cutting_threads()


def test_a_process_that_is_forked_off_cuts_its_own_calls() -> None:
    assert run_apart(FORKING) == ["0", "True"]


def test_an_instant_that_never_comes_keeps_no_other_from_coming() -> None:
    assert run_apart(NEVER) == ["True"]


def run_apart(script: str) -> list[str]:
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stderr
    return told.stdout.split()
