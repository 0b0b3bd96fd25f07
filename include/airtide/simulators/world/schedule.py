"""Who is live when: every channel starts at most one broadcast a day, and none lasts into the next but one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from airtide.simulators.world.channels import DAY_S, Channel, ChannelTable
from airtide.simulators.world.randomness import Dice, Flags, Floats, Integers
from airtide.simulators.world.traits import Traits

MEDIAN_LENGTH_S: Final = 195 * 60
_SHORTEST_S: Final = 20 * 60
_LONGEST_S: Final = 14 * 3600
_SHORTEST_ACT_S: Final = 40 * 60
_ACTS_DIFFER_S: Final = 120 * 60
_LATEST_AFTER_HABIT_S: Final = 90 * 60
"""With the longest broadcast this stays under a day, so that a channel is never live twice at once."""


class Broadcast(NamedTuple):
    """One live session. Times are whole seconds since 1970 UTC; it is live in [started_s, ended_s)."""

    broadcast_id: str
    channel: Channel
    day: int
    started_s: int
    ended_s: int
    published_s: int
    """When its page appeared on the site: a little before the start, earlier when it was announced."""
    act_s: int
    """How long its title and category stay the same."""
    vanishes: bool
    """Whether it is gone from the site as soon as it has ended."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The broadcasts that belong to one UTC day (days since 1970); a few start just after its end.

    The arrays run over all channels; where `live` is false their other values mean nothing.
    """

    day: int
    live: Flags
    started_s: Integers
    ended_s: Integers
    usual_viewers: Floats
    announce: Callable[[int], Broadcast] = field(repr=False)
    """Gives the broadcast of a channel that is live this day, by its index."""

    @cached_property
    def broadcasts(self) -> tuple[Broadcast, ...]:
        """Those of the channels that are live this day, in the order of the channels.

        Made when first asked for: raids and audiences of neighbouring days need the arrays alone.
        """
        return tuple(map(self.announce, np.flatnonzero(self.live).tolist()))

    @cached_property
    def by_id(self) -> dict[str, Broadcast]:
        """The same by their ids."""
        return {broadcast.broadcast_id: broadcast for broadcast in self.broadcasts}


def plan_day(dice: Dice, traits: Traits, table: ChannelTable, day: int) -> Schedule:
    """Draw the broadcasts of one day."""
    order = np.arange(len(table.channels), dtype=np.int64)
    length = MEDIAN_LENGTH_S * table.usual_length * np.exp(0.5 * dice.normal("length", order, day))
    delay = _LATEST_AFTER_HABIT_S * dice.uniform("delay", order, day)
    started_s = (day * DAY_S + table.habit_s + delay).astype(np.int64)
    ended_s = started_s + np.clip(length, _SHORTEST_S, _LONGEST_S).astype(np.int64)
    return Schedule(
        day=day,
        live=dice.uniform("live", order, day) < table.live_share,
        started_s=started_s,
        ended_s=ended_s,
        usual_viewers=table.usual_viewers * np.exp(0.25 * dice.normal("turnout", order, day)),
        announce=lambda index: _announce(dice, traits, table, day, index, int(started_s[index]), int(ended_s[index])),
    )


def _announce(
    dice: Dice, traits: Traits, table: ChannelTable, day: int, index: int, started_s: int, ended_s: int
) -> Broadcast:
    chance = dice.roll("announcement", index, day)
    lead_s = 5 + int(chance * 115) if chance < 0.8 else int((chance - 0.8) * 12_000)
    return Broadcast(
        broadcast_id=traits.make_broadcast_id(dice, traits.make_broadcast_number(day, index, len(table.channels))),
        channel=table.channels[index],
        day=day,
        started_s=started_s,
        ended_s=ended_s,
        published_s=started_s - lead_s,
        act_s=_SHORTEST_ACT_S + int(_ACTS_DIFFER_S * dice.roll("act length", index, day)),
        vanishes=dice.roll("vanishes", index, day) < 0.03,
    )
