"""DuckDB makes of a day's snapshots what the plain arithmetic makes of its samples, to the last unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine_days import assert_rows, tell_bounds, tell_snapshots
from tests.properties.broadcast_strategies import NOON_MS, ZONE_DAYS, broadcasts

from airtide.domain.cells import ObservedBroadcast, ViewerSample
from airtide.domain.errors import ObjectMissing
from airtide.domain.periods import HOUR_MS, Period, ZoneDay
from airtide.domain.recomputed import BROADCAST_DAY, DAY_TABLES, DaySnapshots
from airtide.engines.duckdb import DuckDbEngine
from airtide.engines.statements import DAY_STEPS, SHARE_STEPS, read_step

ENGINE = DuckDbEngine(threads=1)
NEAR_DAYS = [day for day in ZONE_DAYS if day.period.meets(NOON_MS - 30 * HOUR_MS, NOON_MS + 72 * HOUR_MS)]
"""Those that most broadcasts lie in, of 23 and 25 hours too."""
BERLIN_DAYS = (
    ZoneDay("Europe/Berlin", "2026-03-29", Period(1_774_738_800_000, 1_774_738_800_000 + 23 * HOUR_MS)),
    ZoneDay("Europe/Berlin", "2026-10-25", Period(1_792_879_200_000, 1_792_879_200_000 + 25 * HOUR_MS)),
)
NOT_COMMON = r"\b(LEAST|GREATEST|FILTER|QUALIFY|LIMIT|DISTINCT ON|MIN_BY|MAX_BY|ARG_MIN|ARG_MAX|LATERAL)\b|::|//|\$|%"
"""What engines spell or mean otherwise."""


def watch(*samples: tuple[float, int | None], cadence_s: int = 60, **bounds: int) -> ObservedBroadcast:
    """Return a broadcast of samples given as (minutes after the first day in Berlin begins, viewers)."""
    starts_s = BERLIN_DAYS[0].period.start_ms // 1000
    return ObservedBroadcast(
        broadcast_key=1,
        channel_key=1,
        samples=tuple(
            ViewerSample(sampled_at_ms=(starts_s + round(60 * minutes)) * 1000, viewers=viewers, cadence_s=cadence_s)
            for minutes, viewers in samples
        ),
        **bounds,
    )


def read_airtime_ms(told: ObservedBroadcast, day: ZoneDay) -> int:
    with ENGINE.recompute(day, tell_snapshots([told], day), tell_bounds([told], day)) as recomputed:
        [row] = recomputed.read_rows(BROADCAST_DAY)
    return row[BROADCAST_DAY.columns.index("airtime_ms")]


@st.composite
def crowds(draw: st.DrawFn) -> list[ObservedBroadcast]:
    return [draw(broadcasts(key=key)) for key in range(1, draw(st.integers(1, 8)) + 1)]


@settings(max_examples=25)
@given(crowds(), st.sampled_from(NEAR_DAYS), st.integers(0, 99))
def test_any_day_of_any_broadcasts_is_recomputed_to_the_last_unit(
    told: Sequence[ObservedBroadcast], day: ZoneDay, seed: int
) -> None:
    with ENGINE.recompute(day, tell_snapshots(told, day, seed=seed), tell_bounds(told, day)) as recomputed:
        assert_rows(recomputed, "soop", told, day)


def test_broadcasts_worked_on_in_many_shares_make_the_same_day() -> None:
    told = [
        ObservedBroadcast(
            broadcast_key=(key << 58) + key,
            channel_key=key % 3,
            samples=tuple(
                replace(sample, viewers=key, category_key=key % 2, language="ko" if key % 5 else "en")
                for sample in watch((590 + key, 1), (591 + key, 1), (600 + 2 * key, 1)).samples
            ),
        )
        for key in range(1, 31)
    ]
    engine = DuckDbEngine(threads=1, rows_a_share=9)
    day = BERLIN_DAYS[0]
    with engine.recompute(day, tell_snapshots(told, day), tell_bounds(told, day)) as recomputed:
        assert_rows(recomputed, "soop", told, day)


@pytest.mark.parametrize("day", BERLIN_DAYS, ids=lambda day: day.day)
def test_days_on_which_berlin_turns_its_clocks_have_23_and_25_hours(day: ZoneDay) -> None:
    hours = (day.period.end_ms - day.period.start_ms) // HOUR_MS
    ticks_s = range(day.period.start_ms // 1000 - 3600, day.period.end_ms // 1000 + 3600, 1800)
    told = [
        ObservedBroadcast(
            broadcast_key=1,
            channel_key=1,
            samples=tuple(ViewerSample(sampled_at_ms=tick * 1000, viewers=10, cadence_s=1800) for tick in ticks_s),
        )
    ]
    assert read_airtime_ms(told[0], day) == hours * HOUR_MS
    with ENGINE.recompute(day, tell_snapshots(told, day), tell_bounds(told, day)) as recomputed:
        assert_rows(recomputed, "soop", told, day)


def test_a_sample_without_a_neighbour_stands_for_one_cadence_and_not_for_the_widest_gap() -> None:
    # LEAST passes over NULL: written with it, the last sample would reach as far as the limit of three cadences
    assert read_airtime_ms(watch((600, 100)), BERLIN_DAYS[0]) == 60_000
    assert read_airtime_ms(watch((600, 100), (601, None)), BERLIN_DAYS[0]) == 120_000


def test_a_missing_start_or_end_is_not_taken_for_one_that_is_met() -> None:
    middle_ms = BERLIN_DAYS[0].period.start_ms + 600 * 60_000
    assert read_airtime_ms(watch((600, 100), started_at_ms=middle_ms - 170_000), BERLIN_DAYS[0]) == 200_000
    assert read_airtime_ms(watch((600, 100), ended_at_ms=middle_ms + 170_000), BERLIN_DAYS[0]) == 200_000
    assert read_airtime_ms(watch((600, 100), ended_at_ms=middle_ms + 190_000), BERLIN_DAYS[0]) == 60_000


def test_a_day_without_anything_has_no_rows() -> None:
    with ENGINE.recompute(BERLIN_DAYS[0], [], []) as recomputed:
        assert [list(recomputed.read_rows(table)) for table in DAY_TABLES] == [[] for _ in DAY_TABLES]


def test_a_start_that_only_the_snapshots_tell_counts() -> None:
    told = watch((600, 100), (601, 100))
    [[bound]] = tell_bounds([told], BERLIN_DAYS[0])
    parts = [
        replace(part, started_ms=np.full(len(part.at_s), told.samples[0].sampled_at_ms - 60_000))
        for part in tell_snapshots([told], BERLIN_DAYS[0])
    ]
    with ENGINE.recompute(BERLIN_DAYS[0], parts, [[bound]]) as recomputed:
        [row] = recomputed.read_rows(BROADCAST_DAY)
    assert row[BROADCAST_DAY.columns.index("live_ms")] == 60_000 + 60_000 + 30_000


def test_what_goes_wrong_with_a_snapshot_on_its_way_is_told_as_it_is() -> None:
    def break_off() -> Iterator[DaySnapshots]:
        raise ObjectMissing("there is no object x")
        yield

    with pytest.raises(ObjectMissing), ENGINE.recompute(BERLIN_DAYS[0], break_off(), []):
        pass


@pytest.mark.parametrize("step", [*SHARE_STEPS, *DAY_STEPS])
def test_the_text_keeps_to_what_every_engine_reads_alike(step: str) -> None:
    text = re.sub(r"--.*", "", read_step(step))
    assert re.findall(NOT_COMMON, text, re.IGNORECASE) == []
