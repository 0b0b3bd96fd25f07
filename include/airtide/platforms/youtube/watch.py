"""YouTube's watch-list: channels whose feeds, and where these fail whose uploads, tell of broadcasts."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from zlib import crc32

import requests

from airtide.domain.clock import Clock
from airtide.domain.errors import BadRecord, ContractChanged, PartUnreachable
from airtide.domain.models import Platform
from airtide.domain.pacing import rotate, round_by_turns
from airtide.domain.pages import Tally
from airtide.domain.quota import Bucket, Call
from airtide.platforms.access import SearchLimits, SiteAccess
from airtide.platforms.bodies import read_body
from airtide.platforms.bounds import BoundedAdapter
from airtide.platforms.http import write_instant
from airtide.platforms.paging import MAX_FAILED_IN_ROW
from airtide.platforms.quota import Quota
from airtide.platforms.retries import strip_driver_logs
from airtide.platforms.session import SiteSession
from airtide.platforms.youtube.answers import PLAYLIST_LISTS
from airtide.platforms.youtube.client import open_youtube
from airtide.platforms.youtube.feed import MAX_FEED_BYTES, parse_feed
from airtide.platforms.youtube.ids import keep_video_ids
from airtide.platforms.youtube.refusals import UPLOADS_PATH

FEED_SHARE = 0.25
"""Share of a turn of discovery after which no further feed is begun: a thousand slow ones would outlast the run."""
FEED_EVERY_S = 900
"""How long the site lets a feed be kept: asking sooner brings the same again."""
RECENT_UPLOADS = 15
"""As many as a feed lists."""


class WatchLimits(SearchLimits, Protocol):
    """Which channels are watched."""

    @property
    def watch_list(self) -> tuple[str, ...]:
        """Channel ids."""
        ...

    @property
    def feed_url(self) -> str:
        """Address of feeds, without a query."""
        ...

    @property
    def reserve_share(self) -> float:
        """Share of the units that polls leave."""
        ...


class FeedsUnreachable(PartUnreachable):
    """Nobody answered at all, which hardly depends on the channel."""


class YouTubeWatchList:
    """The latest videos of watched channels: live, announced or neither, which only asking by id tells."""

    platform = Platform.YOUTUBE

    def __init__(self, access: SiteAccess, limits: WatchLimits, clock: Clock, quota: Quota) -> None:
        self._access = access
        self._limits = limits
        self._clock = clock
        self._quota = quota
        self._http = open_youtube(access, limits)
        self._feed_url = access.feed_url or limits.feed_url
        self._adapter = BoundedAdapter()
        self._feeds = SiteSession(self._adapter, {"Accept": "application/atom+xml"})
        strip_driver_logs()

    def find_live_ids(self, *, at: datetime, tally: Tally, by_hand: bool = False) -> Iterator[Sequence[str]]:
        """Yield the latest videos of each channel whose turn it is, from its feed or else from its playlist.

        A feed that fails, for whatever reason, says nothing of its channel; the playlists that stand in for feeds cost
        a unit each, as far as polls leave some. A channel that cannot be had is a failed part, and those for whose
        feeds there was no time are one together: each round begins with others.
        """
        turn = int(at.timestamp()) // self._limits.discover_every_s
        failed: list[str] = []
        every_s = max(self._limits.discover_every_s, FEED_EVERY_S if by_hand else 0)
        room = FEED_SHARE * timedelta(seconds=every_s)
        yield from self._read_feeds(self._choose_channels(turn, by_hand=by_hand), room, failed, tally)
        chosen = self._choose_playlists(set(failed), at, turn)
        for number, channel_id in enumerate(chosen):
            if tally.is_over(self._clock.now()):
                left = len(chosen) - number
                tally.failed_parts.append(f"youtube: {left} of {len(chosen)} playlists are left for later rounds")
                return
            try:
                yield self._read_uploads(channel_id, tally)
            except (PartUnreachable, ContractChanged) as error:
                tally.failed_parts.append(f"youtube: the uploads of channel {channel_id} cannot be had: {error}")

    def _read_feeds(
        self, channel_ids: Sequence[str], room: timedelta, failed: list[str], tally: Tally
    ) -> Iterator[Sequence[str]]:
        """Yield the latest videos of each channel while there is time; note in `failed` whose feed cannot be had."""
        now = self._clock.now()
        if tally.read_until is not None:
            room = max(min(room, tally.read_until - now), timedelta())
        leave_at = now + room
        silent_in_row = 0
        for number, channel_id in enumerate(channel_ids):
            if silent_in_row == MAX_FAILED_IN_ROW:
                failed.append(channel_id)
                continue
            if self._clock.now() >= leave_at:
                left = len(channel_ids) - number
                tally.failed_parts.append(
                    f"youtube: {left} of {len(channel_ids)} feeds are left for later rounds: "
                    f"the {room.total_seconds():.0f} s for them are over"
                )
                return
            try:
                yield self._read_feed(channel_id, tally)
            except (PartUnreachable, BadRecord) as error:
                failed.append(channel_id)
                silent_in_row = silent_in_row + 1 if isinstance(error, FeedsUnreachable) else 0
                tally.failed_parts.append(f"youtube: the feed of channel {channel_id} cannot be had: {error}")
            else:
                silent_in_row = 0

    def _choose_channels(self, turn: int, *, by_hand: bool) -> list[str]:
        """Return the channels of this turn, others first each time; each has one while its feed may be kept."""
        turns = 1 if by_hand else max(FEED_EVERY_S // self._limits.discover_every_s, 1)
        chosen = [one for one in self._limits.watch_list if (crc32(one.encode()) + turn) % turns == 0]
        return rotate(chosen, turn // turns)

    def _choose_playlists(self, failed: Collection[str], at: datetime, turn: int) -> list[str]:
        """Return as many of the failed as units are left for, others each time."""
        if not failed:
            return []
        allowance = self._quota.read(Bucket.YOUTUBE_UNITS, at)
        every_s = self._limits.discover_every_s
        left_a_turn = allowance.left / max((allowance.resets_at - at).total_seconds() / every_s, 1)
        share_a_turn = allowance.limit / ((allowance.resets_at - allowance.starts_at).total_seconds() / every_s)
        calls = round_by_turns(self._limits.reserve_share * min(left_a_turn, share_a_turn), turn)
        # in the order of the list, which is no other each time as that of feeds is
        ordered = [one for one in self._limits.watch_list if one in failed]
        first = turn * max(calls, 1) % len(ordered)
        return [*ordered[first:], *ordered[:first]][: min(calls, allowance.left)]

    def _read_feed(self, channel_id: str, tally: Tally) -> list[str]:
        tally.requests += 1
        headers = (
            {} if self._access.simulated_now is None else {"Simulated-Now": write_instant(self._access.simulated_now())}
        )
        failure: str
        deadline_at = min(time.monotonic() + 2 * self._limits.timeout_s, tally.cut_at)
        try:
            with (
                self._adapter.cut_at(deadline_at),
                self._feeds.get(
                    self._feed_url,
                    params={"channel_id": channel_id},
                    headers=headers,
                    timeout=self._limits.timeout_s,
                    allow_redirects=False,
                    stream=True,
                ) as answer,
            ):
                if answer.status_code != 200:
                    raise PartUnreachable(f"HTTP {answer.status_code}")
                found = parse_feed(read_body("the feed", answer.raw, deadline_at, MAX_FEED_BYTES))
                return keep_video_ids(found, f"the feed of channel {channel_id}", tally)
        except requests.RequestException as error:
            failure = type(error).__name__
        # raised here and not above: the driver's error holds the whole address
        raise FeedsUnreachable(f"no answer ({failure})")

    def _read_uploads(self, channel_id: str, tally: Tally) -> list[str]:
        params = {
            "part": "contentDetails",
            "playlistId": f"UU{channel_id.removeprefix('UC')}",
            "maxResults": str(RECENT_UPLOADS),
            "fields": "kind,items(contentDetails(videoId))",
        }
        book = self._quota.book(tally, Bucket.YOUTUBE_UNITS, call=Call.PLAYLIST_ITEMS_LIST)
        url = f"{self._access.base_url}{UPLOADS_PATH}"
        found = self._http.get(url, PLAYLIST_LISTS, book=book, params=params).value.video_ids
        return keep_video_ids(found, f"the uploads of channel {channel_id}", tally)
