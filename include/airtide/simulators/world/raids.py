"""Raids: a broadcast that ends sends part of its viewers to another one, where they linger for a while."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from airtide.simulators.world.randomness import Dice, Integers
from airtide.simulators.world.schedule import Schedule

_RAIDING_SHARE: Final = 0.25
_TRIES: Final = 32
_SETTLED_S: Final = 300
_REMAINING_S: Final = 900


class Raid(NamedTuple):
    """Viewers that arrive together at a channel's broadcast of `target_day` and leave one by one."""

    target_day: int
    target_index: int
    at_s: int
    viewers: float
    stay_s: float
    """After this time about a third of them is left."""


def plan_raids(dice: Dice, schedules: Mapping[int, Schedule], day: int) -> tuple[Raid, ...]:
    """Find where the broadcasts of `day` send their viewers.

    Args:
        dice: the platform's randomness.
        schedules: at least the schedules of the day before, the day itself and the day after.
        day: the day whose broadcasts end.

    A raider draws channels until it meets one that has been live for a while and stays on; the number of draws is
    bounded, so now and then a raid finds nobody. The size is taken from the raider's usual audience, at most as
    much of it as the raider is sure to have at its end.
    """
    schedule = schedules[day]
    order = np.arange(len(schedule.live), dtype=np.int64)
    raiders = order[schedule.live & (dice.uniform("raids", order, day) < _RAIDING_SHARE)]
    at_s = schedule.ended_s[raiders]
    draws = dice.uniform("raid target", raiders[:, None], day, np.arange(_TRIES)[None, :])
    candidates = (draws * len(order)).astype(np.int64)
    viewers = schedule.usual_viewers[raiders] * (0.15 + 0.25 * dice.uniform("raid share", raiders, day))
    stay_s = 60 * (8 + 25 * dice.uniform("raid stay", raiders, day))
    target_days = (day - 1, day, day + 1)
    draw_of = np.stack([_find_open(schedules[target_day], candidates, at_s) for target_day in target_days])
    first_draw = draw_of.min(axis=0)
    target_of = draw_of.argmin(axis=0)
    return tuple(
        Raid(
            target_day=target_days[target_of[place]],
            target_index=int(candidates[place, first_draw[place]]),
            at_s=int(at_s[place]),
            viewers=float(viewers[place]),
            stay_s=float(stay_s[place]),
        )
        for place in np.flatnonzero(first_draw < _TRIES).tolist()
    )


def _find_open(schedule: Schedule, candidates: Integers, at_s: Integers) -> Integers:
    """Say for each raider which of its candidates is the first that is well on air in this schedule.

    Args:
        schedule: of one day.
        candidates: channel indexes, one row of draws per raider.
        at_s: when each raider ends.

    Returns:
        The number of the draw, or the number of draws when none of them is on air.
    """
    moment = at_s[:, None]
    fits = (
        schedule.live[candidates]
        & (schedule.started_s[candidates] + _SETTLED_S <= moment)
        & (schedule.ended_s[candidates] >= moment + _REMAINING_S)
    )
    return np.where(fits.any(axis=1), fits.argmax(axis=1), _TRIES)
