"""What every `LetterStore` promises to a replay, and to the one who looks through dead letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from tests.fakes.letters import MemoryLetters
from tests.fakes.observations import TICK

from airtide.domain.batches import DeadLetter
from airtide.domain.dead_letters import LetterQuery

SNAPSHOTS, SWEEPS, OTHER = "airtide.snapshots.chzzk.v1", "airtide.sweeps.chzzk.v1", "airtide.snapshots.soop.v1"
BOTH = LetterQuery(topics=(SNAPSHOTS, SWEEPS))
HOUR = timedelta(hours=1)

Keep = Callable[..., None]


def letter(offset: int, *, number: int = 0, topic: str = SNAPSHOTS, reason: str = "invalid") -> DeadLetter:
    return DeadLetter(
        topic=topic,
        topic_partition=number,
        record_offset=offset,
        reason=reason,
        detail="what is wrong",
        raw=b"\x00\xff %d" % offset,
        headers=(("reject", "없음".encode()), ("empty", None)),
    )


@pytest.fixture(params=["memory", pytest.param("warehouse", marks=pytest.mark.integration)])
def store(request: pytest.FixtureRequest) -> Iterator[tuple[object, Keep]]:
    """A store, and the way letters come into it."""
    if request.param == "memory":
        memory = MemoryLetters()
        yield memory, memory.keep
        return
    from airtide.warehouse.connect import Role, connect
    from airtide.warehouse.dead_letters import WarehouseLetters
    from airtide.warehouse.records import land_dead_letters

    address = request.getfixturevalue("warehouse").address

    def keep(letters: Sequence[DeadLetter], *, topic_id: str, found_at: datetime) -> None:
        topic_ids = dict.fromkeys((SNAPSHOTS, SWEEPS, OTHER), topic_id)
        with connect(address, Role.INGEST) as connection:
            land_dead_letters(connection, letters, topic_ids, now=found_at)

    yield WarehouseLetters(address), keep


def places(found) -> list[tuple[str, int, int]]:
    return [(kept.letter.topic, kept.letter.topic_partition, kept.letter.record_offset) for kept in found]


def test_a_letter_comes_back_as_it_was_kept(store):
    letters, keep = store
    keep([letter(5, number=2)], topic_id="t", found_at=TICK)
    [kept] = letters.read_letters(BOTH, limit=10)
    assert (kept.letter, kept.topic_id, kept.found_at, kept.replayed_at) == (letter(5, number=2), "t", TICK, None)
    assert letters.find_letter(SNAPSHOTS, 2, 5) == kept
    assert letters.find_letter(SNAPSHOTS, 2, 6) is None
    [bare] = letters.read_letters(BOTH, limit=10, with_raw=False)
    assert bare.letter.raw is None


def test_pages_follow_one_another_without_hole_or_repeat(store):
    letters, keep = store
    kept = [letter(offset, number=number) for offset in (1, 10, 9) for number in (0, 1)]
    keep([*kept, letter(0, topic=SWEEPS), letter(0, topic=OTHER)], topic_id="t", found_at=TICK)
    read, after = [], None
    while page := letters.read_letters(BOTH, limit=2, after=after):
        assert len(page) <= 2
        read += page
        after = page[-1]
    assert places(read) == [
        *((SNAPSHOTS, number, offset) for number in (0, 1) for offset in (1, 9, 10)),
        (SWEEPS, 0, 0),
    ]


BOUNDS = [
    ({"reason": "invalid"}, [1, 3]),
    ({"found_from": TICK + HOUR}, [2, 3]),
    ({"found_until": TICK + HOUR}, [1]),
    ({"offset_from": 2}, [2, 3]),
    ({"offset_until": 2}, [1]),
    ({"offset_from": 2, "reason": "invalid", "found_from": TICK}, [3]),
]


def test_every_bound_of_a_query_counts(store):
    letters, keep = store
    keep([letter(1)], topic_id="t", found_at=TICK)
    keep([letter(2, reason="not_json"), letter(3)], topic_id="t", found_at=TICK + HOUR)
    for bounds, offsets in BOUNDS:
        query = LetterQuery(topics=(SNAPSHOTS,), **bounds)
        assert [kept.letter.record_offset for kept in letters.read_letters(query, limit=10)] == offsets, bounds
        assert sum(count.letters for count in letters.count_letters(query)) == len(offsets), bounds


def test_what_was_sent_back_is_read_no_more_and_keeps_its_first_mark(store):
    letters, keep = store
    keep([letter(1), letter(2)], topic_id="t", found_at=TICK)
    first, second = letters.read_letters(BOTH, limit=10)
    letters.mark_replayed([first], at=TICK + HOUR)
    letters.mark_replayed([first, second], at=TICK + 2 * HOUR)
    assert letters.read_letters(BOTH, limit=10) == []
    every = LetterQuery(topics=(SNAPSHOTS,), with_replayed=True)
    marks = [kept.replayed_at for kept in letters.read_letters(every, limit=10)]
    assert marks == [TICK + HOUR, TICK + 2 * HOUR]


def test_letters_of_a_topic_made_anew_stand_beside_the_old_ones(store):
    letters, keep = store
    keep([letter(1)], topic_id="old", found_at=TICK)
    keep([letter(1, reason="not_json")], topic_id="new", found_at=TICK + HOUR)
    assert len(letters.read_letters(BOTH, limit=10)) == 2
    assert letters.find_letter(SNAPSHOTS, 0, 1).topic_id == "new"


def test_letters_are_counted_by_topic_and_reason_most_first(store):
    letters, keep = store
    keep([letter(1), letter(9, topic=SWEEPS)], topic_id="t", found_at=TICK)
    keep([letter(2), letter(3, reason="not_json")], topic_id="t", found_at=TICK + HOUR)
    letters.mark_replayed(letters.read_letters(BOTH, limit=1), at=TICK + HOUR)
    every = LetterQuery(topics=(SNAPSHOTS, SWEEPS), with_replayed=True)
    counts = letters.count_letters(every)
    assert [(count.topic, count.reason, count.letters, count.replayed) for count in counts] == [
        (SNAPSHOTS, "invalid", 2, 1),
        (SNAPSHOTS, "not_json", 1, 0),
        (SWEEPS, "invalid", 1, 0),
    ]
    assert (counts[0].first_found_at, counts[0].last_found_at) == (TICK, TICK + HOUR)
