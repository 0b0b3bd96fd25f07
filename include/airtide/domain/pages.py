"""What a site's client hands to a sweep: pages of snapshots, and what reading them has cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from types import MappingProxyType

from airtide.domain.models import Reject, Snapshot

NOBODY: Mapping[str, int] = MappingProxyType({})
"""What a site with a listing is asked for by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a sweep, or the reason why it could not be had (`error`, then without records)."""

    number: int
    fetched_at: datetime
    site_time: datetime | None = None
    """The site's own time (the Date header of the answer, UTC); None for a page that failed."""
    snapshots: Sequence[Snapshot] = ()
    rejects: Sequence[Reject] = ()
    error: str | None = None


@dataclass(slots=True)
class Tally:
    """What a sweep has cost and missed so far; the source adds to it while its pages are read."""

    read_until: datetime | None = None
    """When the sweep has to leave off: no wait for a site's limit that ends later is begun. None for no such time."""
    cut_at: float = inf
    """When an answer that is still coming is cut, and no call is made any more; in seconds of the monotonic clock."""
    requests: int = 0
    """Attempts, retries included."""
    spend: dict[str, int] = field(default_factory=dict)
    """Cost by quota bucket, retries included."""
    absent: list[str] = field(default_factory=list)
    """Ids asked for and not returned by an answer that came."""
    not_live: list[str] = field(default_factory=list)
    """Ids asked for and returned as neither live nor ended."""
    announced: dict[str, datetime] = field(default_factory=dict)
    """Of those, the starts that the site announces."""
    never_live: list[str] = field(default_factory=list)
    """Of those, what is no broadcast and never will be."""
    failed_parts: list[str] = field(default_factory=list)
    """What could not be had and the rest can do without, as sentences."""
    viewer_floor: int | None = None
    """The floor under which a listing ordered by viewers was left; None while it is read whole."""
    is_filtered: bool = False
    """Only some languages or categories are listed, so that an absence says nothing."""
    unknown_fields: dict[str, int] = field(default_factory=dict)
    """Fields of the site that no parser knows: records that had them, by name."""

    def is_over(self, now: datetime) -> bool:
        """Tell whether the sweep has to leave off."""
        return self.read_until is not None and now >= self.read_until
