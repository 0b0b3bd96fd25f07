"""Makes what the parts must hold before work begins: databases, topics, bucket, policies. Twice is harmless.

Local mode and the `init` service of Docker Compose call the same functions.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from airtide.domain.models import Platform
from airtide.local.environment import AIRFLOW_DATABASE, DATABASE
from airtide.settings import POLLED_PLATFORMS, Settings
from airtide.wiring.connections import Connections

if TYPE_CHECKING:
    from airtide.warehouse.connect import PostgresAddress
    from airtide.warehouse.policies import PlatformPolicy


def prepare_stores(connections: Connections, superuser: PostgresAddress, settings: Settings, now: datetime) -> None:
    """Make the warehouse, stamp it with what it holds, then topics and bucket.

    Raises `MisconfiguredError` when the store holds data of the other mode, before anything else is touched.
    """
    prepare_warehouse(connections, superuser, settings, now)
    prepare_topics(connections, settings)
    prepare_bucket(connections, settings)


def prepare_warehouse(connections: Connections, superuser: PostgresAddress, settings: Settings, now: datetime) -> None:
    """Make roles and schema, stamp the store, write policies and the calendar of days."""
    from airtide.warehouse.connect import Role, connect
    from airtide.warehouse.policies import stamp_store, write_policies
    from airtide.warehouse.setup import prepare_warehouse as prepare
    from airtide.warehouse.zone_days import ensure_calendar

    application = connections.postgres_address()
    prepare(superuser, application.password, DATABASE)
    with connect(superuser.at(DATABASE), Role.OWNER) as connection:
        stamp_store(connection, settings.mode, now=now)
        write_policies(connection, [platform_policy(platform, settings) for platform in POLLED_PLATFORMS])
    with connect(application, Role.ROLLUP) as connection:
        ensure_calendar(connection, settings.trends.zones, now=now)


def platform_policy(platform: Platform, settings: Settings) -> PlatformPolicy:
    """Return a platform's policy as the warehouse keeps it."""
    from airtide.warehouse.policies import PlatformPolicy

    return PlatformPolicy(platform=platform, **settings.policy(platform).model_dump())


def prepare_topics(connections: Connections, settings: Settings) -> None:
    """Make every platform's topics and bring their settings up to date."""
    from airtide.bus.setup import ensure_topics
    from airtide.bus.topics import platform_topics

    topics = [
        topic
        for platform in POLLED_PLATFORMS
        for topic in platform_topics(
            platform,
            snapshot_partitions=settings.kafka.snapshot_partitions,
            replication_factor=settings.kafka.replication_factor,
            min_insync_replicas=settings.kafka.min_insync_replicas,
            raw_age=settings.policy(platform).raw_age,
        )
    ]
    ensure_topics(connections.kafka_config(), topics, deadline_s=settings.kafka.deadline_s)


def prepare_bucket(connections: Connections, settings: Settings) -> None:
    """Make the bucket or folder of the lake when it is not there; raises the store's error where it may not be made."""
    from airtide.wiring.adapters import Adapters

    with Adapters(connections, settings) as adapters:
        adapters.store.prepare()


def prepare_airflow_database(superuser: PostgresAddress, password: str) -> None:
    """Make the login and the database of Airflow's own metadata; it can reach no other database's tables."""
    from psycopg import sql

    from airtide.warehouse.connect import connect

    name = sql.Identifier(AIRFLOW_DATABASE)
    with connect(superuser, None) as connection:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (AIRFLOW_DATABASE,)).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
        # hashed here, so that the server's log can never show it
        hashed = connection.pgconn.encrypt_password(password.encode(), AIRFLOW_DATABASE.encode(), b"scram-sha-256")
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(hashed.decode())))
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (AIRFLOW_DATABASE,)).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
