"""The page's application over a real warehouse that holds a small plausible world, and over none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.plugins.seeding import seed_world
from tests.services import WarehouseMaker

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
