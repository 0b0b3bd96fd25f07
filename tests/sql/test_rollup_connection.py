"""What a roll-up says when its database goes away."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.services import Warehouse

from airtide.domain.errors import PartUnreachable
from airtide.settings import load_settings
from airtide.warehouse.connect import PostgresAddress, connect
from airtide.warehouse.rollups import roll_up_hours
from airtide.wiring.adapters import Adapters
from airtide.wiring.jobs import roll_up_days


@dataclass
class OnlyPostgres:
    """Connections of an installation that has nothing but its warehouse."""

    address: PostgresAddress

    def postgres_address(self) -> PostgresAddress:
        return self.address


def test_a_database_that_goes_away_is_named_as_unreachable(warehouse: Warehouse) -> None:
    adapters = Adapters(OnlyPostgres(warehouse.address), load_settings())

    def roll_up_cut_off() -> None:
        with adapters.connect_rollup() as connection, connect(warehouse.superuser, None) as superuser:
            superuser.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
            roll_up_hours(connection, now=adapters.clock.now())

    with pytest.raises(PartUnreachable, match="airtide_postgres"):
        roll_up_cut_off()


def test_the_job_on_an_empty_warehouse_writes_the_calendar_and_nothing_else(warehouse: Warehouse) -> None:
    adapters = Adapters(OnlyPostgres(warehouse.address), load_settings())
    assert set(roll_up_days(adapters).values()) == {0}
    with adapters.connect_rollup() as connection:
        zones = connection.execute("SELECT DISTINCT zone FROM trends.zone_day ORDER BY zone").fetchall()
    assert zones == [("Asia/Seoul",), ("UTC",)]
