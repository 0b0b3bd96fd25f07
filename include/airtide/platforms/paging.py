"""What the clients of paged lists share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

import msgspec

from airtide.domain.clock import Clock
from airtide.domain.errors import AirtideError, PartUnreachable
from airtide.domain.pages import Page
from airtide.platforms.parsing import Parsed, RecordParser
from airtide.platforms.records import Observation
from airtide.platforms.refusals import RequestRefused

T = TypeVar("T")

MAX_FAILED_IN_ROW = 3
"""Pages that may fail one after the other before a sweep gives the site up."""


@contextmanager
def name_page(number: int) -> Iterator[None]:
    """Let whatever is raised while a page is asked for and read say which page it was."""
    try:
        yield
    except AirtideError as error:
        error.page = number
        raise


def fail_page(number: int, clock: Clock, error: str) -> Page:
    """Return the page that stands for one that could not be had, or for the reason why a sweep ends early."""
    # a page has its number already
    return Page(number=number, fetched_at=clock.now(), error=error.removesuffix(f" (page {number})"))


def parse_page(
    raws: Sequence[msgspec.Raw],
    parser: RecordParser[T],
    observation: Observation,
    *,
    number: int,
    site_time: datetime | None,
) -> Page:
    """Return the page that a site's records make."""
    return make_page(parser.parse_page(raws, observation), observation, number=number, site_time=site_time)


def make_page(parsed: Parsed, observation: Observation, *, number: int, site_time: datetime | None) -> Page:
    """Return the page of what was parsed."""
    return Page(
        number=number,
        fetched_at=observation.fetched_at,
        site_time=site_time,
        snapshots=parsed.snapshots,
        rejects=parsed.rejects,
    )


def is_below_floor(page: Page, viewer_floor: int) -> bool:
    """Tell whether a page of a list ordered by viewers ends under the floor, so that the next ones lie under it."""
    last = page.snapshots[-1].viewers if page.snapshots else None
    return last is not None and last < viewer_floor


def follow_cursors(
    get_page: Callable[[str | None, int], tuple[Page, str | None]], *, page_cap: int, clock: Clock
) -> Iterator[Page]:
    """Yield the pages of a list in which each page names the cursor of the next; `get_page` gives None with the last.

    A page that fails hides all that follow; a cursor that comes again would lead in circles, and the cap ends what
    does not end: each is a last page with an error. Raises `RequestRefused` when the first request is refused.
    """
    cursor: str | None = None
    visited: set[str] = set()
    for number in range(1, page_cap + 1):
        try:
            with name_page(number):
                page, following = get_page(cursor, number)
        except (PartUnreachable, RequestRefused) as error:
            if cursor is None and isinstance(error, RequestRefused):
                raise
            yield fail_page(number, clock, str(error))
            return
        yield page
        if following is None:
            return
        if following in visited:
            yield fail_page(number + 1, clock, "the site repeats a cursor")
            return
        visited.add(following)
        cursor = following
    yield fail_page(page_cap + 1, clock, f"the page cap of {page_cap} is reached")


def ask_in_batches(
    get_page: Callable[[Sequence[str], int], Page], ids: Sequence[str], *, size: int, number: int, clock: Clock
) -> Iterator[Page]:
    """Yield what the site answers for `ids`, `size` a page, numbered from `number`; ends at a page that fails."""
    for start in range(0, len(ids), size):
        try:
            with name_page(number):
                page = get_page(ids[start : start + size], number)
        except (PartUnreachable, RequestRefused) as error:
            yield fail_page(number, clock, str(error))
            return
        yield page
        number += 1
