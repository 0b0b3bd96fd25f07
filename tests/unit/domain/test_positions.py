"""What comes next in a topic, and what is gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from airtide.domain.batches import OffsetRange, TopicFacts
from airtide.domain.errors import MessagesLost, MisconfiguredError, OffsetAhead, TopicReplaced
from airtide.domain.models import Platform
from airtide.domain.positions import Position, cap_ranges, check_position, find_losses

TOPIC = "airtide.snapshots.soop.v1"


def facts(*, low: dict[int, int], end: dict[int, int], topic_id: str = "id-1") -> TopicFacts:
    return TopicFacts(topic=TOPIC, topic_id=topic_id, low_offsets=low, end_offsets=end)


def position(next_offset: int, number: int = 0) -> Position:
    return Position(topic=TOPIC, topic_partition=number, topic_id="id-1", next_offset=next_offset)


def ends(positions: list[Position], topic: TopicFacts, max_messages: int) -> list[int]:
    return [part.end_offset for part in cap_ranges(positions, topic, max_messages)]


def test_all_that_waits_is_taken_when_it_is_not_too_much():
    assert ends([position(3), position(4, 1)], facts(low={0: 0, 1: 0}, end={0: 10, 1: 4}), 7) == [10, 4]


def test_what_is_too_much_is_taken_in_proportion():
    assert ends([position(0), position(100, 1)], facts(low={0: 0, 1: 0}, end={0: 900, 1: 200}), 100) == [90, 110]


@pytest.mark.parametrize("max_messages", [1, 2, 3])
def test_a_cut_batch_always_moves_on(max_messages):
    taken = ends([position(0), position(0, 1), position(0, 2)], facts(low={}, end={0: 1, 1: 1000, 2: 0}), max_messages)
    assert sum(taken) >= 1
    assert taken[2] == 0
    assert sum(taken) <= max_messages + 3


def test_a_position_at_either_edge_of_the_topic_is_sound():
    topic = facts(low={0: 5}, end={0: 9})
    check_position(position(5), topic, Platform.SOOP)
    check_position(position(9), topic, Platform.SOOP)
    assert list(find_losses([position(5)], topic)) == []
    assert list(find_losses([position(9)], topic)) == []


@pytest.mark.parametrize(
    ("at", "topic", "error"),
    [
        (4, facts(low={0: 5}, end={0: 9}), MessagesLost),
        (10, facts(low={0: 5}, end={0: 9}), OffsetAhead),
        (7, facts(low={0: 5}, end={0: 9}, topic_id="id-2"), TopicReplaced),
        (7, facts(low={1: 5}, end={1: 9}), MisconfiguredError),
    ],
)
def test_a_position_that_does_not_fit_is_refused_by_name(at, topic, error):
    with pytest.raises(error, match=TOPIC):
        check_position(position(at), topic, Platform.SOOP)


def test_a_loss_tells_what_is_gone_and_where_it_goes_on():
    [loss] = find_losses([position(4)], facts(low={0: 7}, end={0: 9}))
    assert (loss.gone.start_offset, loss.gone.end_offset, loss.restart.next_offset) == (4, 7, 7)


def test_of_a_topic_made_anew_nobody_knows_how_much_is_gone():
    [loss] = find_losses([position(4)], facts(low={0: 0}, end={0: 9}, topic_id="id-2"))
    assert (loss.gone.start_offset, loss.gone.end_offset, loss.topic_id) == (4, 4, "id-1")
    assert (loss.restart.next_offset, loss.restart.topic_id) == (0, "id-2")


def test_a_log_cut_short_is_begun_anew_in_every_partition_under_an_id_of_its_own():
    topic = facts(low={0: 2, 1: 3}, end={0: 9, 1: 9})
    losses = find_losses([position(10), position(5, 1)], topic)
    assert [(loss.gone.start_offset, loss.gone.end_offset, loss.topic_id) for loss in losses] == [
        (10, 10, "id-1"),
        (5, 5, "id-1"),
    ]
    restarts = [loss.restart for loss in losses]
    assert [(restart.topic_id, restart.next_offset) for restart in restarts] == [("id-1~2", 2), ("id-1~2", 3)]
    for restart in restarts:
        check_position(restart, topic, Platform.SOOP)
    [again] = find_losses([restarts[0]], facts(low={0: 0}, end={0: 1}))
    assert again.restart.topic_id == "id-1~3"


def test_a_log_that_ends_before_what_is_planned_was_cut_short_too():
    topic = facts(low={0: 0}, end={0: 9})
    planned = [OffsetRange(topic=TOPIC, topic_partition=0, start_offset=5, end_offset=10)]
    [loss] = find_losses([position(5)], topic, planned)
    assert (loss.gone.start_offset, loss.restart.topic_id, loss.restart.next_offset) == (5, "id-1~2", 0)


def test_what_was_dropped_of_a_topic_begun_anew_is_counted_in_its_new_life():
    [loss] = find_losses([replace(position(4), topic_id="id-1~2")], facts(low={0: 7}, end={0: 9}))
    assert (loss.topic_id, loss.restart.topic_id, loss.restart.next_offset) == ("id-1~2", "id-1~2", 7)
