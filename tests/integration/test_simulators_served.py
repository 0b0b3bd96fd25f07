"""The simulated sites on a real socket."""

from __future__ import annotations

import socket
from pathlib import Path

import msgspec
import pytest
import requests
from tests.unit.simulators.callers import CREDENTIALS, NOON

from airtide.simulators.__main__ import main
from airtide.simulators.app import SimulatorConfig
from airtide.simulators.serving import serve_in_thread

pytestmark = pytest.mark.integration

CONFIG = SimulatorConfig(credentials=CREDENTIALS, channels=20)


def test_a_taken_port_is_one_sentence_and_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "credentials.json"
    path.touch(0o600)
    path.write_bytes(msgspec.json.encode(CREDENTIALS))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port), "--credentials", str(path)]) == 2
    told = f"airtide.simulators: 127.0.0.1:{port} cannot be listened on: Address already in use\n"
    assert capsys.readouterr().err == told


def test_a_thread_serves_while_the_block_runs_and_dates_its_answers_once() -> None:
    with serve_in_thread(CONFIG) as base_url:
        answer = requests.get(f"{base_url}/healthz", headers={"Simulated-Now": NOON}, timeout=5)
        assert answer.json() == {"status": "ok", "seed": 7, "channels": 20, "now": NOON}
        assert answer.headers["Date"] == "Fri, 20 Nov 2026 12:00:00 GMT"
        assert "Server" not in answer.headers
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{base_url}/healthz", timeout=5)


def test_a_second_server_on_the_same_port_is_refused() -> None:
    with (
        serve_in_thread(CONFIG) as base_url,
        pytest.raises(OSError, match="Address already in use"),
        serve_in_thread(CONFIG, port=int(base_url.rpartition(":")[2])),
    ):
        pytest.fail("two servers on one port")
