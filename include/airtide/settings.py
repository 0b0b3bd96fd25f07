"""One typed settings tree: defaults in code, then `include/airtide.yaml`, then AIRTIDE__… in the environment.

Nothing secret lives here: keys and passwords are in connections (and, in local mode, in 0600 files).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.domain.quota import Bucket, BucketLimit
from airtide.setting_errors import describe_refusals, suggest
from airtide.setting_housekeeping import HousekeepingSettings
from airtide.setting_pictures import PicturesSettings
from airtide.setting_platforms import (
    SIMULATED_POLICY,
    PlatformSettings,
    PlatformsSettings,
    PolicySettings,
    Section,
    ViewerOrderedSettings,
)
from airtide.setting_quality import QualitySettings
from airtide.setting_quotas import Quotas
from airtide.setting_sources import Environment, File

SETTINGS_FILE = Path(__file__).resolve().parents[1] / "airtide.yaml"

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

    @model_validator(mode="after")
    def _check_replicas(self) -> Self:
        if self.min_insync_replicas > self.replication_factor:
            said = f"{self.min_insync_replicas} are more than the {self.replication_factor} of replication_factor"
            raise ValueError(f"min_insync_replicas: {said}: no message would ever be delivered")
        return self


class LandingSettings(Section):
    """How much one landing step moves, and how much of it may be bad before the line stops."""

    max_snapshots: Annotated[int, Field(ge=1)] = 100_000
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

    zones: Annotated[tuple[str, ...], Field(min_length=1)] = ("UTC", "Asia/Seoul")
    """Time zones whose days are rolled up; the first is meant where none is named."""
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
    quality: QualitySettings
    """Between which bounds an hour's numbers are believed."""
    kafka: KafkaSettings = KafkaSettings()
    """Topics and clients."""
    landing: LandingSettings = LandingSettings()
    """From Kafka into lake and warehouse."""
    lake: LakeSettings = LakeSettings()
    """The object store."""
    housekeeping: HousekeepingSettings = HousekeepingSettings()
    """What is put together or thrown away, and after how long."""
    pictures: PicturesSettings = PicturesSettings()
    """Pictures of broadcasts."""
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
        return init_settings, Environment(settings_cls), File(settings_cls)

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
        """Return what holds for `platform`'s data: its own policy, or the ages of simulated data."""
        own = self.platform(platform).policy
        if self.mode != "simulated":
            return own
        return SIMULATED_POLICY.model_copy(update={"pictures": own.pictures})


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
    except (yaml.YAMLError, UnicodeDecodeError) as error:
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
