"""What a landing runs on: Kafka, the S3 server and PostgreSQL, with a day of ten million rows in every table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import LiteralString

import psutil
from psycopg import Connection, sql
from tests.benchmarks.land.crowd import CADENCE_S, DAY, LIVE
from tests.services import WarehouseMaker, running_kafka, running_lake, running_postgres

from airtide.bus.setup import ensure_topics
from airtide.bus.topics import platform_topics
from airtide.domain.keys import hash_id
from airtide.domain.models import Platform
from airtide.lake.s3_store import S3Store
from airtide.local.home import Home
from airtide.local.parts.lake import LakePart
from airtide.warehouse.connect import PostgresAddress, Role, connect
from airtide.warehouse.policies import PlatformPolicy, write_policies
from airtide.warehouse.zone_days import ensure_zone_days

FULL = Platform.CHZZK
"""Lands into a day that holds ten million samples."""
EMPTY = Platform.KICK
"""Lands each run into a day that holds none."""
BASELINES = Platform.TWITCH
"""Its topic is what the baselines read, each messages of its own."""
BACKLOG = Platform.SOOP

TICKS_BEFORE = 500
"""Of `LIVE` rows each: ten million."""
RAW_AGE = timedelta(days=30)
BUCKET = "bench"

_TABLES = Path(__file__).parent / "tables.sql"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Running parts; can be handed to another process."""

    kafka: dict[str, str]
    folder: Path
    """The state folder, gone at the end."""
    address: PostgresAddress
    superuser: PostgresAddress
    lake: LakePart

    @contextmanager
    def open_store(self) -> Iterator[S3Store]:
        """Open the bucket."""
        with closing(self.lake.client()) as client:
            yield S3Store(client, BUCKET)


@contextmanager
def running_parts(*, with_day: bool = True) -> Iterator[Parts]:
    """Run the parts, `with_day` with the rows that are there before anything is measured."""
    with ExitStack() as stack:
        home = Home(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="airtide-bench-"))).resolve())
        kafka = stack.enter_context(running_kafka(home))
        lake = stack.enter_context(running_lake(home))
        superuser = stack.enter_context(running_postgres(home))
        warehouse = stack.enter_context(WarehouseMaker(superuser).warehouse())
        parts = Parts(
            kafka=kafka,
            folder=home.root,
            address=warehouse.address,
            superuser=warehouse.superuser,
            lake=lake,
        )
        _prepare(parts)
        if with_day:
            _fill_day(parts)
        with connect(parts.superuser, None) as connection:
            connection.execute("ALTER TABLE bench.wide ADD PRIMARY KEY (platform, broadcast_id, sampled_at)")
            # or a worker of the server does it while something is measured
            connection.execute("VACUUM (FREEZE, ANALYZE) live.sample, bench.wide")
            connection.execute("CHECKPOINT")
        yield parts


def _prepare(parts: Parts) -> None:
    for platform in (FULL, EMPTY, BASELINES, BACKLOG):
        topics = platform_topics(
            platform, snapshot_partitions=4, replication_factor=1, min_insync_replicas=1, raw_age=RAW_AGE
        )
        ensure_topics(parts.kafka, topics, deadline_s=60)
    with closing(parts.lake.client()) as client:
        client.create_bucket(Bucket=BUCKET)
    with connect(parts.superuser, Role.OWNER) as connection:
        write_policies(connection, [_policy(platform) for platform in (FULL, EMPTY, BACKLOG)])
    with connect(parts.address, Role.ROLLUP) as connection:
        ensure_zone_days(connection, ["UTC"], first_day=date(2025, 12, 20), last_day=date(2026, 3, 1))
    with connect(parts.superuser, None) as connection:
        connection.execute(sql.SQL(_TABLES.read_text(encoding="utf-8")))


def _policy(platform: Platform) -> PlatformPolicy:
    return PlatformPolicy(
        platform=platform,
        raw_age=RAW_AGE,
        text_age=RAW_AGE,
        statistics_age=RAW_AGE,
        picture_age=RAW_AGE,
        pictures="link",
        in_combined_rank=True,
    )


def _fill_day(parts: Parts) -> None:
    """Put ten million rows into the day of `live.sample` and of the baselines' table, each in the order of its key."""
    ticks: dict[str, datetime | int] = {"from_at": DAY, "ticks": TICKS_BEFORE, "cadence_s": CADENCE_S, "live": LIVE}
    keys = sorted(hash_id(FULL, f"{FULL}-{40_000_000_000 + number}") for number in range(1, LIVE + 1))
    with connect(parts.superuser, None) as connection:
        connection.execute(
            "SELECT live.ensure_sample_partition(%s, %s, %s)", (FULL.value, DAY, DAY + timedelta(days=1))
        )
        connection.execute(
            """
            INSERT INTO live.sample (platform, sampled_at, broadcast_key, detail_key, viewers, cadence_s)
            SELECT 'chzzk', %(from_at)s + n * %(cadence_s)s * INTERVAL '1 second', key, key, 100, %(cadence_s)s
            FROM GENERATE_SERIES(0, %(ticks)s - 1) AS n, UNNEST(%(keys)s::BIGINT[]) AS key
            """,
            {**ticks, "keys": keys},
        )
        connection.execute(
            """
            INSERT INTO bench.wide
            SELECT
                'twitch', 'twitch-' || (40000000000 + number), %(from_at)s + n * %(cadence_s)s * INTERVAL '1 second',
                %(from_at)s + n * %(cadence_s)s * INTERVAL '1 second', 100, %(cadence_s)s, MD5(number::TEXT),
                'streamer ' || number, 'a title of usual length, not very long #' || number, 'game-' || number %% 400,
                'Game number ' || number %% 400, 'ko', %(from_at)s,
                'https://images.site.invalid/live/' || number || '/thumb-640x360.jpg', FALSE, 'tag' || number %% 90
            FROM GENERATE_SERIES(1, %(live)s) AS number, GENERATE_SERIES(0, %(ticks)s - 1) AS n
            """,
            ticks,
        )


class Server:
    """What the PostgreSQL server has spent so far."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        backend = psutil.Process(connection.info.backend_pid)
        self._postmaster = backend.parent() or backend

    def read_cpu_s(self) -> float:
        """Return the CPU time of the postmaster and all it ever started, in seconds."""
        own = self._postmaster.cpu_times()
        living = [_cpu_s(child) for child in self._postmaster.children(recursive=True)]
        return own.user + own.system + own.children_user + own.children_system + sum(living)

    def read_wal_bytes(self) -> int:
        """Return how much write-ahead log was ever written."""
        return self.read_number("SELECT pg_current_wal_insert_lsn() - '0/0'::PG_LSN")

    def read_number(self, query: LiteralString) -> int:
        """Return the one number that a query tells."""
        row = self._connection.execute(query).fetchone()
        return 0 if row is None else int(row[0])


def _cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:  # it has ended since it was listed: the postmaster's own figures hold it next time
        return 0.0
    return times.user + times.system


def measure_wire_bytes(parts: Parts, topic: str) -> int:
    """Return the bytes of a topic's batches as they came over the wire: Kafka keeps them as the producer sent them."""
    return sum(file.stat().st_size for file in parts.folder.glob(f"kafka/data/{topic}-*/*.log"))


def list_wide_columns() -> Sequence[str]:
    """Return the columns of the baselines' table."""
    return (
        "platform", "broadcast_id", "sampled_at", "fetched_at", "viewers", "cadence_s", "channel_id", "channel_name",
        "title", "category_id", "category_name", "language", "started_at", "thumbnail_url", "is_mature", "tags",
    )  # fmt: skip
