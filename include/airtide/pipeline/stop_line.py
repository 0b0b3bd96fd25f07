"""Stops the line when a batch holds too many dead letters: a parser, a version or a store is wrong, not a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from airtide.domain.batches import SNAPSHOTS, Batch, DeadLetter, ReadBatch, kind_of_topic
from airtide.domain.errors import TooManyBadRecords

REJECT_HEADER = "reject"
"""Marks a record that the poll had refused and reported before landing met it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRecordLimits:
    """How much of one batch may be bad; what is above stops the line."""

    max_in_row: int
    """Messages of one topic partition, without a good one between them."""
    max_share: float
    """Of the batch's snapshot messages, 0 to 1."""
    min_for_share: int
    """Fewer bad snapshot messages than this are never too large a share."""


def check_dead_letters(
    batch: Batch, read: ReadBatch, dead_letters: Sequence[DeadLetter], limits: BadRecordLimits
) -> None:
    """Raise `TooManyBadRecords`, which names the first cause and its place, when a batch passes a limit.

    `dead_letters` are all of the batch, those of `read` among them. Records that the poll refused count neither as bad
    nor as messages, and a row of bad ones goes on behind them.
    """
    by_place = sorted(dead_letters, key=lambda letter: (letter.topic, letter.topic_partition, letter.record_offset))
    row = _find_longest_row(by_place)
    if len(row) > limits.max_in_row:
        raise _stop(batch, f"{len(row)} bad messages in a row (max_bad_in_row is {limits.max_in_row})", row[0])
    bad = [letter for letter in by_place if kind_of_topic(letter.topic) == SNAPSHOTS and not _was_refused(letter)]
    undecoded = sum(
        kind_of_topic(letter.topic) == SNAPSHOTS and not _was_refused(letter) for letter in read.dead_letters
    )
    messages = len(read.snapshots) + undecoded
    if len(bad) >= limits.min_for_share and len(bad) > limits.max_share * messages:
        told = f"{len(bad)} of {messages} snapshot messages are bad (max_bad_share is {limits.max_share:g})"
        raise _stop(batch, told, bad[0])


def _find_longest_row(by_place: Sequence[DeadLetter]) -> list[DeadLetter]:
    longest: list[DeadLetter] = []
    for _, letters in groupby(by_place, key=lambda letter: (letter.topic, letter.topic_partition)):
        row: list[DeadLetter] = []
        following = None
        for letter in letters:
            if letter.record_offset != following:
                row = []
            following = letter.record_offset + 1
            if not _was_refused(letter):
                row.append(letter)
            if len(row) > len(longest):
                longest = row
    return longest


def _was_refused(letter: DeadLetter) -> bool:
    return any(name == REJECT_HEADER for name, _ in letter.headers)


def _stop(batch: Batch, told: str, first: DeadLetter) -> TooManyBadRecords:
    return TooManyBadRecords(
        f"batch {batch.batch_id} of {batch.platform}: {told}. The first, {first.topic}, partition "
        f"{first.topic_partition}, offset {first.record_offset}, is {first.reason}: {first.detail}. Nothing of the "
        "batch is written; it lands once the cause is mended or the limits in settings.landing are raised"
    )
