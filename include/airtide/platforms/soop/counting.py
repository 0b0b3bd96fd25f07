"""What SOOP's own count says of a list while its pages are read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from airtide.domain.models import Reject, Snapshot
from airtide.platforms.soop.parse import BroadPage

PAGE_SIZE = 60
MIN_SHARE_READ = 0.9
"""Rooms slip between pages while these are read; where more than a tenth is missing, the count or the list is wrong."""


@dataclass(slots=True)
class ListCount:
    """One list, page by page: how far it goes, and what was read of it."""

    page_no: int = 0
    """The page asked for last."""
    is_broken: bool = False
    """A page is missing, and the sweep says so already."""
    _last_page_no: int | None = None
    _counted: int = 0
    _is_overfull: bool = False
    _read: set[str] = field(default_factory=set)
    _refused: int = 0

    @property
    def last_page_no(self) -> int:
        """The last page by the site's latest count; the next one as long as the site has told none."""
        return self.page_no + 1 if self._last_page_no is None else self._last_page_no

    def take(self, page: BroadPage) -> None:
        """Take in what a page says: rooms come and go between two pages, so every answer counts anew."""
        self._counted = page.total_cnt
        self._is_overfull |= len(page.broad or ()) > page.total_cnt
        self._last_page_no = max(1, math.ceil(page.total_cnt / (page.page_block or PAGE_SIZE)))

    def add(self, snapshots: Sequence[Snapshot], rejects: Sequence[Reject]) -> None:
        """Note the broadcasts of a page."""
        self._read.update(snapshot.broadcast_id for snapshot in snapshots)
        self._refused += len(rejects)

    def find_doubt(self) -> str | None:
        """Return why a list that was read to its end cannot be whole; None when nothing speaks against it."""
        if self.is_broken:
            return None
        read = len(self._read) + self._refused
        if self._is_overfull:
            return f"the site counts only {self._counted} broadcasts where {read} were read: there may be more"
        if read < MIN_SHARE_READ * self._counted:
            return f"the site counts {self._counted} broadcasts where only {read} were read"
        return None
