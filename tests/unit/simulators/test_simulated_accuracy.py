"""How well a sample every five minutes tells a day of this world, by the rule that a sample stands for the time
nearest to it. The world must be rough enough to prove something, and smooth enough to be told to one percent.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from tests.unit.simulators.callers import NOON_S

from airtide.simulators.world import Broadcast, World
from airtide.simulators.world.world import PLATFORMS

CADENCE_S = 300
DAY_FROM_S = NOON_S - 12 * 3600
DAY_TO_S = DAY_FROM_S + 86_400


def find_bounds(broadcast: Broadcast, ticks: list[int], place: int, ends_are_told: bool) -> tuple[float, float]:
    """Give the span of time, in seconds, for which the sample at ticks[place] stands."""
    tick = ticks[place]
    if place:
        begin = (ticks[place - 1] + tick) / 2
    else:
        begin = broadcast.started_s if tick - broadcast.started_s <= 3 * CADENCE_S else tick - CADENCE_S / 2
    if place + 1 < len(ticks):
        return begin, (tick + ticks[place + 1]) / 2
    told = ends_are_told and not broadcast.vanishes and broadcast.ended_s - tick <= 3 * CADENCE_S
    return begin, broadcast.ended_s if told else tick + CADENCE_S / 2


def estimate_day(world: World, platform: str) -> Counter[str]:
    """Sample the day and its edges, and give viewer-milliseconds by channel."""
    samples: dict[Broadcast, dict[int, int | None]] = defaultdict(dict)
    for tick in range(DAY_FROM_S - 6 * CADENCE_S, DAY_TO_S + 6 * CADENCE_S, CADENCE_S):
        for live in world.live(platform, tick):
            samples[live.broadcast][tick] = live.viewers if live.known else None
    estimated: Counter[str] = Counter()
    for broadcast, counts in samples.items():
        ticks = list(counts)
        for place, viewers in enumerate(counts.values()):
            begin, end = find_bounds(broadcast, ticks, place, ends_are_told=platform == "youtube")
            inside_ms = round(1000 * (min(end, DAY_TO_S) - max(begin, DAY_FROM_S)))
            if inside_ms > 0 and viewers is not None:
                estimated[broadcast.channel.channel_id] += viewers * inside_ms
    return estimated


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_five_minute_samples_tell_hours_watched_within_one_percent(seed: int) -> None:
    world = World(seed)
    for platform in PLATFORMS:
        true: Counter[str] = Counter()
        for truth in world.truths(platform, DAY_FROM_S * 1000, DAY_TO_S * 1000, {}):
            true[truth.broadcast.channel.channel_id] += truth.viewer_ms
        estimated = estimate_day(world, platform)
        total = sum(true.values())
        weighted_error = sum(abs(estimated[each] - true[each]) for each in true.keys() | estimated.keys()) / total
        signed_error = sum(estimated.values()) / total - 1
        assert 0.002 < weighted_error < 0.01
        assert abs(signed_error) < 0.002
