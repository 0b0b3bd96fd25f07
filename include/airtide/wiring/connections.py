"""Connections as plain records, read from the environment or, in `airflow_connections`, from Airflow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform

if TYPE_CHECKING:
    from pathlib import Path

    from botocore.config import Config

    from airtide.platforms.pictures.routes import PictureAccess
    from airtide.platforms.registry import SiteAccess
    from airtide.warehouse.connect import PostgresAddress

KAFKA = "airtide_kafka"
POSTGRES = "airtide_postgres"
LAKE = "airtide_lake"
AIRFLOW = "airtide_airflow"
"""Airflow's own database: its tasks are told no address of it."""

FEED_PATH = "/feeds/videos.xml"
"""Where a simulated site has its feeds."""

LAKE_TIMES = {"connect_timeout": 5, "read_timeout": 30, "retries": {"mode": "standard", "total_max_attempts": 3}}
"""Seconds and tries until a silent S3 server is an error: a minute and a half, where botocore's own add up to five."""
LAKE_PAGE_TIMES = {"connect_timeout": 2, "read_timeout": 2, "retries": {"mode": "standard", "total_max_attempts": 2}}
"""The same where somebody waits for a page, and one of a server's few threads with them: five seconds."""


def site_connection(platform: Platform) -> str:
    """Return the id of the connection that holds a site's address and key."""
    return f"airtide_{platform}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRecord:
    """One connection as its store holds it; `password` is secret and never shown."""

    conn_id: str
    conn_type: str = ""
    """Which kind of part it leads to, in Airflow's words."""
    host: str = ""
    port: int | None = None
    login: str = ""
    password: str = field(default="", repr=False)
    schema: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


RecordReader = Callable[[str], ConnectionRecord]


def parse_record(conn_id: str, text: str) -> ConnectionRecord:
    """Return the record of an AIRFLOW_CONN_… value in JSON form; raises `MisconfiguredError` for any other."""
    try:
        values = json.loads(text)
        extra = values.get("extra") or {}
        return ConnectionRecord(
            conn_id=conn_id,
            conn_type=values.get("conn_type") or "",
            host=values.get("host") or "",
            port=int(values["port"]) if values.get("port") else None,
            login=values.get("login") or "",
            password=values.get("password") or "",
            schema=values.get("schema") or "",
            extra=json.loads(extra) if isinstance(extra, str) else extra,
        )
    except (ValueError, AttributeError, TypeError):
        # the text holds the password: it must not reach the message or its cause
        raise MisconfiguredError(
            f"connection {conn_id} is not JSON as Airflow writes it: mend AIRFLOW_CONN_{conn_id.upper()}"
        ) from None


def read_environment(environment: Mapping[str, str]) -> RecordReader:
    """Return a reader of AIRFLOW_CONN_… variables, as local mode and Docker Compose hand connections on."""

    def read(conn_id: str) -> ConnectionRecord:
        variable = f"AIRFLOW_CONN_{conn_id.upper()}"
        if variable not in environment:
            raise MisconfiguredError(f"connection {conn_id} is missing: set {variable}, or start with `airtide up`")
        return parse_record(conn_id, environment[variable])

    return read


class Connections:
    """What adapters are built from, out of records."""

    def __init__(self, read_record: RecordReader) -> None:
        self._read_record = read_record

    def kafka_config(self) -> dict[str, str]:
        """Return librdkafka's configuration; refuses one that would commit offsets by itself."""
        config = {key: str(value) for key, value in self._read_record(KAFKA).extra.items()}
        if not config.get("bootstrap.servers"):
            raise MisconfiguredError(f"connection {KAFKA} names no broker: set bootstrap.servers in its extra")
        if config.get("enable.auto.commit", "false").lower() != "false":
            raise MisconfiguredError(
                f"connection {KAFKA} would commit offsets by itself and lose messages: "
                'set "enable.auto.commit": "false" in its extra'
            )
        return config

    def postgres_address(self) -> PostgresAddress:
        """Return where the warehouse is and how to log in."""
        from airtide.warehouse.connect import PostgresAddress

        record = self._read_record(POSTGRES)
        if not record.host:
            raise MisconfiguredError(f"connection {POSTGRES} names no host")
        return PostgresAddress(
            host=record.host,
            port=record.port or 5432,
            dbname=record.schema or "airtide",
            user=record.login,
            password=record.password,
        )

    def airflow_database_url(self) -> str:
        """Return the address of Airflow's own database, as Airflow is told it; it holds the password."""
        from urllib.parse import quote

        record = self._read_record(AIRFLOW)
        if not record.host:
            raise MisconfiguredError(f"connection {AIRFLOW} names no host")
        way_in = f"{quote(record.login, safe='')}:{quote(record.password, safe='')}"
        return f"postgresql+psycopg2://{way_in}@{record.host}:{record.port or 5432}/{record.schema}"

    def lake_record(self) -> ConnectionRecord:
        """Return the lake's connection as it is; what it holds is secret."""
        return self._read_record(LAKE)

    def lake_config(self, *, is_for_page: bool = False) -> Config:
        """Return how an S3 client of the lake behaves: as its config_kwargs say, and in bounded time.

        For a page it is the same but for its patience, which no connection lengthens.
        """
        from botocore.config import Config

        options = dict(self.lake_record().extra.get("config_kwargs") or {})
        own = LAKE_PAGE_TIMES if is_for_page else {}
        # without a name botocore puts one together for every call, a twentieth of what a small object costs; with one
        # it leaves out the application's
        named = {} if "user_agent_appid" in options else {"user_agent": "airtide"}
        return Config(**{**LAKE_TIMES, **named, "signature_version": "s3v4", **options, **own})

    def lake_client(self, *, is_for_page: bool = False) -> Any:
        """Return a boto3 S3 client of the lake's connection, for a lake in S3."""
        import boto3

        record = self.lake_record()
        return boto3.client(
            "s3",
            aws_access_key_id=record.login or None,
            aws_secret_access_key=record.password or None,
            region_name=record.extra.get("region_name"),
            endpoint_url=record.extra.get("endpoint_url"),
            config=self.lake_config(is_for_page=is_for_page),
        )

    def site_access(
        self,
        platform: Platform,
        *,
        token_folder: Path | None = None,
        simulated_now: Callable[[], datetime] | None = None,
    ) -> SiteAccess:
        """Return a site's address and key; `simulated_now` moves the clock of a simulated site and of no other.

        Processes with the same `token_folder` share app tokens. Raises `MisconfiguredError` when the connection holds
        no key.
        """
        from airtide.platforms.registry import SiteAccess

        record = self._read_record(site_connection(platform))
        if not record.password:
            raise MisconfiguredError(
                f"connection {record.conn_id} holds no key: put {platform}'s key into .env and start again, "
                f"or pause poll_{platform}"
            )
        if simulated_now is not None and not record.extra.get("simulated"):
            raise MisconfiguredError(f"connection {record.conn_id} is a real site: its past cannot be polled")
        return SiteAccess(
            base_url=record.host.rstrip("/"),
            feed_url=f"{record.host.rstrip('/')}{FEED_PATH}" if record.extra.get("simulated") else None,
            token_url=str(record.extra.get("token_url") or "").rstrip("/") or None,
            login=record.login,
            password=record.password,
            token_folder=token_folder,
            simulated_now=simulated_now,
        )

    def picture_access(self, platforms: Iterable[Platform]) -> PictureAccess:
        """Return how the pictures of sites are reached; a site without a connection has none.

        Raises `MisconfiguredError` for a simulated site whose address is not one of simulators.
        """
        from airtide.platforms.pictures.routes import PictureAccess, read_simulators

        records = {platform: self._find_record(site_connection(platform)) for platform in platforms}
        there = {platform: record for platform, record in records.items() if record is not None}
        return PictureAccess(
            real=frozenset(platform for platform, record in there.items() if not record.extra.get("simulated")),
            simulated={
                platform: read_simulators(platform, record.host)
                for platform, record in there.items()
                if record.extra.get("simulated")
            },
        )

    def has_key(self, platform: Platform) -> bool:
        """Tell whether the site's connection is there and holds a key."""
        record = self._find_record(site_connection(platform))
        return record is not None and bool(record.password)

    def _find_record(self, conn_id: str) -> ConnectionRecord | None:
        try:
            return self._read_record(conn_id)
        except MisconfiguredError:
            return None
