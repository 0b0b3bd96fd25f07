"""Ends that no site told change what is shown and no number; landing them leaves its updates in place."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tests.fakes.bus import MemoryBroker, MemoryLog, MemorySink
from tests.fakes.observations import TICK, make_snapshot, make_sweep
from tests.services import Warehouse, WarehouseMaker
from tests.sql.worlds import write_policies

from airtide.domain.models import Platform
from airtide.pipeline.arrange import Arranger
from airtide.warehouse import ledger as ledger_module
from airtide.warehouse.connect import Role, connect
from airtide.warehouse.ledger import WarehouseLedger
from airtide.warehouse.rollups import roll_up_days
from airtide.warehouse.zone_days import ensure_zone_days

POLLED = Platform.TWITCH
AGE = timedelta(days=400)
TRENDS = ("broadcast_hour", "platform_hour", "broadcast_day", "channel_day", "platform_day")
TICKS = [TICK - timedelta(hours=20) + n * timedelta(minutes=10) for n in range(150)]
NOW = TICKS[-1] + timedelta(minutes=1)


class Landing:
    """Lands ticks into a warehouse, each in a batch of its own."""

    def __init__(self, warehouse: Warehouse) -> None:
        with connect(warehouse.superuser, Role.OWNER) as connection:
            write_policies(connection, AGE, AGE)
        with connect(warehouse.address, Role.ROLLUP) as connection:
            ensure_zone_days(connection, ["UTC", "Asia/Seoul"], first_day=date(2026, 1, 28), last_day=date(2026, 2, 3))
        self._warehouse = warehouse
        self._broker = MemoryBroker([POLLED])
        self._ledger = WarehouseLedger(warehouse.address)

    def land(self, at: datetime, viewers: dict[str, int | None], **sweep: Any) -> None:
        sink, log = MemorySink(self._broker), MemoryLog(self._broker)
        snapshots = [
            make_snapshot(name, platform=POLLED, sampled_at=at, viewers=count) for name, count in viewers.items()
        ]
        ends = sink.publish_snapshots(POLLED, snapshots)
        given = {
            "platform": POLLED,
            "sweep_id": f"{at}",
            "sampled_at": at,
            "snapshots": len(snapshots),
            "end_offsets": ends,
        }
        sink.publish_sweep(make_sweep(**given | sweep))
        batch = self._ledger.plan_batch(POLLED, log.describe_topics(POLLED), max_snapshots=1000, now=NOW)
        assert batch is not None
        arranger = Arranger(POLLED, self._ledger.find_collisions, AGE)
        self._ledger.land_batch(batch, arranger.arrange(batch, log.read_batch(batch), now=NOW).rows, [], now=NOW)

    def roll_up(self) -> None:
        with connect(self._warehouse.address, Role.ROLLUP) as connection:
            roll_up_days(connection, now=NOW)

    def read(self, query: str) -> list[Any]:
        with connect(self._warehouse.superuser, None) as connection:
            return connection.execute(query).fetchall()  # type: ignore[call-overload]


def land_world(landing: Landing) -> None:
    """Land a day of broadcasts that come and go, swept wholly or in part; roll up on the way and at the end."""
    some = random.Random(4)
    live: dict[str, int | None] = {}
    for place, at in enumerate(TICKS):
        for name in (f"b{n}" for n in range(12)):
            if some.random() < 0.15:
                live = {other: count for other, count in live.items() if other != name}
            elif name in live or some.random() < 0.05:
                live[name] = some.choice([None, 1, some.randrange(300)])
        outcome = some.choice(["complete", "complete", "partial"])
        landing.land(at, live, outcome=outcome, viewer_floor=some.choice([None, 50]))
        if place % 50 == 25:
            landing.roll_up()
    landing.roll_up()


def test_every_number_is_the_same_with_and_without_inferred_ends(
    warehouse_maker: WarehouseMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables, ends = [], []
    for is_inferring in (True, False):
        if not is_inferring:
            monkeypatch.setattr(ledger_module, "infer_ends", lambda *_, **__: None)
        with warehouse_maker.warehouse() as warehouse:
            landing = Landing(warehouse)
            land_world(landing)
            ends.append({row[0] for row in landing.read("SELECT ended_by FROM live.broadcast")})
            tables.append({name: landing.read(f"SELECT * FROM trends.{name} ORDER BY 1, 2, 3, 4") for name in TRENDS})
    assert {"absence", "silence"} <= ends[0]
    assert ends[1] == {None}
    assert all(tables[0].values())
    assert tables[0] == tables[1]


def test_a_landing_that_ends_something_updates_what_is_live_in_place(warehouse: Warehouse) -> None:
    landing = Landing(warehouse)
    names = [f"b{n}" for n in range(200)]
    for place, at in enumerate(TICKS[:8]):
        landing.land(at, dict.fromkeys(names[place:], 100))
    assert landing.read("SELECT COUNT(*) FROM live.broadcast WHERE ended_by = 'absence'") == [(6,)]
    updated, in_place = landing.read(
        "SELECT SUM(n_tup_upd), SUM(n_tup_hot_upd) FROM pg_stat_user_tables "
        "WHERE schemaname = 'live' AND relname = 'broadcast'"
    )[0]
    moved_by_ends = 6
    assert updated > 1300
    assert updated - in_place <= moved_by_ends + updated // 10
