"""What every `LandingLedger` promises to an operator who gives up a range that Kafka still holds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.contract.test_ledger import NOW, POLLED, SNAPSHOTS, SWEEPS, kept, land, plan, topics
from tests.fakes.observations import TICK, make_snapshot

from airtide.domain.batches import OffsetRange
from airtide.domain.errors import Fenced, MisconfiguredError, TopicReplaced

__all__ = ["kept", "topics"]  # fixtures of the landing's suite


@pytest.fixture
def number(topics) -> int:
    """The topic partition that holds five messages."""
    topics.publish(*(make_snapshot("b1", sampled_at=TICK.replace(minute=5 * n)) for n in range(5)))
    [number] = [n for n, partition in enumerate(topics.broker.partitions(SNAPSHOTS)) if partition.records]
    return number


def wanted(number: int, start: int, end: int, topic: str = SNAPSHOTS) -> OffsetRange:
    return OffsetRange(topic=topic, topic_partition=number, start_offset=start, end_offset=end)


def accept(kept, topics, part: OffsetRange, **options):
    return kept.ledger.accept_loss(POLLED, topics.facts(), now=NOW, wanted=part, **options)


def test_a_range_at_the_position_is_put_on_record_and_landing_goes_on_behind_it(kept, topics, number):
    batch = plan(kept, topics)
    accepted = accept(kept, topics, wanted(number, 0, 2))
    [loss] = accepted.losses
    assert (loss.gone, loss.reason, loss.restart.next_offset) == (wanted(number, 0, 2), "given up on purpose", 2)
    assert accepted.superseded == batch.batch_id
    with pytest.raises(Fenced):
        land(kept, topics, batch)
    again = plan(kept, topics)
    assert next(part for part in again.ranges if part.topic_partition == number).start_offset == 2
    assert land(kept, topics, again).samples == 3
    view = kept.view()
    assert view.losses == [(view.positions[SNAPSHOTS, number][0], wanted(number, 0, 2))]
    assert view.positions[SNAPSHOTS, number][1:] == (0, 5)


def test_all_that_waits_may_be_given_up(kept, topics, number):
    plan(kept, topics)
    accept(kept, topics, wanted(number, 0, 5))
    assert plan(kept, topics) is None


def test_a_dry_run_tells_the_same_and_changes_nothing(kept, topics, number):
    batch = plan(kept, topics)
    before = kept.view()
    foretold = accept(kept, topics, wanted(number, 0, 2), dry_run=True)
    assert kept.view() == before
    assert land_state(kept, batch.batch_id) == "planned"
    assert accept(kept, topics, wanted(number, 0, 2)) == foretold


def land_state(kept, batch_id: int) -> str:
    return kept.view().batches[batch_id].state


def test_a_dry_run_without_a_range_tells_what_is_gone_and_changes_nothing(kept, topics, number):
    plan(kept, topics)
    topics.broker.drop_before(SNAPSHOTS, number, 3)
    before = kept.view()
    [loss] = kept.ledger.accept_loss(POLLED, topics.facts(), now=NOW, dry_run=True).losses
    assert loss.gone == wanted(number, 0, 3)
    assert kept.view() == before


def test_what_kafka_dropped_may_be_given_up_with_what_follows_it(kept, topics, number):
    plan(kept, topics)
    topics.broker.drop_before(SNAPSHOTS, number, 3)
    accept(kept, topics, wanted(number, 0, 4))
    assert land(kept, topics, plan(kept, topics)).samples == 1


@pytest.mark.parametrize(
    ("start", "end"), [(1, 3), (0, 6), (0, 0), (3, 1)], ids=["a hole", "too long", "empty", "backwards"]
)
def test_any_other_range_is_refused_with_the_one_that_is_possible(kept, topics, number, start, end):
    plan(kept, topics)
    before = kept.view()
    with pytest.raises(MisconfiguredError, match=r"begins at the position, 0, and ends at 1 to 5 \(exclusive\)"):
        accept(kept, topics, wanted(number, start, end))
    assert kept.view() == before


def test_a_range_that_has_landed_is_refused(kept, topics, number):
    land(kept, topics, plan(kept, topics))
    with pytest.raises(MisconfiguredError, match="everything up to offset 5 is landed"):
        accept(kept, topics, wanted(number, 0, 5))


def test_an_unknown_topic_or_partition_is_refused_with_the_known_ones(kept, topics, number):
    plan(kept, topics)
    with pytest.raises(MisconfiguredError, match=f"there are {SNAPSHOTS}, {SWEEPS}"):
        accept(kept, topics, wanted(0, 0, 1, topic="airtide.snapshots.vine.v1"))
    with pytest.raises(MisconfiguredError, match=r"there are 0, 1, 2, 3$"):
        accept(kept, topics, wanted(9, 0, 1))


def test_a_range_of_a_topic_made_anew_is_refused(kept, topics, number):
    plan(kept, topics)
    snapshots, sweeps = topics.facts()
    with pytest.raises(TopicReplaced):
        kept.ledger.accept_loss(
            POLLED, [replace(snapshots, topic_id="other"), sweeps], now=NOW, wanted=wanted(number, 0, 1)
        )
