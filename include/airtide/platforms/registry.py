"""Which client speaks to which site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from airtide.domain.clock import Clock
from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.platforms.access import PollLimits, SiteAccess
from airtide.platforms.chzzk.client import ChzzkSource
from airtide.platforms.kick.client import KickSource
from airtide.platforms.quota import Quota
from airtide.platforms.soop.client import SoopSource
from airtide.platforms.twitch.client import TwitchSource
from airtide.platforms.youtube.client import YouTubeSource
from airtide.platforms.youtube.search import YouTubeSearch
from airtide.platforms.youtube.watch import WatchLimits, YouTubeWatchList

__all__ = ["SITES", "PollLimits", "SiteAccess", "build_discovery", "build_source"]

SiteSource = YouTubeSource | TwitchSource | SoopSource | ChzzkSource | KickSource


SITES: Mapping[Platform, Callable[[SiteAccess, Any, Clock, Quota], SiteSource]] = {
    Platform.YOUTUBE: YouTubeSource,
    Platform.TWITCH: TwitchSource,
    Platform.SOOP: SoopSource,
    Platform.CHZZK: ChzzkSource,
    Platform.KICK: KickSource,
}
"""Each client names the limits that it needs; the settings of its platform fulfil them."""


def build_source(platform: Platform, access: SiteAccess, limits: PollLimits, clock: Clock, quota: Quota) -> SiteSource:
    """Return the live source of `platform`; it keeps tokens and category names, so keep it as long as a process.

    Raises `MisconfiguredError` for a site without a client, and for a connection without the key it needs.
    """
    build = SITES.get(platform)
    if build is None:
        raise MisconfiguredError(f"no client for {platform}: known are {', '.join(SITES)}")
    return build(access, limits, clock, quota)


def build_discovery(
    access: SiteAccess, limits: WatchLimits, clock: Clock, quota: Quota
) -> tuple[YouTubeSearch | YouTubeWatchList, ...]:
    """Return what finds broadcasts of the one site that has no listing; raises like `build_source`.

    The search is first: it takes one call, where the feeds of a long watch-list take what time there is.
    """
    return YouTubeSearch(access, limits, quota), YouTubeWatchList(access, limits, clock, quota)
