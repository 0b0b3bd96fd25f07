"""What the parts must hold: made once, kept when made again, never mixed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from confluent_kafka.admin import AdminClient
from tests.lakes import s3_lake
from tests.services import WarehouseMaker

from airtide.bus.topics import snapshots_topic, sweeps_topic
from airtide.domain.errors import MisconfiguredError
from airtide.local.environment import AIRFLOW_DATABASE, DATABASE
from airtide.local.parts.lake import LakePart
from airtide.local.prepare import prepare_airflow_database, prepare_stores
from airtide.settings import POLLED_PLATFORMS, Settings, load_settings
from airtide.warehouse.connect import PostgresAddress, Role, connect
from airtide.wiring.connections import Connections, read_environment

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def settings() -> Settings:
    loaded = load_settings()
    bucket = loaded.lake.model_copy(update={"bucket": "prepared"})
    return loaded.model_copy(update={"lake": bucket, "mode": "simulated"})


@pytest.fixture
def connections(
    kafka: dict[str, str], lake_server: LakePart, warehouse_maker: WarehouseMaker, postgres: PostgresAddress
) -> Iterator[Connections]:
    """The connections of an installation of which nothing is made yet."""
    login = warehouse_maker.login
    yield Connections(
        read_environment(
            {
                "AIRFLOW_CONN_AIRTIDE_KAFKA": json.dumps({"extra": kafka}),
                "AIRFLOW_CONN_AIRTIDE_POSTGRES": json.dumps(
                    {
                        "host": login.host,
                        "port": login.port,
                        "login": login.user,
                        "password": login.password,
                        "schema": DATABASE,
                    }
                ),
                **s3_lake(lake_server.endpoint_url).environment,
            }
        )
    )
    with connect(postgres, None) as connection:
        connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def test_everything_is_made_and_making_it_twice_is_harmless(
    connections: Connections, postgres: PostgresAddress, kafka: dict[str, str], settings: Settings
) -> None:
    for _ in range(2):
        prepare_stores(connections, postgres, settings, NOW)
    topics = AdminClient(kafka).list_topics(timeout=10).topics
    for platform in POLLED_PLATFORMS:
        assert len(topics[snapshots_topic(platform)].partitions) == settings.kafka.snapshot_partitions
        assert len(topics[sweeps_topic(platform)].partitions) == 1
    assert "prepared" in {bucket["Name"] for bucket in connections.lake_client().list_buckets()["Buckets"]}
    with connect(connections.postgres_address(), Role.READER) as connection:
        policies = connection.execute("SELECT platform, raw_age FROM policy.platform_policy").fetchall()
        days = connection.execute("SELECT zone, min(day), max(day) FROM trends.zone_day GROUP BY zone").fetchall()
    assert {(platform, age.days) for platform, age in policies} == {(p.value, 30) for p in POLLED_PLATFORMS}
    assert {zone for zone, _, _ in days} == set(settings.trends.zones)


@pytest.mark.parametrize(("first", "second"), [("simulated", "real"), ("real", "simulated")])
def test_a_store_is_never_mixed(
    connections: Connections, postgres: PostgresAddress, settings: Settings, first: str, second: str
) -> None:
    prepare_stores(connections, postgres, settings.model_copy(update={"mode": first}), NOW)
    with pytest.raises(MisconfiguredError, match=f"holds {first} data.*AIRTIDE__LOCAL__HOME"):
        prepare_stores(connections, postgres, settings.model_copy(update={"mode": second}), NOW)


def test_airflow_cannot_read_the_warehouse(
    connections: Connections, postgres: PostgresAddress, settings: Settings
) -> None:
    prepare_stores(connections, postgres, settings, NOW)
    for password in ("first", "second"):
        prepare_airflow_database(postgres, password)
    airflow = PostgresAddress(postgres.host, postgres.port, AIRFLOW_DATABASE, AIRFLOW_DATABASE, "second")
    with connect(airflow, None) as connection:
        connection.execute("CREATE TABLE of_airflow ()")
    with (
        pytest.raises(Exception, match="permission denied"),
        psycopg.connect(
            host=airflow.host, port=airflow.port, dbname=DATABASE, user=airflow.user, password=airflow.password
        ),
    ):
        pytest.fail("Airflow was let into the warehouse")
