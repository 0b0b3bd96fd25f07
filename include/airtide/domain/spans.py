"""Sets of offsets as spans [start, end), in order and apart from each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Span = tuple[int, int]


def join_spans(spans: Iterable[Span]) -> list[Span]:
    """Return the set of all offsets in `spans`, which may overlap and come in any order."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def subtract_spans(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """Return the offsets of `spans` that are not in `taken`."""
    left: list[Span] = []
    place = 0
    for start, end in spans:
        while place < len(taken) and taken[place][1] <= start:
            place += 1
        number, begin = place, start
        while number < len(taken) and taken[number][0] < end:
            if begin < taken[number][0]:
                left.append((begin, taken[number][0]))
            begin = max(begin, taken[number][1])
            number += 1
        if begin < end:
            left.append((begin, end))
    return left


def count_offsets(spans: Iterable[Span]) -> int:
    """Return how many offsets are in `spans`."""
    return sum(end - start for start, end in spans)
