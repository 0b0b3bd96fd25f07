"""The branch `platforms` of the settings tree: how each site is polled, and how long its data is kept."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from airtide.domain.ends import MAX_SILENCE
from airtide.domain.pacing import LONGEST_SILENCE_S
from airtide.setting_types import (
    NO_REPEATS,
    CategoryNumber,
    ChannelNumber,
    HttpAddress,
    LanguageTag,
    RegionCode,
    SearchQuery,
    SoopCategoryId,
    TwitchLanguage,
    YouTubeChannelId,
)

CADENCES_S = (60, 120, 180, 240, 300, 360, 600, 720, 900, 1200, 1800)
"""Whole minutes that divide an hour: the schedules that cron can hold, each hour like the other."""

Pictures = Literal["never", "link", "capture"]


def _check_cadence(seconds: int) -> int:
    if seconds not in CADENCES_S:
        raise ValueError(f"a schedule holds only {', '.join(map(str, CADENCES_S))} seconds, not {seconds}")
    return seconds


Cadence = Annotated[int, AfterValidator(_check_cadence)]
"""Seconds from tick to tick."""


def _require_time(age: timedelta) -> timedelta:
    if age <= timedelta():
        raise ValueError(f"expected an ISO 8601 duration longer than nothing such as P30D, not {age}")
    return age


Age = Annotated[timedelta, AfterValidator(_require_time)]
"""How long something is kept."""


class Section(BaseModel):
    """A branch of the tree: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PolicySettings(Section):
    """How long each kind of a platform's data may be kept, and what may be done with it."""

    raw_age: Age
    """Samples and dead letters; ages are ISO 8601 durations such as P30D."""
    text_age: Age
    """Titles, names and tags."""
    statistics_age: Age
    """What is computed from samples, by hour and by day."""
    picture_age: Age
    """Pictures, where they are captured."""
    pictures: Pictures = "link"
    """Whether pictures are left out, shown from the site by their address, or kept."""
    in_combined_rank: bool = True
    """Whether rankings over several sites count this one."""
    source_url: str | None = None
    """The terms that the ages follow; null where a site publishes none."""
    checked_on: date | None = None
    """When somebody last read them."""


SIMULATED_AGE = timedelta(days=30)
SIMULATED_POLICY = PolicySettings(
    raw_age=SIMULATED_AGE, text_age=SIMULATED_AGE, statistics_age=SIMULATED_AGE, picture_age=SIMULATED_AGE
)
"""No site's terms bind what no site said."""


class PlatformSettings(Section):
    """How one site is polled."""

    min_silence_s: ClassVar[int] = 0
    """What `max_silence_s` may not be less than, besides two cadences."""

    base_url: HttpAddress
    """Root of the site's API, without the path of a call."""
    token_url: HttpAddress | None = None
    """Root of the site's token server, where it has one."""
    cadence_s: Cadence = 300
    """Seconds from sweep to sweep."""
    page_cap: Annotated[int, Field(ge=1)] = 400
    """Pages after which a sweep ends, as partial."""
    max_reject_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    """A sweep stops the line when more than this share of its records are refused: the site has changed a type."""
    timeout_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 10.0
    """Seconds to wait for a connection, and for each part of an answer.

    A call with all its retries ends within four times as long, and with its sweep."""
    max_silence_s: Annotated[int, Field(ge=120, le=86_400)] = int(MAX_SILENCE.total_seconds())
    """A broadcast without a sample for longer than this is over, whatever the sweeps since then say."""
    picture_every_s: Annotated[int, Field(ge=60, le=86_400)] = 1800
    """Seconds until a broadcast whose picture was taken may get another; the first is taken at its start."""
    policy: PolicySettings
    """How long the site's data is kept."""

    @model_validator(mode="after")
    def _check_silence(self) -> Self:
        least_s = max(2 * self.cadence_s, self.min_silence_s)
        if self.max_silence_s < least_s:
            raise ValueError(f"max_silence_s: two samples must fit in, so at least {least_s}, not {self.max_silence_s}")
        return self


class ViewerOrderedSettings(PlatformSettings):
    """A site whose list of everything live begins with the most watched."""

    viewer_floor: Annotated[int, Field(ge=0)] = 0
    """Stop paging once a page's last row has fewer viewers; what has fewer is unseen."""


class TwitchSettings(ViewerOrderedSettings):
    """Twitch lists by language or category on request, and answers for channels by their ids."""

    languages: Annotated[tuple[TwitchLanguage, ...], Field(max_length=100), NO_REPEATS] = ()
    """List only broadcasts in one of these; empty lists all languages."""
    category_ids: Annotated[tuple[CategoryNumber, ...], Field(max_length=100), NO_REPEATS] = ()
    """List only broadcasts of one of these categories (`game_id`); empty lists all."""
    watch_list: Annotated[tuple[ChannelNumber, ...], Field(max_length=5_000), NO_REPEATS] = ()
    """Channels (`user_id`) that are asked for, 100 a call, where the list did not show them."""


class SoopSettings(ViewerOrderedSettings):
    """SOOP lists by category on request."""

    category_ids: Annotated[tuple[SoopCategoryId, ...], NO_REPEATS] = ()
    """List only broadcasts of these categories and of those under them, one list after the other; empty lists all."""


class ChzzkSettings(ViewerOrderedSettings):
    """CHZZK lists everything, 20 broadcasts a page, and knows neither filters nor calls by id."""


class KickSettings(PlatformSettings):
    """Kick lists everything by start, up to 1,000 broadcasts a page, so that there is no viewer floor."""

    api_version: Literal["v2", "v1"] = "v2"
    """v1 lists only the 100 most watched of each category and language: a way out should v2 fail."""
    languages: Annotated[tuple[LanguageTag, ...], Field(max_length=25), NO_REPEATS] = ()
    """List only broadcasts in one of these; empty lists all languages."""
    category_ids: Annotated[tuple[CategoryNumber, ...], Field(max_length=25), NO_REPEATS] = ()
    """List only broadcasts of one of these categories; empty lists all."""
    watch_list: Annotated[tuple[ChannelNumber, ...], Field(max_length=5_000), NO_REPEATS] = ()
    """Channels (`broadcaster_user.id`) that are asked for, 100 a call, where the list did not show them."""


class YouTubeSettings(PlatformSettings):
    """YouTube has no list of everything live: broadcasts are discovered by search, then asked for by id."""

    min_silence_s: ClassVar[int] = 2 * LONGEST_SILENCE_S
    """Two questions to a broadcast that is asked for as seldom as any."""

    discover_every_s: Cadence = 900
    """Seconds from search to search."""
    search_regions: Annotated[tuple[RegionCode, ...], Field(min_length=1), NO_REPEATS] = ("KR", "US")
    """Searches take turns over these."""
    search_queries: Annotated[tuple[Literal[""] | SearchQuery, ...], Field(min_length=1), NO_REPEATS] = ("",)
    """Words that searches take turns over; an empty text searches for everything."""
    search_languages: Annotated[tuple[LanguageTag, ...], NO_REPEATS] = ()
    """Languages that searches take turns over (`relevanceLanguage`); none leaves it to the site."""
    search_category_ids: Annotated[tuple[CategoryNumber, ...], NO_REPEATS] = ()
    """Categories that searches take turns over (`videoCategoryId`); none searches in all at once."""
    search_pages: Annotated[int, Field(ge=1, le=10)] = 1
    """Pages read of one search; each is one of the day's search calls, which are shared out evenly."""
    search_reserve: Annotated[int, Field(ge=0)] = 10
    """Search calls a day that the schedule leaves for runs by hand; fewer than the day has."""
    watch_list: Annotated[tuple[YouTubeChannelId, ...], Field(max_length=1_000), NO_REPEATS] = ()
    """Channels (UC…) whose feeds are read for broadcasts that no search has found."""
    feed_url: HttpAddress = "https://www.youtube.com/feeds/videos.xml"
    """Address of channels' feeds, which cost no quota."""
    reserve_share: Annotated[float, Field(ge=0, le=0.5)] = 0.05
    """Share of the units that polls leave for calls made again, and for playlists where feeds fail."""


class PlatformsSettings(Section):
    """One branch a site; a site without a branch is not polled."""

    youtube: YouTubeSettings
    """YouTube Data API v3."""
    twitch: TwitchSettings
    """Twitch Helix."""
    soop: SoopSettings
    """SOOP's open API."""
    chzzk: ChzzkSettings
    """CHZZK's open API."""
    kick: KickSettings
    """Kick's public API."""
