"""YouTube's search for live broadcasts: the way to learn of ones on channels that nobody watches yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product

from airtide.domain.models import Platform
from airtide.domain.pacing import round_by_turns
from airtide.domain.pages import Tally
from airtide.domain.quota import Bucket, Call
from airtide.platforms.access import SearchLimits, SiteAccess
from airtide.platforms.quota import Quota
from airtide.platforms.youtube.answers import SEARCH_LISTS
from airtide.platforms.youtube.client import open_youtube
from airtide.platforms.youtube.ids import keep_video_ids
from airtide.platforms.youtube.refusals import SEARCH_PATH

RESULTS_PER_PAGE = 50
ORDERS = ("viewCount", "date")
"""By viewers finds the large broadcasts, by date those that have just begun."""

_FIELDS = "kind,nextPageToken,items(id(videoId))"


class YouTubeSearch:
    """Searches that take turns over orders, words, regions, languages and categories.

    Each page costs one of the day's few calls. The schedule spends them evenly up to the reset, and leaves
    `search_reserve` of them for runs by hand.
    """

    platform = Platform.YOUTUBE

    def __init__(self, access: SiteAccess, limits: SearchLimits, quota: Quota) -> None:
        self._limits = limits
        self._quota = quota
        self._url = f"{access.base_url}{SEARCH_PATH}"
        self._http = open_youtube(access, limits)

    def find_live_ids(self, *, at: datetime, tally: Tally, by_hand: bool = False) -> Iterator[Sequence[str]]:
        """Yield the ids on each page of the searches whose turn it is at `at`; some of them may have just ended.

        None where the schedule has to save its calls; by hand at least one search is made while any call is left.
        """
        searches = self._list_searches()
        first, count, pages = self._plan(at, by_hand=by_hand)
        for number in range(first, first + count):
            yield from self._search(searches[number % len(searches)], pages, tally)

    def _plan(self, at: datetime, *, by_hand: bool) -> tuple[int, int, int]:
        """Return the number of the first search, how many there are, and the pages read of each."""
        limits = self._limits
        allowance = self._quota.read(Bucket.YOUTUBE_SEARCH, at)
        turn = int(at.timestamp()) // limits.discover_every_s
        turns_left = max((allowance.resets_at - at).total_seconds() / limits.discover_every_s, 1)
        planned = max(allowance.left - limits.search_reserve, 0)
        count = min(round_by_turns(planned / limits.search_pages / turns_left, turn), planned // limits.search_pages)
        pages = limits.search_pages
        if not count and (by_hand or not allowance.left):
            # with nothing left this one is refused before it is made, so that it is told
            count, pages = 1, min(pages, max(allowance.left, 1))
        turns_a_day = (allowance.resets_at - allowance.starts_at).total_seconds() / limits.discover_every_s
        usual = max(round((allowance.limit - limits.search_reserve) / pages / turns_a_day), 1)
        return turn * usual, count, pages

    def _list_searches(self) -> list[Mapping[str, str]]:
        limits = self._limits
        every = product(
            ORDERS,
            limits.search_queries or ("",),
            limits.search_languages or ("",),
            limits.search_category_ids or ("",),
            limits.search_regions,
        )
        return [_name_search(*choice) for choice in every]

    def _search(self, chosen: Mapping[str, str], pages: int, tally: Tally) -> Iterator[Sequence[str]]:
        token: str | None = None
        for _ in range(pages):
            params = {
                "part": "snippet",
                "type": "video",
                "eventType": "live",
                **chosen,
                "maxResults": str(RESULTS_PER_PAGE),
                "fields": _FIELDS,
            }
            if token is not None:
                params["pageToken"] = token
            book = self._quota.book(tally, Bucket.YOUTUBE_SEARCH, call=Call.SEARCH_LIST)
            answer = self._http.get(self._url, SEARCH_LISTS, book=book, params=params)
            yield keep_video_ids(answer.value.video_ids, "a search", tally)
            token = answer.value.next_page_token
            if not token:
                return


def _name_search(order: str, query: str, language: str, category_id: str, region: str) -> Mapping[str, str]:
    given = {"q": query, "relevanceLanguage": language, "videoCategoryId": category_id}
    return {"order": order, "regionCode": region, **{name: value for name, value in given.items() if value}}
