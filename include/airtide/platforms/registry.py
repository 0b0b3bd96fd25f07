"""Which client speaks to which site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from airtide.domain.clock import Clock
from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.domain.quota import Bucket
from airtide.platforms.access import PollLimits, SiteAccess
from airtide.platforms.chzzk.client import ChzzkSource
from airtide.platforms.kick.client import KickSource
from airtide.platforms.quota import Quota
from airtide.platforms.soop.client import SoopSource
from airtide.platforms.twitch.client import TwitchSource
from airtide.platforms.youtube.client import YouTubeSource
from airtide.platforms.youtube.search import YouTubeSearch
from airtide.platforms.youtube.watch import WatchLimits, YouTubeWatchList

__all__ = ["SITES", "PollLimits", "Site", "SiteAccess", "build_discovery", "build_source"]

SiteSource = YouTubeSource | TwitchSource | SoopSource | ChzzkSource | KickSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """How one site is spoken to, and which quota buckets that draws from."""

    build: Callable[[SiteAccess, Any, Clock, Quota], SiteSource]
    """Each client names the limits that it needs; the settings of its platform fulfil them."""
    buckets: tuple[Bucket, ...]


SITES: Mapping[Platform, Site] = {
    Platform.YOUTUBE: Site(build=YouTubeSource, buckets=(Bucket.YOUTUBE_UNITS, Bucket.YOUTUBE_SEARCH)),
    Platform.TWITCH: Site(build=TwitchSource, buckets=(Bucket.TWITCH_POINTS, Bucket.TWITCH_TOKENS)),
    Platform.SOOP: Site(build=SoopSource, buckets=(Bucket.SOOP_REQUESTS,)),
    Platform.CHZZK: Site(build=ChzzkSource, buckets=(Bucket.CHZZK_REQUESTS,)),
    Platform.KICK: Site(build=KickSource, buckets=(Bucket.KICK_REQUESTS, Bucket.KICK_TOKENS)),
}


def build_source(platform: Platform, access: SiteAccess, limits: PollLimits, clock: Clock, quota: Quota) -> SiteSource:
    """Return the live source of `platform`; it keeps tokens and category names, so keep it as long as a process.

    Raises `MisconfiguredError` for a site without a client, and for a connection without the key it needs.
    """
    site = SITES.get(platform)
    if site is None:
        raise MisconfiguredError(f"no client for {platform}: known are {', '.join(SITES)}")
    return site.build(access, limits, clock, quota)


def build_discovery(
    access: SiteAccess, limits: WatchLimits, clock: Clock, quota: Quota
) -> tuple[YouTubeSearch | YouTubeWatchList, ...]:
    """Return what finds broadcasts of the one site that has no listing; raises like `build_source`.

    The search is first: it takes one call, where the feeds of a long watch-list take what time there is.
    """
    return YouTubeSearch(access, limits, quota), YouTubeWatchList(access, limits, clock, quota)
