"""The weights that explain a broadcast's day add up to its row, though only samples around the day are looked at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.properties.broadcast_strategies import ZONE_DAYS, broadcasts

from airtide.domain.cells import ObservedBroadcast
from airtide.domain.explaining import SampledStretch, explain_day, near
from airtide.domain.periods import Period
from airtide.domain.viewership import measure_day


def cut(broadcast: ObservedBroadcast, day: Period) -> SampledStretch:
    around = near(day)
    return SampledStretch(
        samples=tuple(sample for sample in broadcast.samples if around.holds(sample.sampled_at_ms)),
        first_sampled_at_ms=broadcast.samples[0].sampled_at_ms,
        last_sampled_at_ms=broadcast.samples[-1].sampled_at_ms,
        started_at_ms=broadcast.started_at_ms,
        ended_at_ms=broadcast.ended_at_ms,
    )


@given(broadcasts(max_size=20))
def test_an_explained_day_is_the_row_of_the_day(broadcast):
    for day in ZONE_DAYS:
        explained = explain_day(cut(broadcast, day.period), day.period)

        assert (explained and explained.totals) == measure_day(broadcast, day.period)


@given(broadcasts(max_size=20), st.sampled_from(ZONE_DAYS))
def test_weights_add_up_to_the_numbers_beside_them(broadcast, day):
    explained = explain_day(cut(broadcast, day.period), day.period)
    if explained is None:
        return
    samples, measures = explained.samples, explained.totals.measures

    assert sum(one.weight_ms for one in samples) == measures.airtime_ms
    assert sum(one.viewer_ms for one in samples) == measures.viewer_ms
    assert sum(one.weight_ms for one in samples if one.cell.sample.viewers is not None) == measures.known_airtime_ms
    assert sum(one.is_inside for one in samples) == measures.samples
    inside = [one.cell.sample.viewers for one in samples if one.is_inside and one.cell.sample.viewers is not None]
    assert (max(inside, default=None), len(inside)) == (measures.peak_viewers, measures.known_samples)
