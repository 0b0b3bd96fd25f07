"""Webs of tests: one in which nothing answers but what a test has put there, one of simulated sites."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.unit.platforms.simulated import SimulatedWeb
from tests.unit.simulators.callers import CHANNELS, CREDENTIALS, SEED
from urllib3.util.retry import Retry

from airtide.simulators.app import SimulatorConfig, build_app


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    """Answers of sites, in the order in which they were put; those left over fail the test."""
    with responses.RequestsMock(registry=responses.registries.OrderedRegistry) as mock:
        yield mock


@pytest.fixture(scope="session")
def simulated_app() -> Starlette:
    """All simulated sites, over one small world."""
    return build_app(SimulatorConfig(credentials=CREDENTIALS, seed=SEED, channels=CHANNELS))


@pytest.fixture
def simulated(simulated_app: Starlette) -> Iterator[SimulatedWeb]:
    """The simulated sites, with no faults waiting."""
    client = TestClient(simulated_app, client=("127.0.0.1", 50_000))
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield SimulatedWeb(mock, client)
    client.delete("/faults")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin each further try at once; whether there is time for its wait is decided all the same."""
    monkeypatch.setattr(Retry, "sleep", lambda *_: None)
