"""The page's application over a real warehouse that holds a small plausible world, and over none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
import pytest
from tests.plugins.pictured import HeldPictures, seed_pictures
from tests.plugins.seeding import seed_world
from tests.services import Warehouse, WarehouseMaker

from airtide.domain.clock import SetClock
from airtide.settings import load_settings
from airtide.warehouse.connect import PostgresAddress, connect

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from airtide.wiring.reads import Reads

NOW = datetime(2026, 3, 10, 12, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def reads(warehouse_maker: WarehouseMaker) -> Iterator[Reads]:
    """The read side of a warehouse with a world of twelve channels a platform, as it stands at NOW."""
    from airtide.wiring.reads import Reads

    with warehouse_maker.warehouse() as made:
        with connect(made.superuser, None) as connection:
            seed_world(connection, now=NOW, channels=12)
        reads = Reads(made.address, load_settings(), SetClock(NOW))
        yield reads
        reads.warehouse.close()


@pytest.fixture(scope="module")
def client(reads: Reads) -> TestClient:
    """A signed-in client on the seeded world."""
    from tests.plugins.clients import build_signed_in_client

    return build_signed_in_client(reads)


@pytest.fixture
def reads_of_nothing() -> Reads:
    """The read side of a warehouse that is not there: nothing listens on port 1."""
    from airtide.wiring.reads import Reads

    return Reads(PostgresAddress("127.0.0.1", 1, "airtide", "airtide", "secret-word"), load_settings(), SetClock(NOW))


@pytest.fixture(scope="module")
def held() -> HeldPictures:
    """The store of a world with pictures."""
    return HeldPictures()


@pytest.fixture(scope="module")
def pictured(warehouse_maker: WarehouseMaker, held: HeldPictures) -> Iterator[Warehouse]:
    """The warehouse of a world with pictures."""
    with warehouse_maker.warehouse() as warehouse:
        with connect(warehouse.superuser, None) as connection:
            seed_world(connection, now=NOW, channels=6)
            held.objects = seed_pictures(connection)
        yield warehouse


@pytest.fixture(scope="module")
def made(pictured: Warehouse, held: HeldPictures) -> Iterator[Reads]:
    """Its read side; its YouTube is real."""
    from airtide.wiring.reads import Reads

    reads = Reads(pictured.address, load_settings(), SetClock(NOW), open_store=lambda: held)
    yield reads
    reads.warehouse.close()


@pytest.fixture
def owner(pictured: Warehouse) -> Iterator[psycopg.Connection]:
    """What a test does to the warehouse, it takes back itself."""
    with connect(pictured.superuser, None) as connection:
        yield connection
