"""One small world served without sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.unit.simulators.callers import CHANNELS, CREDENTIALS, SEED, Caller

from airtide.simulators.app import SimulatorConfig, build_app
from airtide.simulators.world import World


@pytest.fixture(scope="session")
def app() -> Starlette:
    return build_app(SimulatorConfig(credentials=CREDENTIALS, seed=SEED, channels=CHANNELS))


@pytest.fixture(scope="session")
def world() -> World:
    """The world that the application shows."""
    return World(SEED, CHANNELS)


@pytest.fixture
def client(app: Starlette) -> Iterator[TestClient]:
    """A client on the loopback address, with no faults waiting."""
    client = TestClient(app, client=("127.0.0.1", 50_000))
    yield client
    client.delete("/faults")


@pytest.fixture
def caller(client: TestClient) -> Caller:
    return Caller(client)


@pytest.fixture
def app_again() -> TestClient:
    """A client of another server that shows the same world."""
    return TestClient(build_app(SimulatorConfig(credentials=CREDENTIALS, seed=SEED, channels=CHANNELS)))
