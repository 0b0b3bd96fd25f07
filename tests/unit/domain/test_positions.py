"""What comes next in a topic, and what is gone."""

from __future__ import annotations

import pytest

from airtide.domain.batches import TopicFacts
from airtide.domain.errors import MessagesLost, MisconfiguredError, OffsetAhead, TopicReplaced
from airtide.domain.models import Platform
from airtide.domain.positions import Position, cap_ranges, check_position, find_loss

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
    assert find_loss(position(5), topic) is None


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
    loss = find_loss(position(4), facts(low={0: 7}, end={0: 9}))
    assert (loss.gone.start_offset, loss.gone.end_offset, loss.restart.next_offset) == (4, 7, 7)


def test_of_a_topic_made_anew_nobody_knows_how_much_is_gone():
    loss = find_loss(position(4), facts(low={0: 0}, end={0: 9}, topic_id="id-2"))
    assert (loss.gone.start_offset, loss.gone.end_offset, loss.topic_id) == (4, 4, "id-1")
    assert (loss.restart.next_offset, loss.restart.topic_id) == (0, "id-2")
