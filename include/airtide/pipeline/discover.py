"""Discovery: finding the broadcasts of a site that has no listing, so that its polls can ask for them by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from airtide.domain.clock import Clock
from airtide.domain.models import Platform
from airtide.domain.pages import Tally
from airtide.pipeline.ports import CandidateSource, CandidateStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What one search found and cost."""

    platform: Platform
    pages: int
    found: int
    """Ids on the pages, those known before included."""
    new: int
    requests: int
    spend: Mapping[str, int]


def discover(source: CandidateSource, candidates: CandidateStore, clock: Clock) -> Discovery:
    """Search once and remember what is live.

    Each page is remembered before the next is asked for: an error, which is raised, costs only the pages after it.
    """
    tally = Tally()
    pages = found = new = 0
    for ids in source.find_live_ids(at=clock.now(), tally=tally):
        pages += 1
        found += len(ids)
        new += candidates.add_ids(source.platform, ids, found_at=clock.now())
    return Discovery(
        platform=source.platform, pages=pages, found=found, new=new, requests=tally.requests, spend=dict(tally.spend)
    )
