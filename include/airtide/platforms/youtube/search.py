"""YouTube's search for live broadcasts: the only way to learn of ones that are not known yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import product

from airtide.domain.models import Platform
from airtide.domain.pages import Tally
from airtide.domain.quota import Bucket, Call
from airtide.platforms.access import SearchLimits, SiteAccess
from airtide.platforms.quota import Quota
from airtide.platforms.youtube.answers import SEARCH_LISTS
from airtide.platforms.youtube.client import open_youtube
from airtide.platforms.youtube.refusals import SEARCH_PATH

RESULTS_PER_PAGE = 50
ORDERS = ("viewCount", "date")
"""By viewers finds the large broadcasts, by date those that have just begun."""

_FIELDS = "kind,nextPageToken,items(id(videoId))"


class YouTubeSearch:
    """Searches that take turns over regions and orders, since each page costs one of the day's few search calls."""

    platform = Platform.YOUTUBE

    def __init__(self, access: SiteAccess, limits: SearchLimits, quota: Quota) -> None:
        self._limits = limits
        self._quota = quota
        self._url = f"{access.base_url}{SEARCH_PATH}"
        self._http = open_youtube(access, limits)

    def find_live_ids(self, *, at: datetime, tally: Tally) -> Iterator[Sequence[str]]:
        """Yield the ids on each page of the search whose turn it is at `at`; some of them may have just ended."""
        order, region = self._choose_search(at)
        token: str | None = None
        for _ in range(self._limits.search_pages):
            params = {
                "part": "snippet",
                "type": "video",
                "eventType": "live",
                "order": order,
                "regionCode": region,
                "maxResults": str(RESULTS_PER_PAGE),
                "fields": _FIELDS,
            }
            if token is not None:
                params["pageToken"] = token
            book = self._quota.book(tally, Bucket.YOUTUBE_SEARCH, call=Call.SEARCH_LIST)
            answer = self._http.get(self._url, SEARCH_LISTS, book=book, params=params)
            yield answer.value.video_ids
            token = answer.value.next_page_token
            if not token:
                return

    def _choose_search(self, at: datetime) -> tuple[str, str]:
        searches = list(product(ORDERS, self._limits.search_regions))
        return searches[int(at.timestamp()) // self._limits.discover_every_s % len(searches)]
