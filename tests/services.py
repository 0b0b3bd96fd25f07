"""Starts the parts of local mode for a test session: real processes on free ports, without Airflow and a supervisor."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from psycopg import sql
from tests.gcs_server import GcsPart, find_server

from airtide.domain.models import Platform
from airtide.local.home import Home
from airtide.local.java import JavaRuntime, fetch_jars, find_java
from airtide.local.parts import LOOPBACK, Part, wait_until_ready
from airtide.local.parts.kafka import KafkaPart
from airtide.local.parts.lake import LakePart
from airtide.local.parts.postgres import PostgresPart
from airtide.local.parts.simulators import SimulatorsPart
from airtide.local.program import start_program, stop_program
from airtide.settings import SimulationSettings
from airtide.warehouse.connect import PostgresAddress, Role, connect
from airtide.warehouse.setup import LOGIN, prepare_warehouse

LAKE_KEY = ("tests", secrets.token_urlsafe(16))
"""Access key and secret of the S3 servers that tests run."""
TEMPLATE = "airtide_template"


def free_port() -> int:
    """Return a loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(part: Part, home: Home) -> Iterator[None]:
    """Run `part` until the block ends, its log in the state folder."""
    part.prepare()
    program = part.program()
    process = start_program(program, home.root)
    try:
        wait_until_ready(part, is_running=lambda: process.poll() is None)
        yield
    finally:
        stop_program(program, process)


@contextmanager
def running_postgres(home: Home) -> Iterator[PostgresAddress]:
    """Run a PostgreSQL of its own under `home`, removed at the end; yields its superuser's address."""
    part = PostgresPart(home=home, port=free_port(), password=secrets.token_urlsafe(16))
    try:
        with running(part, home):
            yield part.superuser()
    finally:
        part.remove_outside_files()


@contextmanager
def running_kafka(home: Home) -> Iterator[dict[str, str]]:
    """Run a Kafka broker; yields the configuration of clients."""
    java = JavaRuntime(java=find_java(), jars=fetch_jars())
    part = KafkaPart(home=home, java=java, port=free_port(), controller_port=free_port())
    with running(part, home):
        yield {"bootstrap.servers": part.bootstrap_servers, "enable.auto.commit": "false"}


@contextmanager
def running_lake(home: Home) -> Iterator[LakePart]:
    """Run an S3 server without buckets."""
    part = LakePart(
        home=home,
        java=JavaRuntime(java=find_java(), jars=fetch_jars()),
        port=free_port(),
        bucket="airtide",
        access_key=LAKE_KEY[0],
        secret_key=LAKE_KEY[1],
    )
    with running(part, home):
        yield part


@contextmanager
def running_gcs(home: Home) -> Iterator[GcsPart]:
    """Run a Google Cloud Storage server without buckets; skips the test where there is none to run."""
    part = GcsPart(home=home, port=free_port(), program=find_server())
    with running(part, home):
        yield part


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedSites:
    """Running simulated sites and the keys they accept."""

    base_url: str
    """What stands before /youtube, /twitch, … and /truth."""
    youtube_api_key: str = "youtube-key-of-tests"
    twitch_client_id: str = "twitch-client-of-tests"
    twitch_client_secret: str = "twitch-secret-of-tests"
    soop_client_id: str = "soop-client-of-tests"
    chzzk_client_id: str = "chzzk-client-of-tests"
    chzzk_client_secret: str = "chzzk-secret-of-tests"
    kick_client_id: str = "kick-client-of-tests"
    kick_client_secret: str = "kick-secret-of-tests"

    def credentials(self) -> dict[str, dict[str, str]]:
        """Return the keys in the form of the simulators' file."""
        return {
            "youtube": {"api_key": self.youtube_api_key},
            "twitch": {"client_id": self.twitch_client_id, "client_secret": self.twitch_client_secret},
            "soop": {"client_id": self.soop_client_id},
            "chzzk": {"client_id": self.chzzk_client_id, "client_secret": self.chzzk_client_secret},
            "kick": {"client_id": self.kick_client_id, "client_secret": self.kick_client_secret},
        }

    def login_and_password(self, platform: Platform) -> tuple[str, str]:
        """Return what the connection of a site holds; the login is empty where the site knows none."""
        *login, password = self.credentials()[platform].values()
        return (login[0] if login else "", password)


@contextmanager
def running_simulators(home: Home) -> Iterator[SimulatedSites]:
    """Run the simulated sites with a small world, always the same."""
    port = free_port()
    sites = SimulatedSites(base_url=f"http://{LOOPBACK}:{port}")
    world = SimulationSettings(seed=7, channels_per_platform=60)
    part = SimulatorsPart(home=home, port=port, credentials=sites.credentials(), world=world)
    with running(part, home):
        yield sites


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A database with the current schema: where the application and where its superuser log in."""

    address: PostgresAddress
    superuser: PostgresAddress

    @property
    def environment(self) -> dict[str, str]:
        """Return the variable that tells a process of this warehouse."""
        address = self.address
        told = {"host": address.host, "port": address.port, "login": address.user, "schema": address.dbname}
        return {
            "AIRFLOW_CONN_AIRTIDE_POSTGRES": json.dumps({"conn_type": "postgres", **told, "password": address.password})
        }


class WarehouseMaker:
    """Makes warehouses as copies of one that is migrated once."""

    def __init__(self, superuser: PostgresAddress) -> None:
        self._superuser = superuser
        self.login = replace(superuser, user=LOGIN, password=secrets.token_urlsafe(16))
        self._made = 0
        prepare_warehouse(superuser, self.login.password, TEMPLATE)

    @contextmanager
    def warehouse(self) -> Iterator[Warehouse]:
        """Make a fresh warehouse and drop it afterwards, together with the connections that a test left open."""
        self._made += 1
        name = f"warehouse_{self._made}"
        with connect(self._superuser, None) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(Role.OWNER), sql.Identifier(TEMPLATE)
                )
            )
            try:
                yield Warehouse(self.login.at(name), self._superuser.at(name))
            finally:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
