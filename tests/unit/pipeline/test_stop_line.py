"""When the bad messages of a batch are too many."""

from __future__ import annotations

import pytest
from tests.fakes.observations import TICK

from airtide.domain.batches import Batch, DeadLetter, OffsetRange, ReadBatch, SnapshotColumns
from airtide.domain.errors import TooManyBadRecords
from airtide.domain.models import Platform
from airtide.pipeline.stop_line import BadRecordLimits, check_dead_letters

SNAPSHOTS, SWEEPS = "airtide.snapshots.chzzk.v1", "airtide.sweeps.chzzk.v1"
LIMITS = BadRecordLimits(max_in_row=3, max_share=0.5, min_for_share=2)
ALL_IN_ROW = BadRecordLimits(max_in_row=1000, max_share=0.5, min_for_share=2)


def letter(offset: int, *, number: int = 0, topic: str = SNAPSHOTS, refused: bool = False) -> DeadLetter:
    return DeadLetter(
        topic=topic,
        topic_partition=number,
        record_offset=offset,
        reason="not_json",
        detail=f"cause {offset}",
        raw=b"?",
        headers=(("reject", b"no id"),) if refused else (),
    )


def check(limits: BadRecordLimits, undecoded=(), *, later=(), good: int = 1000) -> None:
    """Check a batch with `good` decoded snapshots, of which those in `later` became dead letters as well."""
    batch = Batch(
        batch_id=7,
        platform=Platform.CHZZK,
        ranges=[OffsetRange(topic=SNAPSHOTS, topic_partition=0, start_offset=0, end_offset=9)],
        topic_ids={SNAPSHOTS: "t"},
        planned_at=TICK,
    )
    snapshots = SnapshotColumns(record_offset=list(range(good)))
    read = ReadBatch(snapshots=snapshots, sweeps=[], dead_letters=list(undecoded))
    check_dead_letters(batch, read, [*undecoded, *later], limits)


def test_too_long_a_row_is_refused_with_its_first_cause_and_place():
    told = (
        rf"batch 7 of chzzk: 4 bad .* in a row \(max_bad_in_row is 3\).* {SNAPSHOTS}, partition 0, offset 5, .*cause 5"
    )
    with pytest.raises(TooManyBadRecords, match=told):
        check(LIMITS, [letter(offset) for offset in (1, 7, 6, 5, 8)])


def test_a_row_at_the_limit_passes():
    check(LIMITS, [letter(offset) for offset in (1, 2, 3, 5, 6, 7)])


def test_a_row_ends_with_its_partition():
    check(LIMITS, [*(letter(offset) for offset in (0, 1, 2)), *(letter(offset, number=1) for offset in (3, 4, 5))])


def test_a_row_of_bad_sweeps_stops_the_line_too():
    with pytest.raises(TooManyBadRecords, match=SWEEPS):
        check(LIMITS, [letter(offset, topic=SWEEPS) for offset in range(4)])


def test_a_row_counts_what_was_found_bad_after_decoding():
    with pytest.raises(TooManyBadRecords, match="4 bad"):
        check(LIMITS, [letter(1), letter(2)], later=[letter(0), letter(3)])


def test_records_that_the_poll_refused_lengthen_no_row_and_break_none():
    check(LIMITS, [letter(offset, refused=True) for offset in range(100)])
    with pytest.raises(TooManyBadRecords, match="4 bad"):
        check(LIMITS, [letter(0), letter(1), letter(2, refused=True), letter(3), letter(4)])


def test_too_large_a_share_is_refused_with_its_first_cause():
    with pytest.raises(TooManyBadRecords, match=r"6 of 11 .* \(max_bad_share is 0\.5\).* offset 20, .*cause 20"):
        check(ALL_IN_ROW, [letter(offset) for offset in range(20, 26)], good=5)


def test_half_may_be_bad_where_half_is_the_limit():
    check(ALL_IN_ROW, [letter(offset) for offset in range(20, 25)], good=5)


def test_what_decoded_is_counted_once_among_the_messages():
    check(ALL_IN_ROW, later=[letter(offset) for offset in range(5)], good=10)
    with pytest.raises(TooManyBadRecords, match="6 of 10"):
        check(ALL_IN_ROW, later=[letter(offset) for offset in range(6)], good=10)


def test_a_few_bad_messages_are_no_share():
    check(ALL_IN_ROW, [letter(0)], good=0)


def test_refused_records_and_sweeps_are_left_out_of_the_share():
    refused = [letter(offset, refused=True) for offset in range(50)]
    sweeps = [letter(offset, topic=SWEEPS) for offset in range(50)]
    check(ALL_IN_ROW, [*refused, *sweeps], good=0)
    with pytest.raises(TooManyBadRecords, match="3 of 5"):
        check(ALL_IN_ROW, [*refused, *(letter(offset) for offset in range(60, 63))], good=2)
