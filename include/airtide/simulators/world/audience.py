"""How many watch each broadcast of a day, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from airtide.simulators.world.channels import ChannelTable
from airtide.simulators.world.raids import Raid
from airtide.simulators.world.randomness import Dice, Flags, Floats, Integers, mix
from airtide.simulators.world.schedule import Schedule
from airtide.simulators.world.traits import Traits

STEP_S: Final = 15
"""How long a count stays the same, so that a sum of counts is the exact truth."""
STEP_LEAD_S: Final = 7
"""How long before a multiple of STEP_S its step begins: a poll at a whole minute meets the middle of a step, not the
first second of it, and so does not run ahead of every rise."""

_WALK_PER_STEP: Final = 0.03 * (STEP_S / 60) ** 0.5
"""Usual drift of log viewers: 3 % per square root of a minute."""
_WALK_BOUND: Final = 0.7
_RAMP_S: Final = 600
_FOUR_WORDS_MEAN: Final = 4 * 65_535 // 2
_FOUR_WORDS_DEVIATION: Final = (4 * (65_536**2 - 1) / 12) ** 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """The counts of one schedule's broadcasts, laid end to end.

    Row r is `schedule.broadcasts[r]`; its count in step s, while it is live, is
    `viewers[offset[r] + s - first_step[r]]`. Step s is [s * STEP_S - STEP_LEAD_S, (s + 1) * STEP_S - STEP_LEAD_S).
    """

    schedule: Schedule
    started_s: Integers
    ended_s: Integers
    first_step: Integers
    offset: Integers
    """One longer than the rows: row r ends where row r + 1 begins."""
    viewers: NDArray[np.int32]
    known: Flags
    """Whether the site tells this count; as long as `viewers`."""

    def places_at(self, at_s: int) -> tuple[Integers, Integers]:
        """Say which rows are live at an instant, and where in `viewers` and `known` each stands then."""
        rows = np.flatnonzero((self.started_s <= at_s) & (at_s < self.ended_s))
        return rows, self.offset[rows] + (at_s + STEP_LEAD_S) // STEP_S - self.first_step[rows]


def gather_audience(
    dice: Dice,
    traits: Traits,
    table: ChannelTable,
    schedule: Schedule,
    raids: Iterable[Raid],
    steps_at_once: int = 30_000,
) -> Audience:
    """Compute every count of a schedule: usual size, ramp-up, drift, raids that arrive, and hidden stretches.

    The rows are worked through about `steps_at_once` steps at a time, which bounds memory and changes no count.
    """
    index = np.flatnonzero(schedule.live)
    first_step, offset = _lay_out(schedule, index)
    raids_of: dict[int, list[Raid]] = {}
    for raid in raids:
        if raid.target_day == schedule.day:
            raids_of.setdefault(raid.target_index, []).append(raid)
    viewers = np.empty(offset[-1], dtype=np.int32)
    known = np.empty(offset[-1], dtype=np.bool_)
    for first, last in pairwise(_cut_rows(offset, steps_at_once)):
        place = slice(offset[first], offset[last])
        viewers[place], known[place] = _count(dice, traits, table, schedule, raids_of, index[first:last])
    return Audience(
        schedule=schedule,
        started_s=schedule.started_s[index],
        ended_s=schedule.ended_s[index],
        first_step=first_step,
        offset=offset,
        viewers=viewers,
        known=known,
    )


def _lay_out(schedule: Schedule, index: Integers) -> tuple[Integers, Integers]:
    """Give the first step of each channel's broadcast, and where each begins when their steps lie end to end."""
    first_step = (schedule.started_s[index] + STEP_LEAD_S) // STEP_S
    steps = (schedule.ended_s[index] - 1 + STEP_LEAD_S) // STEP_S - first_step + 1
    return first_step, np.concatenate(([0], np.cumsum(steps)))


def _cut_rows(offset: Integers, steps_at_once: int) -> list[int]:
    """Give the rows at which to cut, the first and the end among them."""
    cuts = np.searchsorted(offset[:-1], np.arange(0, offset[-1], steps_at_once))
    return [*np.unique(cuts).tolist(), len(offset) - 1]


def _count(
    dice: Dice,
    traits: Traits,
    table: ChannelTable,
    schedule: Schedule,
    raids_of: Mapping[int, Sequence[Raid]],
    index: Integers,
) -> tuple[NDArray[np.int32], Flags]:
    """Compute the counts of some channels' broadcasts, end to end, and whether the site tells each."""
    first_step, offset = _lay_out(schedule, index)
    steps = np.diff(offset)
    row = np.repeat(np.arange(len(index)), steps)
    step = np.arange(offset[-1]) - offset[row] + first_step[row]

    expected = schedule.usual_viewers[index][row] * np.exp(_drift(dice, schedule.day, index, row, step, offset))
    age_s = step * STEP_S - schedule.started_s[index][row]
    opening = traits.opening_share
    expected *= np.minimum(opening + (1 - opening) / _RAMP_S * np.maximum(age_s, 0), 1)
    for target, channel in enumerate(index.tolist()):
        for raid in raids_of.get(channel, ()):
            begin = offset[target] - first_step[target] + -(-(raid.at_s + STEP_LEAD_S) // STEP_S)
            expected[begin : offset[target + 1]] += _fade(raid, int(offset[target + 1] - begin))
    viewers = np.rint(expected).astype(np.int32)

    hide_from, hide_to = _hide_stretches(dice, traits, schedule.day, index, steps)
    age_steps = step - first_step[row]
    hidden = table.hides_counts[index][row] | ((hide_from[row] <= age_steps) & (age_steps < hide_to[row]))
    return viewers, ~hidden & (traits.tells_zero | (viewers > 0))


def _fade(raid: Raid, steps: int) -> Floats:
    """Give how many of a raid's viewers are left, step by step from its arrival."""
    return raid.viewers * np.exp(-np.arange(steps) * STEP_S / raid.stay_s)


def _drift(dice: Dice, day: int, index: Integers, row: Integers, step: Integers, offset: Integers) -> Floats:
    """Walk at random, per row from 0, and turn back at the bounds; calm rows walk in smaller strides.

    The strides are whole numbers (four 16-bit words added up, close to a bell curve), so that the running sum is
    exact however long the rows before are.
    """
    words = mix(dice.bits("walk", index, day)[row] + step.astype(np.uint64))
    strides = words.view(np.uint16).reshape(-1, 4).sum(axis=1, dtype=np.int64) - _FOUR_WORDS_MEAN
    total = np.cumsum(strides)
    walked = total - (total - strides)[offset[:-1]][row]
    restlessness = 0.85 * np.exp(0.5 * dice.normal("restlessness", index, day))
    distance = walked * (restlessness * _WALK_PER_STEP / _FOUR_WORDS_DEVIATION)[row]
    folded: Floats = np.abs((distance - _WALK_BOUND) % (4 * _WALK_BOUND) - 2 * _WALK_BOUND) - _WALK_BOUND
    return folded


def _hide_stretches(
    dice: Dice, traits: Traits, day: int, index: Integers, steps: Integers
) -> tuple[Integers, Integers]:
    """Give for each row the steps of its life between which the count is hidden (equal ones: never)."""
    hides = dice.uniform("hides a while", index, day) < traits.hiding_stretches
    hide_from = (steps * dice.uniform("hidden from", index, day)).astype(np.int64)
    length = (3600 / STEP_S * (0.17 + 0.83 * dice.uniform("hidden for", index, day))).astype(np.int64)
    return hide_from, np.where(hides, hide_from + length, hide_from)
