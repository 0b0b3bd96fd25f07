"""How well a sample every five minutes tells a day of this world, by the arithmetic of service itself. The world must
be rough enough to prove something, and smooth enough to be told to one percent.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from tests.unit.simulators.callers import NOON_S

from airtide.domain.cells import ObservedBroadcast, ViewerSample, cells
from airtide.domain.keys import hash_id
from airtide.domain.periods import Period
from airtide.domain.viewership import measure_day
from airtide.simulators.world import Broadcast, World
from airtide.simulators.world.world import PLATFORMS

CADENCE_S = 300
DISCOVERED_EVERY_S = 900
DAY_FROM_S = NOON_S - 12 * 3600
DAY_TO_S = DAY_FROM_S + 86_400
DAY = Period(DAY_FROM_S * 1000, DAY_TO_S * 1000)


def first_tick(platform: str, broadcast: Broadcast) -> int:
    """Give the tick that can see a broadcast first: on YouTube the one after the search that comes next."""
    if platform != "youtube":
        return broadcast.started_s
    return -(-broadcast.started_s // DISCOVERED_EVERY_S) * DISCOVERED_EVERY_S + CADENCE_S


def show_count(platform: str, viewers: int, known: bool) -> int | None:
    """Give a count as a poll of the site gets it: Kick shows a hidden one as 0, which adds nothing to hours watched."""
    return viewers if known else 0 if platform == "kick" else None


def observe_day(world: World, platform: str) -> dict[Broadcast, ObservedBroadcast]:
    """Sample the day and the instant of its end, which bounds its last cells, as polls of the site would."""
    samples: dict[Broadcast, list[ViewerSample]] = defaultdict(list)
    for tick in range(DAY_FROM_S, DAY_TO_S + CADENCE_S, CADENCE_S):
        for broadcast, viewers, known in world.live(platform, tick):
            if tick >= first_tick(platform, broadcast):
                shown = show_count(platform, viewers, known)
                seen = ViewerSample(sampled_at_ms=tick * 1000, viewers=shown, cadence_s=CADENCE_S)
                samples[broadcast].append(seen)
    return {
        broadcast: ObservedBroadcast(
            broadcast_key=hash_id(platform, broadcast.broadcast_id),
            channel_key=hash_id(platform, broadcast.channel.channel_id),
            samples=tuple(taken),
            started_at_ms=broadcast.started_s * 1000,
            ended_at_ms=broadcast.ended_s * 1000 if platform == "youtube" and not broadcast.vanishes else None,
        )
        for broadcast, taken in samples.items()
    }


def sum_estimates(platform: str, observed: dict[Broadcast, ObservedBroadcast]) -> Counter[str]:
    """Give viewer-milliseconds by channel, as a roll-up would publish them."""
    estimated: Counter[str] = Counter()
    for broadcast, seen in observed.items():
        row = measure_day(seen, DAY)
        if row is not None:
            estimated[broadcast.channel.channel_id] += row.measures.viewer_ms
    return estimated


def sum_truths(world: World, platform: str, observed: dict[Broadcast, ObservedBroadcast]) -> Counter[str]:
    """Give what was true in the day; of YouTube's broadcasts only from the beginning of their first cell on."""
    since_ms = {}
    if platform == "youtube":
        since_ms = {broadcast.broadcast_id: cells(seen)[0].start_ms for broadcast, seen in observed.items()}
    true: Counter[str] = Counter()
    for truth in world.truths(platform, DAY.start_ms, DAY.end_ms, since_ms):
        if platform != "youtube" or truth.broadcast in observed:
            true[truth.broadcast.channel.channel_id] += truth.viewer_ms
    return true


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_five_minute_samples_tell_hours_watched_within_one_percent(seed: int, platform: str) -> None:
    world = World(seed)
    observed = observe_day(world, platform)
    estimated, true = sum_estimates(platform, observed), sum_truths(world, platform, observed)
    total = sum(true.values())
    weighted_error = sum(abs(estimated[each] - true[each]) for each in true.keys() | estimated.keys()) / total
    signed_error = sum(estimated.values()) / total - 1
    assert 0.002 < weighted_error <= 0.01
    assert abs(signed_error) <= 0.002
