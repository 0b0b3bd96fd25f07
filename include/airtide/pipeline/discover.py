"""Discovery: finding the broadcasts of a site that has no listing, so that its polls can ask for them by id."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from airtide.domain.clock import Clock
from airtide.domain.errors import AirtideError
from airtide.domain.pages import Tally
from airtide.pipeline.ports import CandidateSource, CandidateStore

log = logging.getLogger(__name__)


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
    sources: Sequence[CandidateSource], candidates: CandidateStore, clock: Clock, *, by_hand: bool = False
) -> Discovery:
    """Look once in each of `sources` and remember what may be live.

    Each page is remembered before the next is asked for, and a source that fails does not keep the others from being
    asked: an error costs only the pages after it in its own source. The first is raised in the end.
    """
    tally = Tally()
    pages = found = new = 0
    errors: list[AirtideError] = []
    for source in sources:
        try:
            for ids in source.find_live_ids(at=clock.now(), tally=tally, by_hand=by_hand):
                pages += 1
                found += len(ids)
                new += candidates.add_ids(source.platform, ids, found_at=clock.now())
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
