"""A session of two processes that is interrupted, seen from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

CHECKOUT = Path(__file__).resolve().parents[2]
CONFTEST = """
from tests.workers import end_by_signals as pytest_configure
from xdist.workermanage import NodeManager

# sooner than the parts have stopped
NodeManager.EXIT_TIMEOUT = 0.1
"""
MODULE = """
import time
from pathlib import Path

import pytest

PART = Path(__file__).with_suffix(".running")

@pytest.fixture(scope="session")
def part():
    PART.touch()
    yield
    # longer than a terminal's signal and the controller's are apart
    time.sleep(2)
    PART.unlink()

def test_that_takes_long(part):
    time.sleep(60)
"""


@pytest.mark.parametrize(
    ("send", "number"),
    [
        pytest.param(os.kill, signal.SIGTERM, id="TERM to one"),
        pytest.param(os.killpg, signal.SIGINT, id="Ctrl-C to all"),
    ],
)
def test_every_worker_stops_its_parts_before_an_interrupted_session_ends(tmp_path, send, number):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    for name in ("test_one", "test_two"):
        (tmp_path / f"{name}.py").write_text(MODULE)
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", "-c", os.devnull, "-p", "xdist", "-n", "2", "--dist", "loadfile", tmp_path],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        start_new_session=True,
        stdout=subprocess.PIPE,
        text=True,
    ) as session:
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob("*.running"))) < 2:
            assert session.poll() is None, session.stdout.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        send(session.pid, number)
        told, _ = session.communicate(timeout=60)
    assert session.returncode == pytest.ExitCode.INTERRUPTED, told
    assert list(tmp_path.glob("*.running")) == []
