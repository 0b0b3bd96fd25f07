"""What a client is built from: where a site is, with which key, and within which limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteAccess:
    """Address and key of one site, as its connection holds them."""

    base_url: str
    """Root of the API, without the path of a call."""
    token_url: str | None = None
    """Root of the token server, where a site has one."""
    feed_url: str | None = None
    """Address of feeds where it is not that of the settings: simulated sites have their own."""
    login: str = ""
    password: str = field(default="", repr=False)
    token_folder: Path | None = None
    """Where the processes of this machine share app tokens; None keeps them in memory."""
    simulated_now: Callable[[], datetime] | None = None
    """Moves the clock of a simulated site: every request then carries this instant; None for a real site."""


class PollLimits(Protocol):
    """How far one sweep may go; the settings of a platform fulfil it."""

    @property
    def cadence_s(self) -> int:
        """Seconds between two sweeps."""
        ...

    @property
    def page_cap(self) -> int:
        """Pages after which a sweep ends early."""
        ...

    @property
    def timeout_s(self) -> float:
        """Seconds to wait for a connection, and for each part of an answer."""
        ...


class ViewerOrderedLimits(PollLimits, Protocol):
    """How far the sweep of a list ordered by viewers may go."""

    @property
    def viewer_floor(self) -> int:
        """The list is left once a page's last row has fewer."""
        ...


class ListLimits(PollLimits, Protocol):
    """What of a site's list is asked for, and which channels are asked for by id where the list did not show them."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages to list, in the site's own codes; all when empty."""
        ...

    @property
    def category_ids(self) -> tuple[str, ...]:
        """Categories to list; all when empty."""
        ...

    @property
    def watch_list(self) -> tuple[str, ...]:
        """Ids of channels that are asked for after the list."""
        ...


class CategoryLimits(ViewerOrderedLimits, Protocol):
    """How far the sweep of a list may go that can be narrowed to categories."""

    @property
    def category_ids(self) -> tuple[str, ...]:
        """The categories that are listed; all when empty."""
        ...


class SearchLimits(PollLimits, Protocol):
    """How a site without a listing is searched."""

    @property
    def discover_every_s(self) -> int:
        """Seconds between two searches."""
        ...

    @property
    def search_regions(self) -> tuple[str, ...]:
        """Country codes that searches take turns over."""
        ...

    @property
    def search_queries(self) -> tuple[str, ...]:
        """Words that searches take turns over; an empty text searches for everything."""
        ...

    @property
    def search_languages(self) -> tuple[str, ...]:
        """Languages that searches take turns over; none leaves it to the site."""
        ...

    @property
    def search_category_ids(self) -> tuple[str, ...]:
        """Categories that searches take turns over; none searches in all at once."""
        ...

    @property
    def search_pages(self) -> int:
        """Pages read of one search."""
        ...

    @property
    def search_reserve(self) -> int:
        """Calls a day that the schedule leaves for runs by hand."""
        ...


def name_connection(platform: Platform) -> str:
    """Return the id of the connection that holds the site's key, for texts that say what to mend."""
    return f"airtide_{platform}"


def require_key(platform: Platform, what: str, value: str | None) -> str:
    """Return `value`; raises `MisconfiguredError` that names the connection when it is missing."""
    if not value:
        raise MisconfiguredError(f"connection {name_connection(platform)} holds no {what}")
    return value
