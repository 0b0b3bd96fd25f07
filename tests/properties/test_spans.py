"""Spans are sets of offsets: what they join and subtract is what sets do."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from airtide.domain.spans import count_offsets, join_spans, subtract_spans

spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=8)


def offsets(some: list[tuple[int, int]]) -> set[int]:
    return {offset for start, end in some for offset in range(start, end)}


@given(spans)
def test_joined_spans_are_the_same_offsets_in_order_and_apart(some):
    joined = join_spans(some)
    assert offsets(joined) == offsets(some)
    assert count_offsets(joined) == len(offsets(some))
    assert all(start < end for start, end in joined)
    assert all(one[1] < following[0] for one, following in pairwise(joined))


@given(spans, spans)
def test_what_is_subtracted_is_gone_and_nothing_else(some, taken):
    left = subtract_spans(join_spans(some), join_spans(taken))
    assert offsets(left) == offsets(some) - offsets(taken)
    assert left == sorted(left)
    assert all(start < end for start, end in left)
