"""Simulated sites in a process of their own, and the clients that read all of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.services import free_port, running

from airtide.domain.clock import SetClock
from airtide.domain.models import Platform
from airtide.local.environment import render_sites
from airtide.local.home import Home
from airtide.local.parts.simulators import SimulatorsPart
from airtide.local.secret_file import complete_secrets
from airtide.local.sites import list_accounts, simulated_credentials
from airtide.platforms.quota import Quota
from airtide.platforms.registry import SiteSource, build_source
from airtide.settings import SimulationSettings, load_settings
from airtide.simulators.world.traits import TRAITS
from airtide.wiring.connections import Connections, read_environment

SEED = 7
DAY = datetime(2026, 11, 20, tzinfo=UTC)
BUSIEST_AFTER_S = 4 * 3600
"""So long after most broadcasts begin, most are live."""

ANSWER_TIMEOUT_S = 600.0
"""The first answer waits for a world of many channels to be computed."""


@contextmanager
def running_sites(channels: int) -> Iterator[dict[str, str]]:
    """Run the simulated sites with `channels` channels each; yields the connections as AIRFLOW_CONN_… variables."""
    secrets = complete_secrets({})
    world = SimulationSettings(seed=SEED, channels_per_platform=channels)
    with tempfile.TemporaryDirectory(prefix="airtide-bench-") as folder:
        home = Home(Path(folder).resolve())
        credentials = simulated_credentials(secrets)
        part = SimulatorsPart(home=home, port=free_port(), credentials=credentials, world=world)
        with running(part, home):
            yield render_sites(list_accounts({}, secrets, load_settings(), part.base_url))


def open_source(environment: Mapping[str, str], platform: Platform, at: datetime) -> SiteSource:
    """Return the real client of a simulated site at one instant of its world; it reads every page of a list."""
    access = Connections(read_environment(environment)).site_access(platform, simulated_now=lambda: at)
    limits = load_settings().platform(platform)
    unbounded = {"page_cap": 10_000, "viewer_floor": 0, "timeout_s": ANSWER_TIMEOUT_S}
    return build_source(platform, access, limits.model_copy(update=unbounded), SetClock(at), Quota())


def find_busy_minute(platform: Platform, number: int) -> datetime:
    """Return the tick of run `number`: each has a minute of its own, since some sites count calls by the minute."""
    return DAY + timedelta(seconds=TRAITS[platform].busiest_at_s + BUSIEST_AFTER_S, minutes=number)
