"""Buckets of a chart: even, aligned, few enough, and wide enough for a tick each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airtide.warehouse.queries.buckets import MOST_BUCKETS, STEPS_S, plan_buckets

INSTANTS = st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@pytest.mark.parametrize(
    ("hours", "cadence_s", "step_s"),
    [(24, 300, 300), (24, 60, 300), (2, 60, 60), (24, 600, 600), (48, 60, 600), (48, 1800, 1800), (1, 45, 60)],
)
def test_the_step_is_the_smallest_that_holds_a_tick_and_needs_few_buckets(hours, cadence_s, step_s):
    now = datetime(2026, 3, 9, 12, 7, 30, tzinfo=UTC)

    assert plan_buckets(now=now, hours=hours, cadence_s=cadence_s).step_s == step_s


def test_the_bucket_that_holds_now_is_the_last():
    buckets = plan_buckets(now=datetime(2026, 3, 9, 12, 5, tzinfo=UTC), hours=24, cadence_s=300)

    assert (buckets.from_at, buckets.count) == (datetime(2026, 3, 8, 12, 10, tzinfo=UTC), 288)
    assert buckets.to_at == datetime(2026, 3, 9, 12, 10, tzinfo=UTC)


@given(now=INSTANTS, hours=st.integers(1, 48), cadence_s=st.integers(1, 1800))
def test_buckets_are_aligned_cover_the_span_and_end_with_now(now, hours, cadence_s):
    buckets = plan_buckets(now=now, hours=hours, cadence_s=cadence_s)

    assert buckets.step_s in STEPS_S
    assert buckets.step_s >= cadence_s
    assert buckets.count <= MOST_BUCKETS
    assert buckets.count * buckets.step_s == hours * 3600
    assert buckets.from_at.timestamp() % buckets.step_s == 0
    assert buckets.index_of(now) == buckets.count - 1


@given(now=INSTANTS, place=st.integers(0, 287), seconds=st.integers(0, 299))
def test_every_instant_finds_its_bucket(now, place, seconds):
    buckets = plan_buckets(now=now, hours=24, cadence_s=300)
    inside = buckets.from_at + timedelta(seconds=place * 300 + seconds)

    assert buckets.index_of(inside) == place
    assert buckets.index_of(buckets.from_at - timedelta(seconds=1)) == -1
