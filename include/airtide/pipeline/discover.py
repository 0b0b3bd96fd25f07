"""Discovery: finding the broadcasts of a site that has no listing, so that its polls can ask for them by id."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from airtide.domain.clock import Clock
from airtide.domain.errors import AirtideError
from airtide.domain.pages import Tally
from airtide.pipeline.ports import CandidateSource, CandidateStore
from airtide.pipeline.reading import bound_reading

log = logging.getLogger(__name__)

LONGEST_TURN_S = 600
"""As long as a run may take, however rare they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What one round of looking found and cost."""

    pages: int
    found: int
    """Ids on the pages, those known before included."""
    new: int
    failed_parts: int
    """Parts that could not be had while the others went on."""
    requests: int
    spend: Mapping[str, int]


def discover(
    sources: Sequence[CandidateSource],
    candidates: CandidateStore,
    clock: Clock,
    *,
    turn_s: int = LONGEST_TURN_S,
    by_hand: bool = False,
) -> Discovery:
    """Look once in each of `sources` and remember what may be live.

    Each page is remembered before the next is asked for, and a source that fails does not keep the others from being
    asked: an error costs only the pages after it in its own source. The first is raised in the end.
    It leaves off in time for the next turn, `turn_s` seconds later; by hand there is none to wait for it.
    """
    tally = Tally()
    bound_reading(tally, clock.now(), LONGEST_TURN_S if by_hand else min(turn_s, LONGEST_TURN_S))
    pages = found = new = 0
    errors: list[AirtideError] = []
    for source in sources:
        try:
            for ids in source.find_live_ids(at=clock.now(), tally=tally, by_hand=by_hand):
                pages += 1
                found += len(ids)
                new += candidates.add_ids(source.platform, ids, found_at=clock.now())
                if tally.is_over(clock.now()):
                    tally.failed_parts.append(f"{source.platform}: left after page {pages}: the time for it is over")
                    break
        except AirtideError as error:
            errors.append(error)
    for sentence in tally.failed_parts:
        log.warning("%s", sentence)
    for another in errors[1:]:
        log.error("%s", another)
    if errors:
        raise errors[0]
    return Discovery(
        pages=pages,
        found=found,
        new=new,
        failed_parts=len(tally.failed_parts),
        requests=tally.requests,
        spend=dict(tally.spend),
    )
