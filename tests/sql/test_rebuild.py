"""A warehouse rebuilt from the lake alone holds, row for row, what the landings wrote."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy, deepcopy
from dataclasses import fields
from datetime import timedelta

import pytest
from tests.fakes.bus import MemoryLog
from tests.fakes.observations import TICK
from tests.landed_views import LandedView
from tests.oracle import assert_whole
from tests.sql.landed_worlds import DAY, NEXT, POLLED, RAW_AGE, Kept, World

from airtide.bus.topics import snapshots_topic
from airtide.domain.batches import SNAPSHOTS
from airtide.domain.errors import PermanentError
from airtide.warehouse.connect import connect
from airtide.warehouse.objects import WarehouseObjects
from airtide.warehouse.rebuilding import NO_OBJECT

pytestmark = pytest.mark.turn(7)


@pytest.fixture(scope="module")
def filled(warehouse_maker) -> Iterator[World]:
    """Landings that no test adds to."""
    with warehouse_maker.warehouse() as made:
        world = World(Kept(made))
        world.fill()
        yield world


@pytest.fixture
def world(filled) -> World:
    """The same with a store, a broker and a clock of the test's own."""
    mine = copy(filled)
    mine.store, mine.broker, mine.clock = deepcopy(filled.store), deepcopy(filled.broker), deepcopy(filled.clock)
    return mine


@pytest.fixture
def own_world(warehouse) -> World:
    """Landings of the test's own."""
    world = World(Kept(warehouse))
    world.fill()
    return world


@pytest.fixture
def empty(warehouse_maker) -> Iterator[Kept]:
    with warehouse_maker.warehouse() as made:
        yield Kept(made)


def assert_covered(view: LandedView) -> None:
    """Landed ranges and losses cover every offset up to the position, once."""
    for (topic, number), (topic_id, first, following) in view.positions.items():
        spans = [
            (part.start_offset, part.end_offset)
            for row in view.batches.values()
            if row.state == "landed"
            for part in row.ranges
            if (part.topic, part.topic_partition, row.topic_ids.get(topic)) == (topic, number, topic_id)
        ] + [
            (part.start_offset, part.end_offset)
            for lost_id, part in view.losses
            if (part.topic, part.topic_partition, lost_id) == (topic, number, topic_id)
        ]
        assert sorted(offset for start, end in spans for offset in range(start, end)) == list(range(first, following))


def test_an_empty_warehouse_gets_the_same_rows_from_the_objects_of_landings(world, empty):
    before = world.kept.view
    outcome = world.rebuild(empty, DAY, NEXT)
    assert empty.rows() == world.kept.rows()
    view = empty.view
    assert {key: told[1:] for key, told in view.objects.items()} == {
        key: told[1:] for key, told in before.objects.items()
    }
    assert (outcome.samples, outcome.sweeps) == (len(before.samples), len(before.sweeps))
    assert (outcome.objects, outcome.known, outcome.expired, outcome.broken) == (len(before.objects), 0, 0, ())
    assert_whole(view, world.store, POLLED)
    assert_covered(view)
    assert outcome.messages == sum(stored[1] for stored in before.objects.values())
    assert outcome.lost == sum(part.end_offset - part.start_offset for _, part in view.losses) > 0


def test_compacted_objects_give_the_same_rows_beside_the_small_ones_and_alone(own_world, empty, warehouse_maker):
    world = own_world
    world.compact()
    listed = {
        stored.object_key: (stored.rows, stored.sha256)
        for day in (DAY, NEXT)
        for kind in (SNAPSHOTS, "sweeps")
        for stored in WarehouseObjects(world.kept.address).list_day(POLLED, day, kind)
    }
    outcome = world.rebuild(empty, DAY, NEXT)
    assert outcome.known == outcome.objects - 4 > 0
    world.drop_replaced()
    with warehouse_maker.warehouse() as made:
        alone = Kept(made)
        assert world.rebuild(alone, DAY, NEXT).objects == 4
        for kept in (empty, alone):
            assert kept.rows() == world.kept.rows()
            assert {key: told[1:] for key, told in kept.view.objects.items()} == listed
            assert_covered(kept.view)


def test_landing_goes_on_behind_a_rebuild(own_world, empty):
    world = own_world
    world.rebuild(empty, DAY, NEXT)
    world.sweep(600)
    world.land()
    world.land(empty)
    assert empty.rows() == world.kept.rows()
    assert_covered(empty.view)


def test_days_may_be_rebuilt_one_after_the_other_in_any_order(world, empty):
    first = world.rebuild(empty, NEXT)
    second = world.rebuild(empty, DAY)
    mine, others = empty.rows(), world.kept.rows()
    # what a broadcast's last count was is known from the day that came first, and flags follow it
    for name in ("samples", "categories", "details", "sweeps", "settled"):
        assert mine[name] == others[name], name
    assert first.samples + second.samples == len(others["samples"])
    assert_covered(empty.view)


def test_what_is_there_stays_and_only_what_is_missing_is_added(world):
    before = {field.name: getattr(world.kept.view, field.name) for field in fields(LandedView)}
    outcome = world.rebuild(world.kept, DAY, NEXT)
    assert (outcome.messages, outcome.samples, outcome.sweeps, outcome.lost) == (0, 0, 0, 0)
    assert outcome.known == outcome.objects == len(before["objects"])
    assert {field.name: getattr(world.kept.view, field.name) for field in fields(LandedView)} == before


def test_a_compacted_day_of_which_kafka_still_held_the_end_is_completed(own_world, empty):
    world = own_world
    for number, partition in enumerate(world.broker.partitions(snapshots_topic(POLLED))):
        world.broker.drop_before(snapshots_topic(POLLED), number, partition.end_offset // 2)
    world.compact()
    world.land(empty)
    landed = len(empty.view.samples)
    outcome = world.rebuild(empty, DAY, NEXT)
    # of two samples of one key that which had landed stays
    assert set(empty.view.samples) == set(world.kept.view.samples)
    assert empty.view.sweeps == world.kept.view.sweeps
    assert 0 < outcome.samples == len(world.kept.view.samples) - landed
    assert_covered(empty.view)
    rows = sum(stored[1] for key, stored in empty.view.objects.items())
    assert rows == sum(stored[1] for stored in world.kept.view.objects.values()) / 2
    assert world.rebuild(empty, DAY, NEXT).messages == 0


def test_a_rebuild_that_was_killed_goes_on_where_it_stopped(world, empty, monkeypatch):
    finish = empty.ledger.finish_rebuild
    left = [3]

    def die(*arguments, **options):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        finish(*arguments, **options)

    monkeypatch.setattr(empty.ledger, "finish_rebuild", die)
    with pytest.raises(KeyboardInterrupt):
        world.rebuild(empty, DAY, NEXT)
    monkeypatch.undo()
    world.rebuild(empty, DAY, NEXT)
    assert empty.rows() == world.kept.rows()
    assert_covered(empty.view)
    assert len(empty.view.objects) == len(world.kept.view.objects)


def test_a_topic_that_was_made_anew_is_rebuilt_life_by_life(own_world, empty):
    world = own_world
    world.broker.make_topics(POLLED)
    world.kept.ledger.accept_loss(POLLED, MemoryLog(world.broker).describe_topics(POLLED), now=world.clock.now())
    world.sweep(147)
    world.land()
    world.rebuild(empty, DAY, NEXT)
    assert empty.rows()["samples"] == world.kept.rows()["samples"]
    assert empty.rows()["sweeps"] == world.kept.rows()["sweeps"]
    assert {place: told[0] for place, told in empty.view.positions.items()} == {
        place: told[0] for place, told in world.kept.view.positions.items() if place in empty.view.positions
    }
    assert_covered(empty.view)


def test_objects_that_are_not_what_they_were_written_as_are_left_out_and_named(world, empty):
    first, second, *_ = sorted(world.store.objects)
    body, digest = world.store.objects[first]
    world.store.objects[first] = (body[:-9], digest)
    world.store.objects[second] = (world.store.objects[second][0], "another")
    outcome = world.rebuild(empty, DAY, NEXT)
    assert outcome.broken == [first, second]
    assert outcome.samples > 0
    assert_covered(empty.view)


def test_a_dry_run_counts_and_writes_nothing(world, empty):
    outcome = world.rebuild(empty, DAY, NEXT, dry_run=True)
    assert outcome.messages == sum(stored[1] for stored in world.kept.view.objects.values())
    assert empty.view == LandedView()


def test_a_planned_batch_is_landed_first(world, empty):
    world.broker.append(snapshots_topic(POLLED), 0, b"{}")
    empty.ledger.plan_batch(
        POLLED, MemoryLog(world.broker).describe_topics(POLLED), max_snapshots=10, now=world.clock.now()
    )
    with pytest.raises(PermanentError, match="planned and not landed"):
        world.rebuild(empty, DAY)
    assert empty.view.samples == {}


def test_what_has_expired_is_not_brought_back(world, empty):
    world.clock.set(TICK + RAW_AGE + timedelta(hours=1, minutes=2))
    outcome = world.rebuild(empty, DAY, NEXT)
    oldest = round((world.clock.now() - RAW_AGE).timestamp() * 1000)
    assert set(empty.view.samples) == {key for key in world.kept.view.samples if key[0] >= oldest}
    assert outcome.expired > 0


def test_what_was_accepted_as_lost_and_is_found_is_lost_no_longer(world, empty):
    topics = MemoryLog(world.broker).describe_topics(POLLED)
    empty.ledger.plan_batch(POLLED, topics, max_snapshots=1, now=world.clock.now())
    for number, partition in enumerate(world.broker.partitions(snapshots_topic(POLLED))):
        world.broker.drop_before(snapshots_topic(POLLED), number, partition.end_offset)
    empty.ledger.accept_loss(POLLED, MemoryLog(world.broker).describe_topics(POLLED), now=world.clock.now())
    assert empty.view.losses
    world.rebuild(empty, DAY, NEXT)
    assert empty.rows()["samples"] == world.kept.rows()["samples"]
    assert_covered(empty.view)
    with connect(empty.address) as connection:
        reasons = connection.execute("SELECT DISTINCT reason FROM ingest.loss").fetchall()
    assert NO_OBJECT not in {reason for (reason,) in reasons}
