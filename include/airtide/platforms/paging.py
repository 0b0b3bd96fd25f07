"""What the clients of paged lists share."""

from __future__ import annotations

from airtide.domain.clock import Clock
from airtide.domain.pages import Page

MAX_FAILED_IN_ROW = 3
"""Pages that may fail one after the other before a sweep gives the site up."""


def fail_page(number: int, clock: Clock, error: str) -> Page:
    """Return the page that stands for one that could not be had, or for the reason why a sweep ends early."""
    return Page(number=number, fetched_at=clock.now(), error=error)


def is_below_floor(page: Page, viewer_floor: int) -> bool:
    """Tell whether a page of a list ordered by viewers ends under the floor, so that the next ones lie under it."""
    last = page.snapshots[-1].viewers if page.snapshots else None
    return last is not None and last < viewer_floor
