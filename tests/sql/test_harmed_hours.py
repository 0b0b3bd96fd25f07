"""An hour that somebody harmed: one test a way to harm it. Nothing is committed, so that one warehouse serves all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from tests.services import WarehouseMaker
from tests.sql.test_quality import BOUNDS, CROWD, failed, read_day, watch_two_hours
from tests.sql.test_rollups import at
from tests.sql.worlds import write_policies

from airtide.domain.quality import CheckedHours
from airtide.warehouse import quality
from airtide.warehouse.connect import PostgresAddress, Role, connect


@pytest.fixture(scope="module")
def watched(warehouse_maker: WarehouseMaker) -> Iterator[PostgresAddress]:
    """A warehouse with an hour that nothing is wrong with."""
    with warehouse_maker.warehouse() as made:
        with (
            connect(made.superuser, Role.OWNER) as owner,
            connect(made.address, Role.INGEST) as landing,
            connect(made.address, Role.ROLLUP) as rolling,
        ):
            write_policies(owner, timedelta(days=400), timedelta(days=400))
            watch_two_hours(owner, landing, rolling)
        yield made.superuser


@pytest.fixture
def db(watched: PostgresAddress) -> Iterator[psycopg.Connection]:
    """A connection that may do all, and of which nothing stays."""
    with connect(watched, None) as connection, connection.transaction(force_rollback=True):
        yield connection


def judge(connection: psycopg.Connection) -> CheckedHours:
    return quality.judge(connection, "twitch", [at(10)], BOUNDS, now=at(11, 40))


def test_an_hour_that_nobody_harmed_blocks_nothing(db: psycopg.Connection) -> None:
    assert judge(db).blocks == 0
    day = read_day(db)
    assert (day.is_provisional, day.blocked_platforms) == (False, [])


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        ("UPDATE trends.broadcast_hour SET viewer_ms = -1 WHERE broadcast_key = 1", ("negative_values", 1)),
        ("UPDATE trends.broadcast_hour SET known_airtime_ms = airtime_ms + 1", ("negative_values", CROWD)),
        ("DELETE FROM live.broadcast WHERE broadcast_key <= 2", ("null_values", 2)),
        ("DELETE FROM live.channel WHERE channel_key = 3", ("null_values", 1)),
        ("UPDATE trends.broadcast_hour SET peak_viewers = NULL WHERE broadcast_key = 1", ("null_values", 1)),
        ("UPDATE trends.broadcast_hour SET category_key = 77 WHERE broadcast_key = 1", ("null_values", 1)),
        ("DELETE FROM live.sample WHERE broadcast_key = 4", ("uncounted_samples", 12)),
        ("DELETE FROM trends.broadcast_hour WHERE broadcast_key = 4", ("uncounted_samples", 12)),
    ],
    ids=["negative", "more known", "no broadcast", "no channel", "no peak", "no category", "no samples", "no state"],
)
def test_a_harmed_hour_blocks_its_day(harm: str, found: tuple[str, int], db: psycopg.Connection) -> None:
    db.execute(harm)  # type: ignore[call-overload]
    assert judge(db).blocks == 1
    name, observed = found
    assert failed(db) == [(name, 10, observed)]
    day = read_day(db)
    assert (day.is_provisional, day.blocked_platforms) == (True, ["twitch"])


def test_samples_that_are_there_twice_block_its_day(db: psycopg.Connection) -> None:
    db.execute("SET LOCAL ROLE airtide_owner")
    db.execute("ALTER TABLE live.sample DROP CONSTRAINT sample_pkey")
    db.execute(
        "INSERT INTO live.sample SELECT * FROM live.sample WHERE broadcast_key = 5 AND sampled_at >= %s", (at(10),)
    )
    judge(db)
    assert failed(db) == [("duplicates", 10, 12), ("uncounted_samples", 10, 12)]
