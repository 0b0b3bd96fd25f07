"""The parts as the fixtures start them: what other tests rely on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.services import Warehouse

from airtide.domain.errors import CredentialsRejected
from airtide.warehouse.connect import PostgresAddress, Role, connect


def test_postgres_refuses_a_wrong_password(postgres: PostgresAddress) -> None:
    with pytest.raises(CredentialsRejected):
        connect(replace(postgres, password="wrong"), None)


def test_postgres_keeps_checksums_and_utc(postgres: PostgresAddress) -> None:
    with connect(postgres, None) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone()[0] for name in ("data_checksums", "fsync", "timezone")]
    assert shown == ["on", "on", "UTC"]


@pytest.mark.parametrize("attempt", ["first", "second"])
def test_every_test_has_a_warehouse_of_its_own(warehouse: Warehouse, attempt: str) -> None:
    with connect(warehouse.address, Role.INGEST) as connection:
        connection.execute("INSERT INTO trends.dirty_hour (platform, hour, with_state) VALUES ('twitch', now(), TRUE)")
        row = connection.execute("SELECT count(*) FROM trends.dirty_hour").fetchone()
    assert row == (1,)
