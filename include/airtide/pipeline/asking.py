"""Asking by id: which candidates a tick asks for within its budget, and what their answers make of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from airtide.domain.candidates import Candidate, CandidateAnswer
from airtide.domain.errors import QuotaSpent
from airtide.domain.models import Platform, Snapshot
from airtide.domain.pacing import IDS_PER_CALL, LONGEST_SILENCE_S, Budget, Round, plan_round
from airtide.domain.pages import Tally
from airtide.domain.quota import Allowance
from airtide.domain.volatility import UNSEEN, Motion, follow
from airtide.pipeline.ports import CandidateStore, LiveSource

log = logging.getLogger(__name__)

MISSING_AGAIN = timedelta(minutes=15)
"""How soon an id is asked for again that was not returned, or had not begun."""
ANNOUNCED_AGAIN = timedelta(hours=6)
"""How soon an announced broadcast is asked for again whose start is farther away: it may have been moved up."""

LONGEST_SILENCE = timedelta(seconds=LONGEST_SILENCE_S)

ReadAllowance = Callable[[datetime], Allowance]
"""Returns how the bucket that questions are paid from stands at an instant."""


@dataclass(slots=True)
class Asking:
    """The questions of one sweep; without `read_allowance` they cost nothing."""

    candidates: CandidateStore
    read_allowance: ReadAllowance | None = None
    call_cost: int = 1
    """Units that one call costs."""
    reserve_share: float = 0.0
    """Share of the units that polls leave to others."""
    _known: Mapping[str, Candidate] = field(default_factory=dict)
    _promises: Mapping[str, int] = field(default_factory=dict)

    def plan(self, source: LiveSource, tick: datetime) -> Mapping[str, int]:
        """Return the ids to ask `source` for at `tick`, with the seconds until each is promised to be asked for again.

        Raises `QuotaSpent` when somebody is due and not one unit is left, unless the reset is near: the even spending
        of a small quota may end a few ticks before it.
        """
        known = self.candidates.read_candidates(source.platform, due_until=tick + LONGEST_SILENCE)
        budget = self._read_budget(source, tick, is_anybody_due=any(one.due_at <= tick for one in known))
        planned = plan_round(known, budget, tick=tick, cadence_s=source.cadence_s)
        _report(source.platform, planned, len(known))
        self._known = {one.broadcast_id: one for one in known}
        self._promises = planned.promises
        return planned.promises

    def note(self, platform: Platform, snapshots: Sequence[Snapshot], tally: Tally, tick: datetime) -> None:
        """Record what the sweep was told; ids of pages that failed stay due."""
        answers = [*self._read_snapshots(snapshots, tick), *self._read_others(tally, tick)]
        known = {answer.broadcast_id: answer for answer in answers if answer.broadcast_id in self._known}
        self.candidates.note_answers(platform, asked_at=tick, answers=[known[one] for one in sorted(known)])

    def _read_budget(self, source: LiveSource, tick: datetime, *, is_anybody_due: bool) -> Budget:
        max_calls = source.id_capacity // IDS_PER_CALL
        if self.read_allowance is None:
            return Budget(units_left=max_calls, ticks_left=1, max_calls=max_calls)
        allowance = self.read_allowance(tick)
        is_spent = allowance.left < self.call_cost
        if is_spent and is_anybody_due and (allowance.closed_until or allowance.resets_at - tick > LONGEST_SILENCE):
            until = f"{allowance.resets_at:%Y-%m-%dT%H:%M:%SZ}"
            said = f"{source.platform}: the quota of {allowance.bucket} is spent until {until}; nobody was asked for"
            raise QuotaSpent(said, bucket=allowance.bucket.value, resets_at=allowance.resets_at)
        ticks_left = ceil((allowance.resets_at - tick).total_seconds() / source.cadence_s)
        return Budget(
            units_left=allowance.left // self.call_cost,
            ticks_left=ticks_left,
            max_calls=max_calls,
            reserve_share=self.reserve_share,
        )

    def _read_snapshots(self, snapshots: Sequence[Snapshot], tick: datetime) -> Iterator[CandidateAnswer]:
        for one in snapshots:
            motion = self._motion_of(one.broadcast_id)
            if one.ended_at is not None:
                yield CandidateAnswer(broadcast_id=one.broadcast_id, due_at=tick, ended_at=one.ended_at, motion=motion)
                continue
            yield CandidateAnswer(
                broadcast_id=one.broadcast_id,
                due_at=tick + timedelta(seconds=self._promises.get(one.broadcast_id, one.cadence_s)),
                seen_at=tick,
                motion=follow(motion, one.viewers, tick),
            )

    def _read_others(self, tally: Tally, tick: datetime) -> Iterator[CandidateAnswer]:
        over = set(tally.never_live)
        for broadcast_id in {*tally.absent, *tally.not_live}:
            start = tally.announced.get(broadcast_id)
            is_ahead = start is not None and start > tick
            again = min(start, tick + ANNOUNCED_AGAIN) if start is not None and is_ahead else tick + MISSING_AGAIN
            yield CandidateAnswer(
                broadcast_id=broadcast_id,
                due_at=again,
                seen_at=start if is_ahead else None,
                is_resting=True,
                ended_at=tick if broadcast_id in over else None,
                motion=self._motion_of(broadcast_id),
            )

    def _motion_of(self, broadcast_id: str) -> Motion:
        known = self._known.get(broadcast_id)
        return UNSEEN if known is None else known.motion


def _report(platform: Platform, planned: Round, known: int) -> None:
    if planned.is_short:
        log.warning(
            "%s: units do not suffice to ask for each of %s broadcasts within %s min; all wait alike, %s are late",
            platform,
            known,
            LONGEST_SILENCE_S // 60,
            planned.late,
        )
