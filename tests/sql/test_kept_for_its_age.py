"""What landed, was compacted or was rebuilt stays whole to the audit until it has expired, and then it is gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.fakes.bus import MemoryLog
from tests.fakes.observations import TICK
from tests.sql.landed_worlds import DAY, NEXT, POLLED, RAW_AGE, Kept, World

from airtide.lake.audit import LakeAudit
from airtide.lake.found import StoredObjects
from airtide.pipeline.retain import enforce_retention
from airtide.pipeline.verify.platform import verify_platform
from airtide.warehouse import migrations
from airtide.warehouse.audit import WarehouseAudit
from airtide.warehouse.connect import Role, connect
from airtide.warehouse.retention import WarehouseRaw

HOUR = timedelta(hours=1)
MIGRATION = Path(migrations.__file__).parent / "versions" / "0004" / "audited_batches.sql"


@pytest.fixture
def world(warehouse) -> World:
    """Landings of two days, the last of which came after a long wait."""
    world = World(Kept(warehouse))
    world.fill()
    for number in range(150, 211, 10):
        world.sweep(number, names=range(1, 6))
    world.land()
    world.clock.set(TICK + timedelta(days=3))
    world.store.now = world.clock.now()
    return world


def keep(world: World, kept: Kept, at: datetime) -> list[str]:
    """Enforce retention at an instant and return what an audit finds then."""
    world.clock.set(at)
    world.store.now = at
    enforce_retention([POLLED], ledger=WarehouseRaw(kept.address), store=StoredObjects(world.store), clock=world.clock)
    report = verify_platform(
        POLLED,
        log=MemoryLog(world.broker),
        lake=LakeAudit(world.store),
        ledger=WarehouseAudit(kept.address),
        clock=world.clock,
    )
    return [str(finding) for finding in report.findings.shown]


@pytest.mark.parametrize("is_made_anew", [False, True], ids=["landed", "compacted and rebuilt"])
def test_it_is_whole_while_it_expires_hour_by_hour_and_then_gone(world, warehouse_maker, is_made_anew):
    with warehouse_maker.warehouse() as other:
        kept = world.kept
        if is_made_anew:
            world.compact()
            kept = Kept(other)
            world.rebuild(kept, DAY, NEXT)
        expires_at = TICK + RAW_AGE
        for at in (TICK + timedelta(days=5), expires_at + 2 * HOUR, expires_at + 15 * HOUR):
            assert keep(world, kept, at) == [], at
        assert kept.view.samples
        assert keep(world, kept, expires_at + timedelta(days=3)) == []
        assert (kept.view.samples, kept.view.objects, world.store.objects) == ({}, {}, {})


def test_what_landed_before_batches_told_their_earliest_tick_tells_it_after_the_migration(world, warehouse):
    told = {batch_id: row.min_sampled_at for batch_id, row in world.kept.view.batches.items()}
    with connect(warehouse.superuser, Role.OWNER) as connection:
        connection.execute("ALTER TABLE ingest.batch DROP COLUMN min_sampled_at")
        connection.execute(MIGRATION.read_text())
    assert {batch_id: row.min_sampled_at for batch_id, row in world.kept.view.batches.items()} == told
    assert min(told.values()) == TICK
