"""Everything that the demo starts, without Airflow: broker, simulated sites, warehouse and lake, ready to be polled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.lakes import s3_lake
from tests.services import SimulatedSites, WarehouseMaker, free_port, running, running_kafka

from airtide.domain.models import Platform
from airtide.local.home import Home
from airtide.local.parts.lake import LakePart
from airtide.local.parts.simulators import SimulatorsPart
from airtide.local.prepare import prepare_topics
from airtide.settings import POLLED_PLATFORMS, LakeSettings, Settings
from airtide.warehouse.connect import Role, connect
from airtide.warehouse.zone_days import ensure_calendar
from airtide.wiring.connections import Connections, read_environment
from airtide.wiring.reads import Reads

if TYPE_CHECKING:
    from airtide.warehouse.connect import PostgresAddress


@dataclass(frozen=True, slots=True)
class WholeWay:
    """The parts, how they are reached, and what reads them."""

    connections: Connections
    environment: dict[str, str]
    """The connections as processes are handed them."""
    settings: Settings
    sites: SimulatedSites
    reads: Reads
    superuser: PostgresAddress


@contextmanager
def running_whole_way(
    settings: Settings,
    folder: Path,
    warehouse_maker: WarehouseMaker,
    lake_server: LakePart,
    *,
    raw_age: timedelta,
    now: datetime,
) -> Iterator[WholeWay]:
    """Run a broker and simulated sites of their own, since topics have the names of service; nothing is polled yet."""
    home = Home(folder)
    lake = s3_lake(lake_server.endpoint_url).prepare()
    settings = settings.model_copy(update={"lake": LakeSettings(bucket=lake.bucket)})
    port = free_port()
    sites = SimulatedSites(base_url=f"http://127.0.0.1:{port}")
    world = SimulatorsPart(home=home, port=port, credentials=sites.credentials(), world=settings.simulation)
    with running_kafka(home) as kafka, running(world, home), warehouse_maker.warehouse() as warehouse:
        environment = {**write_connections(kafka, warehouse.address, sites), **lake.environment}
        connections = Connections(read_environment(environment))
        prepare_topics(connections, settings)
        with connect(warehouse.superuser, Role.OWNER) as connection:
            connection.execute(
                "INSERT INTO policy.platform_policy SELECT platform, %(age)s, %(age)s, %(age)s, %(age)s,"
                " 'link', TRUE FROM unnest(%(platforms)s::live.platform[]) AS platform",
                {"age": raw_age, "platforms": [p.value for p in POLLED_PLATFORMS]},
            )
        with connect(warehouse.address, Role.ROLLUP) as connection:
            ensure_calendar(connection, settings.trends.zones, now=now)
        with closing(Reads(connections.postgres_address(), settings)) as reads:
            yield WholeWay(connections, environment, settings, sites, reads, warehouse.superuser)


def write_connections(kafka: dict[str, str], warehouse: PostgresAddress, sites: SimulatedSites) -> dict[str, str]:
    """Return the connections as the environment hands them on."""
    postgres = {
        "host": warehouse.host,
        "port": warehouse.port,
        "login": warehouse.user,
        "password": warehouse.password,
        "schema": warehouse.dbname,
    }
    return {
        "AIRFLOW_CONN_AIRTIDE_KAFKA": json.dumps({"extra": kafka}),
        "AIRFLOW_CONN_AIRTIDE_POSTGRES": json.dumps(postgres),
        **{
            f"AIRFLOW_CONN_AIRTIDE_{platform.upper()}": json.dumps(site_connection(sites, platform))
            for platform in POLLED_PLATFORMS
        },
    }


def site_connection(sites: SimulatedSites, platform: Platform) -> dict[str, Any]:
    """Return the connection to a simulated site."""
    base_url = f"{sites.base_url}/{platform}"
    login, password = sites.login_and_password(platform)
    return {
        "host": base_url,
        "login": login,
        "password": password,
        "extra": {"token_url": base_url, "simulated": True},
    }


def fetch(whole_way: WholeWay, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Return the rows of a query, read as readers do."""
    with connect(whole_way.connections.postgres_address(), Role.READER) as connection:
        return connection.execute(query, parameters).fetchall()
