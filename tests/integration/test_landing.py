"""Landing on the real parts: crashes, zombies, unknown commits, and what stands in every store afterwards."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.fakes.bus import MemoryBroker, MemoryLog, MemorySink
from tests.fakes.observations import TICK, make_snapshot, make_sweep
from tests.lakes import LAKES
from tests.landed_views import LandedView, read_view
from tests.oracle import assert_whole
from tests.proxies import Action, Once, tcp_proxy
from tests.services import running_kafka

from airtide.bus.producer import KafkaSink
from airtide.bus.ranges import KafkaLog
from airtide.bus.setup import ensure_topics
from airtide.bus.topics import platform_topics
from airtide.domain.batches import Batch
from airtide.domain.clock import SetClock
from airtide.domain.errors import Fenced, MisconfiguredError, PartUnreachable
from airtide.domain.keys import hash_id
from airtide.domain.landed import Dimension, LandingCounts
from airtide.domain.models import Platform
from airtide.lake.lake import SnapshotLake
from airtide.lake.stores import ObjectStore
from airtide.local.home import Home
from airtide.pipeline.arrange import Arranger
from airtide.pipeline.land import LandingOutcome, LandingStatus, land_platform
from airtide.pipeline.stop_line import BadRecordLimits
from airtide.warehouse import ledger as ledger_module
from airtide.warehouse.connect import PostgresAddress, Role, connect
from airtide.warehouse.ledger import WarehouseLedger
from airtide.warehouse.policies import PlatformPolicy, write_policies
from airtide.warehouse.zone_days import ensure_zone_days

pytestmark = pytest.mark.parametrize("lake", LAKES, indirect=True)

POLLED = Platform.CHZZK
CADENCE = timedelta(minutes=5)
RAW_AGE = timedelta(days=30)
LIMITS = BadRecordLimits(max_in_row=500, max_share=0.5, min_for_share=20)


def set_raw_age(superuser: PostgresAddress, raw_age: timedelta) -> None:
    policy = PlatformPolicy(
        platform=POLLED,
        raw_age=raw_age,
        text_age=raw_age,
        statistics_age=raw_age,
        picture_age=raw_age,
        pictures="link",
        in_combined_rank=True,
    )
    with connect(superuser, Role.OWNER) as connection:
        write_policies(connection, [policy])


class World:
    """A broker in memory before a real bucket and a real warehouse."""

    def __init__(self, warehouse, store: ObjectStore) -> None:
        set_raw_age(warehouse.superuser, RAW_AGE)
        with connect(warehouse.address, Role.ROLLUP) as connection:
            ensure_zone_days(connection, ["UTC"], first_day=date(2026, 1, 1), last_day=date(2026, 3, 1))
        self.superuser = warehouse.superuser
        self.address = warehouse.address
        self.store = store
        self.broker = MemoryBroker([POLLED])
        self.log = MemoryLog(self.broker)
        self.clock = SetClock(TICK + timedelta(hours=2))
        self.ledger = WarehouseLedger(warehouse.address)

    def publish(self, *snapshots, sweeps=()) -> None:
        sink = MemorySink(self.broker)
        sink.publish_snapshots(POLLED, snapshots)
        for sweep in sweeps:
            sink.publish_sweep(sweep)

    def publish_ticks(self, ticks: int, broadcasts: int = 10) -> None:
        for n in range(ticks):
            at = TICK + n * CADENCE
            self.publish(
                *(make_snapshot(f"b{b}", sampled_at=at, viewers=n) for b in range(broadcasts)),
                sweeps=[make_sweep(sweep_id=f"sweep {n}", sampled_at=at)],
            )

    def land(self, ledger: WarehouseLedger | None = None, *, max_snapshots: int = 1000, log=None) -> LandingOutcome:
        return land_platform(
            POLLED,
            log=log or self.log,
            lake=SnapshotLake(self.store),
            ledger=ledger or self.ledger,
            clock=self.clock,
            max_snapshots=max_snapshots,
            limits=LIMITS,
        )

    def plan(self) -> Batch:
        batch = self.ledger.plan_batch(POLLED, self.log.describe_topics(POLLED), max_snapshots=1000, now=TICK)
        assert batch is not None
        return batch

    def land_batch(self, ledger: WarehouseLedger, batch: Batch) -> LandingCounts:
        """Land one planned batch as a run of its own would."""
        arranger = Arranger(POLLED, ledger.find_collisions, RAW_AGE)
        arranged = arranger.arrange(batch, self.log.read_batch(batch), now=self.clock.now())
        lake = SnapshotLake(self.store)
        objects = [*lake.write_snapshots(batch, arranged.snapshots), *lake.write_sweeps(batch, arranged.sweeps)]
        return ledger.land_batch(batch, arranged.rows, objects, now=self.clock.now())

    def view(self) -> LandedView:
        return read_view(self.address, POLLED)

    def assert_whole(self) -> None:
        view = self.view()
        assert_whole(view, self.store, POLLED)
        ends = {
            (facts.topic, number): end
            for facts in self.log.describe_topics(POLLED)
            for number, end in facts.end_offsets.items()
        }
        assert {place: following for place, (_, _, following) in view.positions.items()} == ends

    def execute(self, statement: str) -> list[tuple]:
        with connect(self.superuser, Role.OWNER) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def world(warehouse, lake) -> Iterator[World]:
    with lake.open() as store:
        yield World(warehouse, store)


class CrashingLedger(WarehouseLedger):
    """Ends the run where a crash between the objects and the transaction would."""

    def land_batch(self, *_args, **_named):
        raise KeyboardInterrupt


@pytest.fixture
def killed_in_transaction(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Has the server end the landing's connection after the samples are copied, once for each entry in the list."""
    kills: list[int] = []
    land_sweeps = ledger_module.land_sweeps

    def kill_first(connection, *args, **named):
        if kills:
            kills.pop()
            with connect(world.superuser, None) as admin:
                admin.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        return land_sweeps(connection, *args, **named)

    monkeypatch.setattr(ledger_module, "land_sweeps", kill_first)
    yield kills
    assert kills == []


def test_a_crash_between_objects_and_transaction_is_made_good_by_the_next_run(world):
    world.publish_ticks(3)
    with pytest.raises(KeyboardInterrupt):
        world.land(CrashingLedger(world.address))
    written = [stored.key for stored in world.store.list("")]
    assert len(written) == 2
    assert world.view().objects == {}
    assert world.land().samples == 30
    assert [stored.key for stored in world.store.list("")] == written
    world.assert_whole()


def test_a_connection_lost_after_the_copy_leaves_nothing_and_the_next_run_lands_it(world, killed_in_transaction):
    world.publish_ticks(3)
    killed_in_transaction.append(1)
    with pytest.raises(PartUnreachable, match="airtide_postgres"):
        world.land()
    view = world.view()
    assert (view.samples, view.objects, view.sweeps) == ({}, {}, set())
    assert [row.state for row in view.batches.values()] == ["planned"]
    assert world.land().samples == 30
    world.assert_whole()


def test_a_second_run_finds_nothing_to_land(world):
    world.publish_ticks(3)
    world.land()
    before = world.view()
    assert world.land().status is LandingStatus.NOTHING_TO_LAND
    assert world.view() == before
    world.assert_whole()


def test_of_two_landings_of_one_batch_at_once_one_is_fenced(world):
    world.publish_ticks(5, broadcasts=200)
    batch = world.plan()

    def land(_: int) -> LandingCounts | Fenced:
        try:
            return world.land_batch(WarehouseLedger(world.address), batch)
        except Fenced as fenced:
            return fenced

    with ThreadPoolExecutor(max_workers=2) as pool:
        told = list(pool.map(land, range(2)))
    assert sorted(type(each).__name__ for each in told) == ["Fenced", "LandingCounts"]
    world.assert_whole()


def test_a_zombie_that_wakes_after_others_went_on_changes_nothing(world):
    world.publish_ticks(2)
    batch = world.plan()
    world.land()
    world.publish(make_snapshot("b1", sampled_at=TICK + timedelta(hours=1)))
    world.land()
    before = world.view()
    with pytest.raises(Fenced):
        world.land_batch(WarehouseLedger(world.address), batch)
    assert world.view() == before
    world.assert_whole()


def test_a_commit_whose_answer_is_lost_is_looked_up_and_counts(world, caplog):
    world.publish_ticks(2)
    batch = world.plan()
    with tcp_proxy(world.address.host, world.address.port) as proxy:
        proxy.judge = Once(b"COMMIT\0", Action.LOSE_ANSWER)
        counts = world.land_batch(WarehouseLedger(replace(world.address, port=proxy.port)), batch)
    assert proxy.cuts == 1
    assert counts.samples == 20
    assert "not answered, but it is landed" in caplog.text
    assert world.land().status is LandingStatus.NOTHING_TO_LAND
    world.assert_whole()


def test_a_commit_that_never_arrived_is_a_failure_and_is_done_again(world):
    world.publish_ticks(2)
    batch = world.plan()
    with tcp_proxy(world.address.host, world.address.port) as proxy:
        proxy.judge = Once(b"COMMIT\0", Action.CUT)
        with pytest.raises(PartUnreachable):
            world.land_batch(WarehouseLedger(replace(world.address, port=proxy.port)), batch)
    assert proxy.cuts == 1
    assert world.view().samples == {}
    assert world.land().samples == 20
    world.assert_whole()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_breaks_in_whatever_order_nothing_is_lost_or_doubled(world, killed_in_transaction, seed):
    some = random.Random(seed)
    for n in range(12):
        at = TICK + some.randrange(12) * CADENCE
        world.publish(
            *(make_snapshot(f"b{some.randrange(6)}", sampled_at=at, viewers=n) for _ in range(some.randrange(9))),
            sweeps=[make_sweep(sweep_id=f"sweep {some.randrange(8)}", sampled_at=at)],
        )
        world.clock.set(world.clock.now() + CADENCE)
        match some.randrange(4):
            case 0:
                with pytest.raises(KeyboardInterrupt):
                    world.land(CrashingLedger(world.address), max_snapshots=5)
            case 1:
                killed_in_transaction.append(1)
                with pytest.raises(PartUnreachable):
                    world.land(max_snapshots=5)
            case _:
                world.land(max_snapshots=5)
    world.land(max_snapshots=5)
    world.assert_whole()


def test_a_database_that_is_down_fails_the_landing_soon(world):
    nobody = WarehouseLedger(replace(world.address, port=1))
    started = time.monotonic()
    with pytest.raises(PartUnreachable, match=r":1/.*airtide_postgres"):
        world.land(nobody)
    assert time.monotonic() - started < 11


def test_a_bucket_that_is_missing_is_named(world, lake):
    world.publish_ticks(1)
    with (
        replace(lake, bucket="no-such-bucket").open() as world.store,
        pytest.raises(MisconfiguredError, match="no-such-bucket"),
    ):
        world.land()


def test_a_tick_outside_the_calendar_lands_nothing_and_says_why(world):
    world.publish_ticks(1)
    world.execute("DELETE FROM trends.zone_day WHERE day >= '2026-01-31'")
    with pytest.raises(MisconfiguredError, match="calendar"):
        world.land()
    assert world.view().samples == {}


def leaves_of(world: World) -> list[str]:
    parent = f"live.sample_{POLLED}"
    rows = world.execute(
        f"SELECT inhrelid::REGCLASS::TEXT FROM pg_inherits WHERE inhparent = '{parent}'::REGCLASS ORDER BY 1"
    )
    return [row[0] for row in rows]


def test_samples_lie_in_a_leaf_a_day_or_an_hour_where_raw_data_is_short_lived(world):
    world.publish(make_snapshot("b1"), make_snapshot("b2", sampled_at=TICK + CADENCE))
    world.land()
    assert leaves_of(world) == ["live.sample_chzzk_2026013100_2026020100"]
    set_raw_age(world.superuser, timedelta(days=1))
    world.clock.set(TICK + timedelta(hours=13))
    world.publish(make_snapshot("b1", sampled_at=TICK + timedelta(hours=11, minutes=55)))
    world.publish(make_snapshot("b1", sampled_at=TICK + timedelta(hours=12)))
    assert world.land().samples == 2
    assert leaves_of(world) == [
        "live.sample_chzzk_2026013100_2026020100",
        "live.sample_chzzk_2026020100_2026020101",
    ]
    set_raw_age(world.superuser, RAW_AGE)
    world.publish(make_snapshot("b1", sampled_at=TICK + timedelta(hours=13)))
    assert world.land().samples == 1
    assert len(leaves_of(world)) == 1 + 24
    world.assert_whole()


def test_an_inferred_end_is_withdrawn_by_a_later_sample_alone(world):
    def end() -> tuple:
        [row] = world.execute("SELECT ended_by, ended_at IS NOT NULL FROM live.broadcast")
        return row

    world.publish(make_snapshot(sampled_at=TICK + CADENCE))
    world.land()
    world.execute("UPDATE live.broadcast SET ended_at = last_sampled_at, ended_by = 'absence'")
    world.publish(make_snapshot(sampled_at=TICK))
    world.land()
    assert end() == ("absence", True)
    world.publish(make_snapshot(sampled_at=TICK + 2 * CADENCE))
    world.land()
    assert end() == (None, False)
    world.execute("UPDATE live.broadcast SET ended_at = now(), ended_by = 'silence'")
    world.publish(make_snapshot(sampled_at=TICK + 3 * CADENCE, ended_at=TICK + timedelta(minutes=12)))
    world.land()
    assert end() == ("site", True)
    [(ended_at,)] = world.execute("SELECT ended_at FROM live.broadcast")
    assert ended_at == TICK + timedelta(minutes=12)


def test_an_id_whose_key_is_taken_becomes_a_dead_letter(world):
    key = hash_id(POLLED, "channel of b1")
    world.execute(
        "INSERT INTO live.channel (channel_key, platform, channel_id, observed_at) "
        f"VALUES ({key}, 'chzzk', 'somebody else', now())"
    )
    assert set(world.ledger.find_collisions(POLLED, Dimension.CHANNEL, {"channel of b1": key, "x": 1})) == {
        "channel of b1"
    }
    world.publish(make_snapshot("b1"), make_snapshot("b2"))
    outcome = world.land()
    assert (outcome.samples, outcome.dead_letters) == (1, 1)
    world.assert_whole()


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory) -> Iterator[dict[str, str]]:
    """A broker whose topics hold nothing but what these tests land: no transactions, no foreign messages."""
    with running_kafka(Home(tmp_path_factory.mktemp("kafka").resolve())) as config:
        yield config


@pytest.fixture
def kafka_sink(own_kafka) -> Iterator[KafkaSink]:
    specs = platform_topics(
        POLLED, snapshot_partitions=4, replication_factor=1, min_insync_replicas=1, raw_age=timedelta(days=1)
    )
    ensure_topics(own_kafka, specs, deadline_s=20)
    sink = KafkaSink(own_kafka, deadline_s=20)
    yield sink
    sink.close()


def test_what_kafka_holds_lands_in_every_store(world, own_kafka, kafka_sink):
    for n in range(3):
        at = TICK + n * CADENCE
        ends = kafka_sink.publish_snapshots(POLLED, [make_snapshot(f"k{b}", sampled_at=at) for b in range(40)])
        kafka_sink.publish_sweep(make_sweep(sweep_id=f"sweep {n}", sampled_at=at, end_offsets=ends))
    with KafkaLog(own_kafka, deadline_s=20) as log:
        outcome = world.land(log=log, max_snapshots=50)
        assert outcome.status is LandingStatus.LANDED
        ticks = {tick for tick, _ in world.view().samples}
        assert ticks >= {round((TICK + n * CADENCE).timestamp() * 1000) for n in range(3)}
        assert_whole(world.view(), world.store, POLLED)
        assert world.land(log=log).status is LandingStatus.NOTHING_TO_LAND


def test_a_run_that_died_before_kafka_grew_is_made_good_over_the_same_range(world, own_kafka, kafka_sink):
    with KafkaLog(own_kafka, deadline_s=20) as log:
        kafka_sink.publish_snapshots(POLLED, [make_snapshot(f"d{n}") for n in range(30)])
        with pytest.raises(KeyboardInterrupt):
            world.land(CrashingLedger(world.address), log=log)
    [(batch_id, planned)] = world.view().batches.items()
    written = {stored.key for stored in world.store.list("")}
    kafka_sink.publish_snapshots(POLLED, [make_snapshot(f"d{n}", sampled_at=TICK + CADENCE) for n in range(30)])
    with KafkaLog(own_kafka, deadline_s=20) as log:
        assert world.land(log=log).batches == 2
    view = world.view()
    assert view.batches[batch_id].ranges == planned.ranges
    assert {key for key, (listed_by, _, _) in view.objects.items() if listed_by == batch_id} == written
    assert_whole(view, world.store, POLLED)
