"""Real parts for tests, started at their first use, one of each a process; nothing of a running local mode is touched.

A test that asks for a part is an integration test and is marked so; only these (and browser tests) may open sockets.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from tests.gcs_server import GcsPart
from tests.google_keys import running_token_server
from tests.lakes import Lake, find_lake
from tests.services import (
    SimulatedSites,
    Warehouse,
    WarehouseMaker,
    running_gcs,
    running_kafka,
    running_lake,
    running_postgres,
    running_simulators,
)
from tests.workers import end_by_signals

from airtide.local.home import Home
from airtide.local.parts.lake import LakePart
from airtide.warehouse.connect import PostgresAddress, connect

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Airflow writes its configuration into its home when it is imported: never into the developer's own
AIRFLOW_HOME = tempfile.TemporaryDirectory(prefix="airtide-airflow-home-")
os.environ["AIRFLOW_HOME"] = AIRFLOW_HOME.name

PARTS = frozenset({"gcs_server", "kafka", "lake", "lake_server", "postgres", "simulators"})


def pytest_configure(config: pytest.Config) -> None:
    """End on TERM as on Ctrl-C, so that the parts are stopped then too."""
    end_by_signals(config)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first; mark what uses a part as integration, and open sockets for it and browser tests.

    Processes that share the tests take module after module: one that is long must not be the last.
    """
    items.sort(key=_find_turn)
    for item in items:
        if PARTS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.integration)
        if item.get_closest_marker("integration") or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.enable_socket)


def _find_turn(item: pytest.Item) -> float:
    mark = item.get_closest_marker("turn")
    return mark.args[0] if mark else inf


@pytest.fixture(scope="session")
def services_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The state folder of this session's parts, removed at the end."""
    home = Home(tmp_path_factory.mktemp("services").resolve())
    yield home
    shutil.rmtree(home.root, ignore_errors=True)


@pytest.fixture(scope="session")
def kafka(services_home: Home) -> Iterator[dict[str, str]]:
    """The client configuration of a running Kafka broker; tests make topics with names of their own."""
    with running_kafka(services_home) as config:
        yield config


@pytest.fixture(scope="session")
def postgres(services_home: Home) -> Iterator[PostgresAddress]:
    """The superuser's address of a running PostgreSQL server, which waits for no disk: no test takes away its power."""
    with running_postgres(services_home) as superuser:
        with connect(superuser, None) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
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


@pytest.fixture(scope="session")
def lake_server(services_home: Home) -> Iterator[LakePart]:
    """A running S3 server."""
    with running_lake(services_home) as part:
        yield part


@pytest.fixture
def s3(lake_server: LakePart) -> Iterator[S3Client]:
    """A client of the running S3 server."""
    client = lake_server.client()
    yield client
    client.close()


@pytest.fixture
def bucket(s3: S3Client) -> str:
    """The name of a bucket of this test's own, empty."""
    name = f"test-{uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="session")
def gcs_server(services_home: Home) -> Iterator[GcsPart]:
    """A running Google Cloud Storage server."""
    with running_gcs(services_home) as part:
        yield part


@pytest.fixture(scope="session")
def token_server() -> Iterator[str]:
    """The address of a server that changes signatures of service accounts for tokens."""
    with running_token_server() as url:
        yield url


@pytest.fixture
def lake(request: pytest.FixtureRequest) -> Lake:
    """A lake with an empty bucket of this test's own: on S3, or of the kinds that the test is parametrised with."""
    return find_lake(getattr(request, "param", "s3"), request).prepare()


@pytest.fixture(scope="session")
def simulators(services_home: Home) -> Iterator[SimulatedSites]:
    """Running simulated sites: a small world, always the same."""
    with running_simulators(services_home) as sites:
        yield sites
