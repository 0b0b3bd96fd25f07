"""One typed settings tree: defaults in code, then `include/airtide.yaml`, then AIRTIDE__… in the environment.

Nothing secret lives here: keys and passwords are in connections (and, in local mode, in 0600 files).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

from airtide.domain.ends import MAX_SILENCE
from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.domain.pacing import LONGEST_SILENCE_S
from airtide.domain.quota import Bucket, BucketLimit
from airtide.setting_errors import describe_refusals, suggest
from airtide.setting_quotas import Quotas
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

SETTINGS_FILE = Path(__file__).resolve().parents[1] / "airtide.yaml"

CADENCES_S = (60, 120, 180, 240, 300, 360, 600, 720, 900, 1200, 1800)
"""Whole minutes that divide an hour: the schedules that cron can hold, each hour like the other."""

Pictures = Literal["never", "link", "capture"]


def _check_cadence(seconds: int) -> int:
    if seconds not in CADENCES_S:
        raise ValueError(f"a schedule holds only {', '.join(map(str, CADENCES_S))} seconds, not {seconds}")
    return seconds


Cadence = Annotated[int, AfterValidator(_check_cadence)]
"""Seconds from tick to tick."""


class Section(BaseModel):
    """A branch of the tree: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PolicySettings(Section):
    """How long each kind of a platform's data may be kept, and what may be done with it."""

    raw_age: timedelta
    """Samples and dead letters; ages are ISO 8601 durations such as P30D."""
    text_age: timedelta
    """Titles, names and tags."""
    statistics_age: timedelta
    """What is computed from samples, by hour and by day."""
    picture_age: timedelta
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

    base_url: str
    """Root of the site's API, without the path of a call."""
    token_url: str | None = None
    """Root of the site's token server, where it has one."""
    cadence_s: Cadence = 300
    """Seconds from sweep to sweep."""
    page_cap: Annotated[int, Field(ge=1)] = 400
    """Pages after which a sweep ends, as partial."""
    max_reject_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    """A sweep stops the line when more than this share of its records are refused: the site has changed a type."""
    timeout_s: Annotated[float, Field(gt=0)] = 10.0
    """Seconds to wait for a connection, and for each part of an answer.

    A call with all its retries ends within four times as long, and with its sweep."""
    max_silence_s: Annotated[int, Field(ge=120, le=86_400)] = int(MAX_SILENCE.total_seconds())
    """A broadcast without a sample for longer than this is over, whatever the sweeps since then say."""
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


POLLED_PLATFORMS = tuple(platform for platform in Platform if platform.value in PlatformsSettings.model_fields)
"""The sites that have a client; each has its poll and its landing Dag."""


class KafkaSettings(Section):
    """How topics are made."""

    snapshot_partitions: Annotated[int, Field(ge=1)] = 4
    """Partitions of a snapshots topic; fixed once the topic is made."""
    replication_factor: Annotated[int, Field(ge=1)] = 1
    """Brokers that hold each partition."""
    min_insync_replicas: Annotated[int, Field(ge=1)] = 1
    """Brokers that must have a message before it counts as delivered."""
    deadline_s: Annotated[float, Field(gt=0)] = 30.0
    """Seconds after which a broker that does not answer fails the task."""


class LandingSettings(Section):
    """How much one landing step moves, and how much of it may be bad before the line stops."""

    max_snapshots: Annotated[int, Field(ge=1)] = 25_000
    """Snapshots that one batch moves at most, about."""
    max_bad_in_row: Annotated[int, Field(ge=0)] = 500
    """Bad messages one after the other that stop the line."""
    max_bad_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Share of a batch that may be bad before the line stops."""
    min_bad_for_share: Annotated[int, Field(ge=1)] = 20
    """Fewer bad messages than this are never too large a share."""


class LakeSettings(Section):
    """Where objects lie."""

    bucket: str = "airtide"
    """The bucket of the object store."""


class TrendsSettings(Section):
    """What is rolled up and how it is shown."""

    zones: tuple[str, ...] = ("UTC", "Asia/Seoul")
    """Time zones whose days are rolled up."""
    low_coverage: Annotated[float, Field(ge=0, le=1)] = 0.9
    """Rankings mark rows whose coverage is under this share."""


class SimulationSettings(Section):
    """The world behind the simulated sites."""

    seed: int = 20260101
    """Decides everything that happens in it."""
    channels_per_platform: Annotated[int, Field(ge=1)] = 1900
    """Channels of each site, of which about one in eight is live at a time."""


Port = Annotated[int, Field(ge=0, le=65535)]


class PortsSettings(Section):
    """Loopback ports of local mode; 0 picks a free one at the first start."""

    kafka: Port = 29092
    """Kafka, for clients."""
    kafka_controller: Port = 29093
    """Kafka, for itself."""
    postgres: Port = 25432
    """PostgreSQL."""
    lake: Port = 29000
    """The S3 server."""
    simulators: Port = 28090
    """The simulated sites."""
    airflow: Port = 28080
    """Airflow's pages and API."""


def _refuse_checkout(folder: Path) -> Path:
    if folder == Path():
        raise ValueError("name a folder of its own: an empty value or `.` is the checkout itself")
    return folder


class LocalSettings(Section):
    """Local mode: where its state lies and where its parts listen."""

    home: Annotated[Path, AfterValidator(_refuse_checkout)] = Path(".airtide")
    """Folder of everything that local mode writes."""
    ports: PortsSettings = PortsSettings()
    """Where its parts listen."""


class Environment(EnvSettingsSource):
    """Variables AIRTIDE__…; what should be JSON and is not is refused like any other value, with its path."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """Return what a JSON text holds; a text that is no JSON as it is."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


def _refuse_relative(folder: Path) -> Path:
    if not folder.is_absolute():
        raise ValueError("give an absolute path: tasks do not all run in the same folder")
    return folder


StateFolder = Annotated[Path, AfterValidator(_refuse_relative)]


def _choose_state_folder() -> Path | None:
    """Return a folder beside Airflow's own files, which all of its tasks on a machine see; none outside Airflow."""
    home = os.environ.get("AIRFLOW_HOME", "")
    return Path(home) / "airtide-state" if Path(home).is_absolute() else None


class Settings(BaseSettings):
    """The whole tree."""

    model_config = SettingsConfigDict(
        env_prefix="AIRTIDE__",
        env_nested_delimiter="__",
        yaml_file=SETTINGS_FILE,
        extra="forbid",
        frozen=True,
    )

    mode: Literal["simulated", "real"] = "real"
    """What the stores hold; local mode sets `simulated` where no real keys are given."""
    platforms: PlatformsSettings
    """The sites that are polled."""
    quotas: Quotas
    """What may be spent of each site's buckets."""
    kafka: KafkaSettings = KafkaSettings()
    """Topics and clients."""
    landing: LandingSettings = LandingSettings()
    """From Kafka into lake and warehouse."""
    lake: LakeSettings = LakeSettings()
    """The object store."""
    trends: TrendsSettings = TrendsSettings()
    """Rollups and rankings."""
    simulation: SimulationSettings = SimulationSettings()
    """The world that is shown where no real keys are given."""
    local: LocalSettings = LocalSettings()
    """Local mode."""
    state_folder: StateFolder | None = Field(default_factory=_choose_state_folder)
    """What processes of one machine share between tasks, such as app tokens; none: each process keeps its own."""

    @model_validator(mode="after")
    def _check_reserve(self) -> Self:
        reserve, limit = self.platforms.youtube.search_reserve, self.quotas[Bucket.YOUTUBE_SEARCH].limit
        if reserve >= limit:
            said = f"leave the schedule a search: fewer than the {limit} of quotas.youtube.search.limit, not {reserve}"
            raise ValueError(f"platforms.youtube.search_reserve: {said}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file over defaults; values given in code win for tests."""
        return init_settings, Environment(settings_cls), YamlConfigSettingsSource(settings_cls)

    def platform(self, platform: Platform) -> PlatformSettings:
        """Return the branch of `platform`; raises `MisconfiguredError` when the site is not set up."""
        branch = getattr(self.platforms, platform.value, None)
        if branch is None:
            known = ", ".join(PlatformsSettings.model_fields)
            raise MisconfiguredError(f"no settings for platforms.{platform}: known are {known}")
        return branch  # type: ignore[no-any-return]

    def viewer_floor(self, platform: Platform) -> int:
        """Return the count under which `platform` is not listed; 0 where everything is."""
        branch = self.platform(platform)
        return branch.viewer_floor if isinstance(branch, ViewerOrderedSettings) else 0

    @property
    def bucket_limits(self) -> dict[Bucket, BucketLimit]:
        """Return what each quota bucket holds."""
        return {bucket: quota.to_limit() for bucket, quota in self.quotas.items()}

    @property
    def polled_limits(self) -> dict[Bucket, BucketLimit]:
        """Return what the buckets of the sites hold that are polled."""
        return {bucket: limit for bucket, limit in self.bucket_limits.items() if bucket.platform in POLLED_PLATFORMS}

    def policy(self, platform: Platform) -> PolicySettings:
        """Return what holds for `platform`'s data: its own policy, or that of simulated data."""
        return SIMULATED_POLICY if self.mode == "simulated" else self.platform(platform).policy


def load_settings() -> Settings:
    """Read the tree; a wrong key or value raises `MisconfiguredError` with its path and what is allowed there."""
    try:
        _refuse_unknown_variables(os.environ)
        return Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        lines = [f"  {line}" for line in describe_refusals(Settings, error)]
        raise MisconfiguredError(
            f"settings refused ({SETTINGS_FILE.name} and AIRTIDE__… in the environment):\n" + "\n".join(lines)
        ) from None
    except yaml.YAMLError as error:
        raise MisconfiguredError(f"{SETTINGS_FILE.name} is not YAML: {' '.join(str(error).split())}") from None


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    prefix, delimiter = "AIRTIDE__", "__"
    for name in environment:
        branch = name.removeprefix(prefix).split(delimiter)[0].lower()
        if name.startswith(prefix) and branch not in Settings.model_fields:
            near = suggest(branch, Settings.model_fields)
            known = ", ".join(Settings.model_fields)
            raise MisconfiguredError(
                f"settings refused: {name} names no setting{near}; {prefix}… begins one of {known}"
            )
