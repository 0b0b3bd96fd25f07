"""YouTube over HTTP: one sweep asks for known broadcasts by id, 50 a unit."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from airtide.domain.clock import Clock
from airtide.domain.errors import BadRecord, ContractChanged, PartUnreachable, RateLimited
from airtide.domain.models import Platform, Scope
from airtide.domain.pacing import IDS_PER_CALL
from airtide.domain.pages import NOBODY, Page, Tally
from airtide.domain.quota import Bucket, Call
from airtide.platforms.access import PollLimits, SiteAccess, require_key
from airtide.platforms.http import Answer, SiteHttp
from airtide.platforms.paging import MAX_FAILED_IN_ROW, fail_page, make_page, name_page
from airtide.platforms.quota import Quota
from airtide.platforms.records import Observation
from airtide.platforms.youtube.answers import CATEGORY_LISTS, VIDEO_LISTS, VideoList
from airtide.platforms.youtube.parse import VIDEO_FIELDS, VIDEOS, VideoRecord, read_announcement, read_video_id
from airtide.platforms.youtube.refusals import read_youtube_refusal

log = logging.getLogger(__name__)

CATEGORIES_EVERY_S = 3600
"""A process that takes a single sweep learns the names at full hours only: in every sweep they would cost as much as a
call for 50 broadcasts. The warehouse keeps the names it knows."""
CATEGORY_REGION = "US"
"""Categories have the same ids everywhere; this region's list is the fullest and names them in English."""

_FIELDS = (
    "kind,items(id,snippet(channelId,channelTitle,title,categoryId,defaultLanguage,defaultAudioLanguage,tags,thumbnails),"
    "liveStreamingDetails(actualStartTime,actualEndTime,scheduledStartTime,concurrentViewers))"
)


def open_youtube(access: SiteAccess, limits: PollLimits) -> SiteHttp:
    """Return the connection to YouTube; the key travels in a header, since addresses end up in logs."""
    key = require_key(Platform.YOUTUBE, "API key (password)", access.password)
    return SiteHttp(
        Platform.YOUTUBE,
        timeout_s=limits.timeout_s,
        headers={"X-Goog-Api-Key": key},
        simulated_now=access.simulated_now,
        read_refusal=read_youtube_refusal,
    )


class YouTubeSource:
    """The broadcasts asked for by id; what is not returned is absent, and a broadcast's end is told by the site."""

    platform = Platform.YOUTUBE
    scope = Scope.BY_ID

    def __init__(self, access: SiteAccess, limits: PollLimits, clock: Clock, quota: Quota) -> None:
        self.cadence_s = limits.cadence_s
        self.id_capacity = limits.page_cap * IDS_PER_CALL
        self._clock = clock
        self._quota = quota
        self._base_url = f"{access.base_url}/youtube/v3"
        self._http = open_youtube(access, limits)
        self._category_names: Mapping[str, str] | None = None

    def read_pages(
        self, *, sweep_id: str, sampled_at: datetime, tally: Tally, asked: Mapping[str, int] = NOBODY
    ) -> Iterator[Page]:
        """Yield one page for every 50 ids of `asked`; a page that fails leaves its ids neither seen nor absent."""
        names = self._read_category_names(sampled_at, tally) if asked else {}
        ordered = list(asked)
        failed_in_row = 0
        for number, start in enumerate(range(0, len(ordered), IDS_PER_CALL), 1):
            ids = ordered[start : start + IDS_PER_CALL]
            try:
                with name_page(number):
                    answer, decoded, absent = self._get_videos(ids, tally)
            except PartUnreachable as error:
                yield fail_page(number, self._clock, str(error))
                failed_in_row += 1
                if failed_in_row == MAX_FAILED_IN_ROW:
                    return
                continue
            failed_in_row = 0
            tally.absent.extend(absent)
            observation = Observation(
                platform=self.platform,
                sweep_id=sweep_id,
                sampled_at=sampled_at,
                fetched_at=self._clock.now(),
                cadence_s=self.cadence_s,
                promises=asked,
                category_names=names,
            )
            yield _parse_videos(answer, decoded, observation, number, tally)

    def _get_videos(
        self, ids: Sequence[str], tally: Tally
    ) -> tuple[Answer[VideoList], list[VideoRecord] | None, list[str]]:
        """Return the answer for `ids`, its records where all of them can be read, and the ids that it lacks."""
        params = {"part": "snippet,liveStreamingDetails", "id": ",".join(ids), "fields": _FIELDS}
        book = self._quota.book(tally, Bucket.YOUTUBE_UNITS, call=Call.VIDEOS_LIST)
        url = f"{self._base_url}/videos"
        answer = self._http.get(url, VIDEO_LISTS, book=book, params=params)
        decoded = VIDEOS.decode_page(answer.value.items)
        returned = _read_ids(answer.value, decoded)
        if returned is None:
            # any of the ids may be behind a record without one: nothing can be called absent
            return answer, decoded, []
        if not returned.issubset(ids):
            # it belongs to another question, so that what it lacks is not absent
            raise PartUnreachable(f"youtube: GET {url} answers with broadcasts that were not asked for")
        return answer, decoded, [video_id for video_id in ids if video_id not in returned]

    def _read_category_names(self, sampled_at: datetime, tally: Tally) -> Mapping[str, str]:
        """Return the names, asked for once; without them a sweep still counts, so a failure only warns."""
        if self._category_names is None:
            if sampled_at.timestamp() % CATEGORIES_EVERY_S:
                return {}
            params = {"part": "snippet", "regionCode": CATEGORY_REGION}
            book = self._quota.book(tally, Bucket.YOUTUBE_UNITS, call=Call.VIDEO_CATEGORIES_LIST)
            try:
                answer = self._http.get(f"{self._base_url}/videoCategories", CATEGORY_LISTS, book=book, params=params)
            except (PartUnreachable, RateLimited, ContractChanged) as error:
                log.warning("youtube categories stay without names in this sweep: %s", error)
                return {}
            self._category_names = {category.id: category.snippet.title for category in answer.value.items}
        return self._category_names


def _parse_videos(
    answer: Answer[VideoList], decoded: list[VideoRecord] | None, observation: Observation, number: int, tally: Tally
) -> Page:
    """Parse one answer; note in `tally` which of its broadcasts are not live."""
    VIDEO_FIELDS.count_new(answer.value.items, tally)
    parsed = VIDEOS.parse_page(answer.value.items, observation, decoded)
    for raw in parsed.waiting:
        _note_waiting(raw, tally)
    return make_page(parsed, observation, number=number, site_time=answer.site_time)


def _read_ids(answer: VideoList, decoded: list[VideoRecord] | None) -> set[str] | None:
    """Return the ids of all records; None where one of them cannot be read."""
    try:
        if decoded is not None:
            return {record.id for record in decoded}
        return {read_video_id(raw) for raw in answer.items}
    except BadRecord:
        return None


def _note_waiting(raw: msgspec.Raw, tally: Tally) -> None:
    video_id = read_video_id(raw)
    is_broadcast, start = read_announcement(raw)
    tally.not_live.append(video_id)
    if start is not None:
        tally.announced[video_id] = start
    elif not is_broadcast:
        tally.never_live.append(video_id)
