"""The world as its visitors ask about it; answers are computed a day at a time and kept for the next question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from airtide.simulators.world.audience import Audience, gather_audience
from airtide.simulators.world.channels import DAY_S, Channel, ChannelTable, settle_channels
from airtide.simulators.world.measure import Truth, measure_audience
from airtide.simulators.world.raids import Raid, plan_raids
from airtide.simulators.world.randomness import Dice
from airtide.simulators.world.scenes import Scene, describe_act, find_act
from airtide.simulators.world.schedule import Broadcast, Schedule, plan_day
from airtide.simulators.world.traits import TRAITS

PLATFORMS: Final = tuple(TRAITS)
DEFAULT_CHANNELS: Final = 1700
"""Per platform: about 225 of them are live at a time, and never fewer than 150."""

_SMALL_ANSWERS: Final = 50_000


class Live(NamedTuple):
    """A broadcast that is live, and how many watch it; `known` says whether its site tells."""

    broadcast: Broadcast
    viewers: int
    known: bool


class World:
    """Channels, broadcasts and viewers of every platform.

    Two worlds of the same seed and size give equal answers to equal questions, whatever was asked before. All times
    are whole seconds since 1970 UTC unless their name says milliseconds. Safe to ask from several threads.
    """

    def __init__(self, seed: int, channels: int = DEFAULT_CHANNELS) -> None:
        """Make a world of `channels` channels on each platform."""
        self.seed = seed
        self.channels = channels
        self._dice = {platform: Dice(seed, platform) for platform in PLATFORMS}
        self._table = lru_cache(maxsize=None)(self._settle)
        self._schedule = lru_cache(maxsize=12 * len(PLATFORMS))(self._plan)
        self._raids = lru_cache(maxsize=6 * len(PLATFORMS))(self._plan_raids)
        self.audience = lru_cache(maxsize=4 * len(PLATFORMS))(self._gather)
        """By platform and day (counted from 1970): the counts of its broadcasts as arrays."""
        self._scene = lru_cache(maxsize=_SMALL_ANSWERS)(self._describe)
        self._roll = lru_cache(maxsize=_SMALL_ANSWERS)(self._draw)
        self._live = lru_cache(maxsize=16 * len(PLATFORMS))(self._list_live)

    def live(self, platform: str, at_s: int) -> tuple[Live, ...]:
        """List the broadcasts that are live at an instant, most viewers first (hidden counts included)."""
        return self._live(platform, at_s)

    def ended(self, platform: str, after_s: int, until_s: int) -> list[Broadcast]:
        """List the broadcasts whose end lies in (after_s, until_s], latest end first."""
        days = range(after_s // DAY_S - 1, until_s // DAY_S + 1)
        ended = [
            broadcast
            for day in days
            for broadcast in self._schedule(platform, day).broadcasts
            if after_s < broadcast.ended_s <= until_s
        ]
        return sorted(ended, key=lambda broadcast: -broadcast.ended_s)

    def find_broadcast(self, platform: str, broadcast_id: str, at_s: int) -> Broadcast | None:
        """Find a broadcast by its id among those of the days around an instant; None if there is none."""
        for day in self._days_around(at_s):
            broadcast = self._schedule(platform, day).by_id.get(broadcast_id)
            if broadcast:
                return broadcast
        return None

    def broadcasts_of(self, platform: str, channel: Channel, at_s: int) -> list[Broadcast]:
        """List a channel's broadcasts of the days around an instant, latest start first."""
        schedules = (self._schedule(platform, day) for day in self._days_around(at_s))
        return [schedule.announce(channel.index) for schedule in schedules if schedule.live[channel.index]]

    def broadcasts_of_day(self, platform: str, day: int) -> tuple[Broadcast, ...]:
        """List the broadcasts that belong to a day (counted from 1970), in the order of the channels."""
        return self._schedule(platform, day).broadcasts

    def channel(self, platform: str, channel_id: str) -> Channel | None:
        """Find a channel by its id; None if there is none."""
        return self._table(platform).by_id.get(channel_id)

    def channel_table(self, platform: str) -> ChannelTable:
        """Give all channels of a platform."""
        return self._table(platform)

    def scene(self, platform: str, broadcast: Broadcast, at_s: int) -> Scene:
        """Describe what a broadcast shows at an instant."""
        return self._scene(platform, broadcast.channel.index, broadcast.day, find_act(broadcast, at_s))

    def roll(self, platform: str, name: str, *coordinates: int) -> float:
        """Give a number in [0, 1) for whatever else a site needs to decide."""
        return self._roll(platform, name, *coordinates)

    def truths(self, platform: str, from_ms: int, to_ms: int, since_ms: Mapping[str, int]) -> Iterator[Truth]:
        """Measure exactly every broadcast that is live in [from_ms, to_ms); `since_ms` as for `measure_audience`."""
        for day in range(from_ms // 1000 // DAY_S - 1, (to_ms - 1) // 1000 // DAY_S + 1):
            yield from measure_audience(self.audience(platform, day), from_ms, to_ms, since_ms)

    def _days_around(self, at_s: int) -> range:
        """Give the days, latest first, whose broadcasts are announced, live or ended less than a day ago."""
        return range(at_s // DAY_S + 1, at_s // DAY_S - 3, -1)

    def _list_live(self, platform: str, at_s: int) -> tuple[Live, ...]:
        found: list[Live] = []
        # a broadcast may last into the day after the one it belongs to, never further
        for day in (at_s // DAY_S - 1, at_s // DAY_S):
            audience = self.audience(platform, day)
            rows, places = audience.places_at(at_s)
            broadcasts = audience.schedule.broadcasts
            counts = zip(rows.tolist(), audience.viewers[places].tolist(), audience.known[places].tolist(), strict=True)
            found += [Live(broadcasts[row], viewers, known) for row, viewers, known in counts]
        return tuple(sorted(found, key=lambda live: -live.viewers))

    def _describe(self, platform: str, index: int, day: int, act: int) -> Scene:
        return describe_act(self._dice[platform], TRAITS[platform], self._table(platform).channels[index], day, act)

    def _draw(self, platform: str, name: str, *coordinates: int) -> float:
        return self._dice[platform].roll(name, *coordinates)

    def _settle(self, platform: str) -> ChannelTable:
        return settle_channels(self._dice[platform], TRAITS[platform], self.channels)

    def _plan(self, platform: str, day: int) -> Schedule:
        return plan_day(self._dice[platform], TRAITS[platform], self._table(platform), day)

    def _plan_raids(self, platform: str, day: int) -> tuple[Raid, ...]:
        schedules = {near: self._schedule(platform, near) for near in (day - 1, day, day + 1)}
        return plan_raids(self._dice[platform], schedules, day)

    def _gather(self, platform: str, day: int) -> Audience:
        raids = [raid for near in (day - 1, day, day + 1) for raid in self._raids(platform, near)]
        table, schedule = self._table(platform), self._schedule(platform, day)
        return gather_audience(self._dice[platform], TRAITS[platform], table, schedule, raids)
