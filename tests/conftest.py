"""Real parts for tests, started at their first use, one of each a session; nothing of a running local mode is touched.

A test that asks for a part is an integration test and is marked so; only these (and browser tests) may open sockets.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services import Warehouse, WarehouseMaker, running_postgres

from airtide.warehouse.connect import PostgresAddress

PARTS = frozenset({"postgres"})


def pytest_configure() -> None:
    """End on TERM as on Ctrl-C, so that the parts are stopped then too."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses a part as integration, and open sockets for integration and browser tests alone."""
    for item in items:
        if PARTS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.integration)
        if item.get_closest_marker("integration") or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(scope="session")
def services_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state folder of this session's parts, removed at the end."""
    folder = tmp_path_factory.mktemp("services")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(services_folder: Path) -> Iterator[PostgresAddress]:
    """The superuser's address of a running PostgreSQL server."""
    with running_postgres(services_folder) as superuser:
        yield superuser


@pytest.fixture(scope="session")
def warehouse_maker(postgres: PostgresAddress) -> WarehouseMaker:
    """Makes warehouses; for tests that need more than one."""
    return WarehouseMaker(postgres)


@pytest.fixture
def warehouse(warehouse_maker: WarehouseMaker) -> Iterator[Warehouse]:
    """A fresh warehouse of this test's own: `.address` for the application, `.superuser` for policies and stamps."""
    with warehouse_maker.warehouse() as made:
        yield made
