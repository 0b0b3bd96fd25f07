"""Adaptive polling: whom to ask for at a tick, and when each is promised to be asked for again.

For a fixed number of samples the summed squared error of hours watched is least when a broadcast is asked for at a
rate proportional to volatility^(2/3). To that comes a floor, so that small broadcasts are seen too, and two bounds:
nobody waits longer than `LONGEST_SILENCE_S`, and nobody is asked for more often than once a tick. All is
handed in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil, floor

from airtide.domain.candidates import Candidate

IDS_PER_CALL = 50
LONGEST_SILENCE_S = 30 * 60
FIRST_PROMISE_S = 5 * 60
"""What is new is seen a second time soon: only its first count tells how much it is worth."""
FLOOR_SHARE = 0.35
"""Part of every weight, in means of the weights: what the calmest broadcast is worth."""
HEADROOM = 0.15
"""Share of each tick that is promised to nobody: new broadcasts take it, else the next most overdue."""
_EXPONENT = 2 / 3
_FITTINGS = 12
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one tick may spend, as the quota's ledger tells it."""

    units_left: int
    """In units of one call."""
    ticks_left: int
    """Ticks until the units are filled again, this one included."""
    max_calls: int
    """Calls that one sweep has time for."""
    reserve_share: float = 0.0
    """Share of the units that is left to others: playlists, and calls made again."""

    @property
    def calls_per_tick(self) -> float:
        """What an even spending gives to each tick."""
        return min(self.units_left * (1 - self.reserve_share) / max(self.ticks_left, 1), self.max_calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Whom one tick asks for."""

    promises: Mapping[str, int] = field(default_factory=dict)
    """Seconds until the next question by broadcast id, in the order of asking."""
    late: int = 0
    """Broadcasts that were due and for whom there were no units."""
    is_short: bool = False
    """The units do not suffice to ask for everybody within `LONGEST_SILENCE_S`."""


def plan_round(candidates: Collection[Candidate], budget: Budget, *, tick: datetime, cadence_s: int) -> Round:
    """Return whom to ask for at `tick`: those due, new ones first, and while a call has room those due next.

    With units to spare everybody is asked for at every tick. Where they are few, promises are spread so that each can
    be kept; where they do not even suffice for `LONGEST_SILENCE_S`, all wait longer alike. Never more calls than units.
    """
    waiting = [one for one in candidates if one.due_at <= tick or (one.asked_at is not None and not one.is_resting)]
    waiting.sort(key=lambda one: _rank(one, tick))
    pace = _Pace(waiting, budget, tick, cadence_s)
    due = [one for one in waiting if one.due_at <= tick]
    places = pace.choose_calls(due) * IDS_PER_CALL
    promises = pace.promise(waiting[:places], waiting[places:])
    return Round(promises=promises, late=max(0, len(due) - len(promises)), is_short=pace.is_short)


def round_by_turns(rate: float, turn: int) -> int:
    """Return `rate` rounded down or up, so that turns in a row add up to it and each can be foreseen by others."""
    return floor(rate + turn * _GOLDEN % 1)


def rotate(names: Sequence[str], turn: int) -> list[str]:
    """Return `names` from another place on in each turn, so that what turns in a row reach of them adds up to all.

    Where a turn reaches one in n, a few more than n turns suffice, wherever the first of them began.
    """
    first = floor(len(names) * (turn * _GOLDEN % 1))
    return [*names[first:], *names[:first]]


def _rank(one: Candidate, tick: datetime) -> tuple[int, float, str]:
    """Return what orders candidates: new ones, those due by how long, others by how much of their promise is over.

    Taking the last by share, and not by the time that is left, keeps the distances between samples even.
    """
    if one.asked_at is None:
        return 0, 0.0, one.broadcast_id
    left_s = (one.due_at - tick).total_seconds()
    if left_s <= 0:
        return 1, left_s, one.broadcast_id
    return 2, left_s / (one.due_at - one.asked_at).total_seconds(), one.broadcast_id


class _Pace:
    """The rates of one tick."""

    def __init__(self, waiting: Sequence[Candidate], budget: Budget, tick: datetime, cadence_s: int) -> None:
        self._budget = budget
        self._tick = tick
        self._cadence_s = cadence_s
        self._silent_since = tick - timedelta(seconds=LONGEST_SILENCE_S)
        self._longest = max(LONGEST_SILENCE_S // cadence_s, 1)
        self._places = budget.calls_per_tick * IDS_PER_CALL
        self._most_calls = ceil(len(waiting) / IDS_PER_CALL)
        self._mean = sum(one.motion.volatility**_EXPONENT for one in waiting) / max(len(waiting), 1)
        self._scale = self._fit([self._weigh(one) for one in waiting])
        self.is_short = len(waiting) > self._places * self._longest

    def choose_calls(self, due: Sequence[Candidate]) -> int:
        """Return the calls of this tick: its share, and a few more where many promises would be broken otherwise."""
        calls = self._plan_calls(0)
        if not self.is_short:
            pressing = sum(one.asked_at is not None and one.asked_at <= self._silent_since for one in due)
            needed = max(floor(len(due) / IDS_PER_CALL + 0.5), ceil(pressing / IDS_PER_CALL))
            calls = max(calls, min(needed, calls + 1 + calls // 4))
        return min(calls, self._most_calls, self._budget.units_left, self._budget.max_calls)

    def promise(self, asked: Sequence[Candidate], others: Sequence[Candidate]) -> dict[str, int]:
        """Return the seconds until each of `asked` is asked for again, given when `others` already are."""
        if self.is_short:
            return {one.broadcast_id: self._longest * self._cadence_s for one in asked}
        taken = Counter(self._count_ticks(one.due_at) for one in others)
        promises = {}
        for one in asked:
            ticks = self._find_room(self._wish_ticks(one), taken)
            taken[ticks] += 1
            promises[one.broadcast_id] = ticks * self._cadence_s
        return promises

    def _plan_calls(self, ticks_ahead: int) -> int:
        return round_by_turns(self._budget.calls_per_tick, int(self._tick.timestamp()) // self._cadence_s + ticks_ahead)

    def _weigh(self, one: Candidate) -> float:
        return one.motion.volatility**_EXPONENT / self._mean + FLOOR_SHARE if self._mean else 1.0

    def _fit(self, weights: Sequence[float]) -> float:
        """Return the factor from weights to questions a tick with which all fill a tick, each within both bounds."""
        rarest, room = 1 / self._longest, self._places * (1 - HEADROOM)
        scale = room / (sum(weights) or 1)
        for _ in range(_FITTINGS):
            rates = [min(max(scale * weight, rarest), 1.0) for weight in weights]
            free = sum(rate for rate in rates if rarest < rate < 1)
            missing = room - sum(rates)
            if not free or abs(missing) < 0.01 * room:
                break
            scale *= max(free + missing, 0.05 * free) / free
        return scale

    def _wish_ticks(self, one: Candidate) -> int:
        if one.asked_at is None or one.is_resting:
            return max(FIRST_PROMISE_S // self._cadence_s, 1)
        return min(max(round(1 / max(self._scale * self._weigh(one), 1e-9)), 1), self._longest)

    def _find_room(self, wish: int, taken: Mapping[int, int]) -> int:
        """Return the tick nearest to the one wished for that is not promised away yet; the wished one if all are."""
        for away in range(self._longest):
            for ticks in (wish - away, wish + away):
                if 1 <= ticks <= self._longest and taken[ticks] < self._room_at(ticks):
                    return ticks
        return wish

    def _room_at(self, ticks_ahead: int) -> float:
        return self._plan_calls(ticks_ahead) * IDS_PER_CALL * (1 - HEADROOM)

    def _count_ticks(self, due_at: datetime) -> int:
        return max(ceil((due_at - self._tick).total_seconds() / self._cadence_s), 1)
