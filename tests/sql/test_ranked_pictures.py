"""Which broadcasts the demo takes pictures of for a day's ranking, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial

import psycopg
import pytest
from tests.plugins.pictured import seed_pictures
from tests.plugins.seeding import seed_world
from tests.services import WarehouseMaker

from airtide.domain.models import Platform
from airtide.warehouse.connect import connect
from airtide.warehouse.queries.pictures import read_ranked_broadcasts

NOW = datetime(2026, 3, 10, 12, 7, tzinfo=UTC)
DAY = date(2026, 3, 9)
SETTLED = timedelta(minutes=10)
PLATFORMS = (Platform.TWITCH, Platform.SOOP)

read = partial(read_ranked_broadcasts, zone="UTC", day=DAY, platforms=PLATFORMS, settled_s=int(SETTLED.total_seconds()))


@pytest.fixture(scope="module")
def world(warehouse_maker: WarehouseMaker) -> Iterator[psycopg.Connection]:
    with warehouse_maker.warehouse() as made, connect(made.superuser, None) as connection:
        seed_world(connection, now=NOW, channels=6)
        connection.execute("UPDATE live.broadcast_detail SET thumbnail_url = 'https://host/' || broadcast_key")
        connection.commit()
        yield connection


def test_it_is_one_broadcast_of_each_of_the_first_channels_of_each_platform(world):
    wishes = read(world, first=3)
    ranked = world.execute(
        "SELECT channel_key FROM trends.channel_rank WHERE zone = 'UTC' AND day = %s AND list = 'all'"
        " AND rank_by_hours_watched <= 3 AND platform IN ('twitch', 'soop')",
        (DAY,),
    ).fetchall()

    assert len(wishes) == 6
    assert {wish.channel_key for wish in wishes} == {key for (key,) in ranked}
    assert {wish.platform for wish in wishes} == set(PLATFORMS)
    assert all(wish.picture_url == f"https://host/{wish.broadcast_key}" for wish in wishes)


def test_its_time_is_when_most_people_watched_within_the_day_and_the_broadcast(world):
    for wish in read(world, first=6):
        ((first_at, last_at, peak_at),) = world.execute(
            "SELECT first_sampled_at, last_sampled_at, peak_at FROM live.broadcast"
            " JOIN trends.broadcast_day USING (broadcast_key) WHERE broadcast_key = %s AND zone = 'UTC' AND day = %s",
            (wish.broadcast_key, DAY),
        ).fetchall()
        assert wish.sampled_at.date() == DAY
        assert first_at <= wish.sampled_at <= last_at
        assert wish.sampled_at == min(max(peak_at or first_at, first_at + SETTLED), last_at)


def test_a_channel_with_a_picture_of_the_day_needs_no_other(world):
    with world.transaction(force_rollback=True):
        seed_pictures(world)
        assert read(world, first=6) == []


def test_a_broadcast_without_an_address_is_left_out(world):
    with world.transaction(force_rollback=True):
        world.execute("UPDATE live.broadcast_detail SET thumbnail_url = NULL")
        assert read(world, first=6) == []
