"""One typed settings tree: defaults in code, then `include/airtide.yaml`, then AIRTIDE__… in the environment.

Nothing secret lives here: keys and passwords are in connections (and, in local mode, in 0600 files).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)

from airtide.domain.ends import MAX_SILENCE
from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform

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
    text_age: timedelta
    statistics_age: timedelta
    picture_age: timedelta
    pictures: Pictures = "link"
    in_combined_rank: bool = True
    source_url: str | None = None
    checked_on: date | None = None


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
    cadence_s: Cadence = 300
    page_cap: Annotated[int, Field(ge=1)] = 400
    """Pages after which a sweep ends, as partial."""
    max_reject_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    """A sweep stops the line when more than this share of its records are refused: the site has changed a type."""
    timeout_s: Annotated[float, Field(gt=0)] = 10.0
    max_silence_s: Annotated[int, Field(ge=120, le=86_400)] = int(MAX_SILENCE.total_seconds())
    """A broadcast without a sample for longer than this is over, whatever the sweeps since then say."""
    policy: PolicySettings

    @model_validator(mode="after")
    def _check_silence(self) -> Self:
        least_s = max(2 * self.cadence_s, self.min_silence_s)
        if self.max_silence_s < least_s:
            raise ValueError(f"max_silence_s: two sweeps must fit in, so at least {least_s}, not {self.max_silence_s}")
        return self


class ViewerOrderedSettings(PlatformSettings):
    """A site whose list of everything live begins with the most watched."""

    viewer_floor: Annotated[int, Field(ge=0)] = 0
    """Stop paging once a page's last row has fewer viewers; what has fewer is unseen."""


NumberId = Annotated[str, Field(pattern="^[0-9]{1,20}$")]
"""An id of a site that numbers its channels and categories; text all the same."""

LanguageCode = Annotated[str, Field(pattern="^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
"""A language in a site's own code, such as `ko`, `zh-Hans` or `other`."""


class TwitchSettings(ViewerOrderedSettings):
    """Twitch lists by language or category on request, and answers for channels by their ids."""

    languages: Annotated[tuple[LanguageCode, ...], Field(max_length=100)] = ()
    """Only these are listed; all when empty."""
    category_ids: Annotated[tuple[NumberId, ...], Field(max_length=100)] = ()
    """Only these are listed (Twitch's game ids); all when empty."""
    watch_list: Annotated[tuple[NumberId, ...], Field(max_length=5_000)] = ()
    """User ids of channels that are asked for, 100 a call, where the list did not show them."""


class SoopSettings(ViewerOrderedSettings):
    """SOOP lists by category on request."""


class ChzzkSettings(ViewerOrderedSettings):
    """CHZZK lists everything, 20 broadcasts a page, and knows neither filters nor calls by id."""


class KickSettings(PlatformSettings):
    """Kick lists everything by start, up to 1,000 broadcasts a page, so that there is no viewer floor."""

    api_version: Literal["v2", "v1"] = "v2"
    """v1 lists only the 100 most watched of each category and language: a way out should v2 fail."""
    languages: Annotated[tuple[LanguageCode, ...], Field(max_length=25)] = ()
    """Only these are listed; all when empty."""
    category_ids: Annotated[tuple[NumberId, ...], Field(max_length=25)] = ()
    """Only these are listed; all when empty."""
    watch_list: Annotated[tuple[NumberId, ...], Field(max_length=5_000)] = ()
    """User ids of channels that are asked for, 100 a call, where the list did not show them."""


class YouTubeSettings(PlatformSettings):
    """YouTube has no list of everything live: broadcasts are discovered by search, then asked for by id."""

    min_silence_s: ClassVar[int] = 1800

    discover_every_s: Cadence = 900
    search_regions: tuple[str, ...] = ("KR", "US")
    """Searches take turns over these."""
    search_pages: Annotated[int, Field(ge=1, le=10)] = 1
    """Each page is one of the 100 search calls of a day: one every 15 minutes makes 96."""


class PlatformsSettings(Section):
    """One branch a site; a site without a branch is not polled."""

    youtube: YouTubeSettings
    twitch: TwitchSettings
    soop: SoopSettings
    chzzk: ChzzkSettings
    kick: KickSettings


POLLED_PLATFORMS = tuple(platform for platform in Platform if platform.value in PlatformsSettings.model_fields)
"""The sites that have a client; each has its poll and its landing Dag."""


class KafkaSettings(Section):
    """How topics are made."""

    snapshot_partitions: Annotated[int, Field(ge=1)] = 4
    replication_factor: Annotated[int, Field(ge=1)] = 1
    min_insync_replicas: Annotated[int, Field(ge=1)] = 1
    deadline_s: Annotated[float, Field(gt=0)] = 30.0


class LandingSettings(Section):
    """How much one landing step moves, and how much of it may be bad before the line stops."""

    max_snapshots: Annotated[int, Field(ge=1)] = 25_000
    max_bad_in_row: Annotated[int, Field(ge=0)] = 500
    max_bad_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    min_bad_for_share: Annotated[int, Field(ge=1)] = 20
    """Fewer bad messages than this are never too large a share."""


class LakeSettings(Section):
    """Where objects lie."""

    bucket: str = "airtide"


class TrendsSettings(Section):
    """What is rolled up and how it is shown."""

    zones: tuple[str, ...] = ("UTC", "Asia/Seoul")
    low_coverage: Annotated[float, Field(ge=0, le=1)] = 0.9
    """Rankings mark rows whose coverage is under this share."""


class SimulationSettings(Section):
    """The world behind the simulated sites."""

    seed: int = 20260101
    channels_per_platform: Annotated[int, Field(ge=1)] = 1900


Port = Annotated[int, Field(ge=0, le=65535)]


class PortsSettings(Section):
    """Loopback ports of local mode; 0 picks a free one at the first start."""

    kafka: Port = 29092
    kafka_controller: Port = 29093
    postgres: Port = 25432
    lake: Port = 29000
    simulators: Port = 28090
    airflow: Port = 28080


def _refuse_checkout(folder: Path) -> Path:
    if folder == Path():
        raise ValueError("name a folder of its own: an empty value or `.` is the checkout itself")
    return folder


class LocalSettings(Section):
    """Local mode: where its state lies and where its parts listen."""

    home: Annotated[Path, AfterValidator(_refuse_checkout)] = Path(".airtide")
    ports: PortsSettings = PortsSettings()


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
    kafka: KafkaSettings = KafkaSettings()
    landing: LandingSettings = LandingSettings()
    lake: LakeSettings = LakeSettings()
    trends: TrendsSettings = TrendsSettings()
    simulation: SimulationSettings = SimulationSettings()
    local: LocalSettings = LocalSettings()
    state_folder: StateFolder | None = Field(default_factory=_choose_state_folder)
    """What processes of one machine share between tasks, such as app tokens; none: each process keeps its own."""

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
        return init_settings, env_settings, YamlConfigSettingsSource(settings_cls)

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

    def policy(self, platform: Platform) -> PolicySettings:
        """Return what holds for `platform`'s data: its own policy, or that of simulated data."""
        return SIMULATED_POLICY if self.mode == "simulated" else self.platform(platform).policy


def load_settings() -> Settings:
    """Read the tree; a wrong key or value raises `MisconfiguredError` with its path and what was expected."""
    try:
        _refuse_unknown_variables(os.environ)
        return Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        lines = [f"  {'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors()]
        raise MisconfiguredError(
            f"settings refused ({SETTINGS_FILE.name} and AIRTIDE__… in the environment):\n" + "\n".join(lines)
        ) from None
    except SettingsError as error:
        raise MisconfiguredError(f"settings refused: {error}; lists and sections in the environment are JSON") from None
    except yaml.YAMLError as error:
        raise MisconfiguredError(f"{SETTINGS_FILE.name} is not YAML: {' '.join(str(error).split())}") from None


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    prefix, delimiter = "AIRTIDE__", "__"
    for name in environment:
        branch = name.removeprefix(prefix).split(delimiter)[0].lower()
        if name.startswith(prefix) and branch not in Settings.model_fields:
            known = ", ".join(Settings.model_fields)
            raise MisconfiguredError(f"settings refused: {name} names no setting; {prefix}… begins one of {known}")
