"""What client tests share: keys that must never show, limits, and answers of sites."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import responses

from airtide.domain.clock import SetClock
from airtide.domain.pages import Page, Tally
from airtide.platforms.access import SiteAccess

TICK = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DATE = "Fri, 20 Nov 2026 12:00:03 GMT"
SITE_TIME = datetime(2026, 11, 20, 12, 0, 3, tzinfo=UTC)
BASE = "https://site.test"
FEEDS = "https://feeds.site.test/feeds/videos.xml"
TOKENS = "https://id.site.test"
CLIENT_ID = "canary-client-id"
SECRET = "canary-secret"


@dataclass(frozen=True)
class Limits:
    """Limits of a sweep."""

    cadence_s: int = 300
    page_cap: int = 10
    api_version: str = "v2"
    viewer_floor: int = 0
    languages: tuple[str, ...] = ()
    category_ids: tuple[str, ...] = ()
    watch_list: tuple[str, ...] = ()
    timeout_s: float = 5.0
    discover_every_s: int = 900
    search_regions: tuple[str, ...] = ("KR", "US")
    search_queries: tuple[str, ...] = ("",)
    search_languages: tuple[str, ...] = ()
    search_category_ids: tuple[str, ...] = ()
    search_pages: int = 2
    search_reserve: int = 10
    feed_url: str = FEEDS
    reserve_share: float = 0.05


def make_access(**changes: Any) -> SiteAccess:
    """Return access to the site of tests."""
    values = {"base_url": BASE, "token_url": TOKENS, "login": CLIENT_ID, "password": SECRET, **changes}
    return SiteAccess(**values)


def make_clock() -> SetClock:
    """Return a clock at the tick."""
    return SetClock(TICK)


def answer(
    mock: responses.RequestsMock,
    url: str,
    value: Any = None,
    *,
    body: str | bytes | Exception | None = None,
    status: int = 200,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    match: tuple[Any, ...] = (),
) -> responses.BaseResponse:
    """Let the site answer the next call of `url`; several for one address are given in their order."""
    content = json.dumps(value) if body is None else body
    dated = {"Date": DATE, **(headers or {})}
    return mock.add(method, url, body=content, status=status, headers=dated, match=match)


def read_all(source: Any, tally: Tally | None = None, asked: Iterable[str] = (), promise_s: int = 300) -> list[Page]:
    """Read every page of one sweep at the tick."""
    booked = Tally() if tally is None else tally
    return list(
        source.read_pages(sweep_id="sweep", sampled_at=TICK, tally=booked, asked=dict.fromkeys(asked, promise_s))
    )


def seen_ids(pages: list[Page]) -> list[list[str] | str]:
    """Return the broadcast ids of each page, or its error."""
    return [page.error or [one.broadcast_id for one in page.snapshots] for page in pages]
