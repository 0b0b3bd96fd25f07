"""What a batch tells of counts that stand still or look wrong: its runs of equal counts, broadcast by broadcast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from airtide.domain.flags import GLITCH_COUNT, STUCK_MIN_SAMPLES, Flag, Run
from airtide.domain.landed import FlagRow, RunColumns
from airtide.pipeline.arrays import HIDDEN, Booleans, Integers, to_optional_column
from airtide.pipeline.coding import Coded
from airtide.pipeline.facts import Facts


@dataclass(frozen=True, slots=True)
class FoundRuns:
    """The runs of a batch by broadcast key, and of one broadcast in time order."""

    broadcast: Integers
    viewers: Integers
    since_ms: Integers
    until_ms: Integers
    samples: Integers
    is_first: Booleans
    """The run is the first of its broadcast; what it goes on from is known in the warehouse only."""
    opened_by: Integers
    """The row of the run's first sample."""

    def pick_first(self, keys: Integers) -> RunColumns:
        """Return the first run of each of these broadcasts, ascending by key."""
        return self._pick(keys, np.searchsorted(self.broadcast, keys, side="left"))

    def pick_last(self, keys: Integers) -> RunColumns:
        """Return the last run of each of these broadcasts, ascending by key."""
        return self._pick(keys, np.searchsorted(self.broadcast, keys, side="right") - 1)

    def find_flags(self, coded: Coded, facts: Facts) -> list[FlagRow]:
        """Return what is odd; of the first sample of a first run only what the site told of it."""
        told = coded.values["flags"]
        flags = [
            FlagRow(int(self.broadcast[n]), int(self.since_ms[n]), flag, is_first=bool(self.is_first[n]))
            for n in np.flatnonzero(facts.is_flagged[coded.codes[self.opened_by]]).tolist()
            for flag in told[coded.codes[self.opened_by[n]]]
        ]
        flags += [
            FlagRow(int(self.broadcast[n]), int(self.since_ms[n]), Flag.GLITCH_TO_ONE, is_first=False)
            for n in np.flatnonzero(~self.is_first & (self.viewers == GLITCH_COUNT)).tolist()
            if self._run(n - 1).falls_to(self._run(n))
        ]
        flags += [
            FlagRow(int(self.broadcast[n]), int(self.since_ms[n]), Flag.STUCK, is_first=False)
            for n in np.flatnonzero(~self.is_first & (self.samples >= STUCK_MIN_SAMPLES)).tolist()
            if self._run(n).is_stuck()
        ]
        return flags

    def _run(self, n: int) -> Run:
        viewers = int(self.viewers[n])
        return Run(
            None if viewers == HIDDEN else viewers, int(self.since_ms[n]), int(self.until_ms[n]), int(self.samples[n])
        )

    def _pick(self, keys: Integers, places: Integers) -> RunColumns:
        if not len(self.broadcast):
            nothing = to_optional_column(keys, np.ones(len(keys), dtype=np.bool_))
            return RunColumns(nothing, nothing, nothing, nothing)
        places = np.clip(places, 0, len(self.broadcast) - 1)
        missing = self.broadcast[places] != keys
        viewers = self.viewers[places]
        return RunColumns(
            viewers=to_optional_column(viewers, missing | (viewers == HIDDEN)),
            since_ms=to_optional_column(self.since_ms[places], missing),
            until_ms=to_optional_column(self.until_ms[places], missing),
            samples=to_optional_column(self.samples[places], missing),
        )


def find_runs(broadcast: Integers, viewers: Sequence[int | None], ticks: Integers, order: Integers) -> FoundRuns:
    """Return the runs of the samples in `order`, which is ascending in time."""
    rows = order[np.argsort(broadcast[order], kind="stable")]
    counted = np.array([HIDDEN if count is None else count for count in viewers], dtype=np.int64)
    keys, counts = broadcast[rows], counted[rows]
    is_first = np.ones(len(rows), dtype=np.bool_)
    is_first[1:] = keys[1:] != keys[:-1]
    opens = is_first | (counts == HIDDEN)
    opens[1:] |= counts[1:] != counts[:-1]
    starts = np.flatnonzero(opens)
    ends = np.append(starts[1:], len(rows))[: len(starts)]
    return FoundRuns(
        broadcast=keys[starts],
        viewers=counts[starts],
        since_ms=ticks[rows[starts]],
        until_ms=ticks[rows[ends - 1]],
        samples=ends - starts,
        is_first=is_first[starts],
        opened_by=rows[starts],
    )
