"""What is forgotten by age: statistics and texts in every table, each by its own; nothing younger, nothing for good."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from tests.services import Warehouse
from tests.sql.test_rollups import at, broadcast, land, read

from airtide.domain.clock import SetClock
from airtide.domain.errors import MisconfiguredError
from airtide.domain.forgetting import Forgotten
from airtide.domain.landed import ChannelRow, DetailRow
from airtide.domain.models import Platform
from airtide.pipeline.forget import forget
from airtide.platforms.pictures.answers import ask_for_changes
from airtide.warehouse.ages import DAY_TABLES, HOUR_TABLES, WarehouseAges
from airtide.warehouse.dimensions import land_channels, land_details
from airtide.warehouse.pictures import WarehousePictures
from airtide.warehouse.rollups import roll_up_days
from airtide.warehouse.zone_days import ensure_zone_days

DAY = timedelta(days=1)
RAW_AGE, TEXT_AGE, STATISTICS_AGE = 3 * DAY, DAY, 10 * DAY
TWITCH = Platform.TWITCH
ENDS_AT = datetime(2026, 6, 3, tzinfo=UTC)
TEXTS = "SELECT title, tags, thumbnail_url, watch_url, language FROM live.broadcast_detail WHERE broadcast_key = 1"
NAMES = "SELECT name, handle, channel_id FROM live.channel ORDER BY channel_key"


def detail(told_at: datetime, key: int = 1) -> DetailRow:
    return DetailRow(
        detail_key=key,
        broadcast_key=1,
        observed_from_ms=round(told_at.timestamp() * 1000),
        title="a title",
        category_key=0,
        language="ko",
        thumbnail_url="https://images.invalid/1.jpg",
        watch_url="https://site.invalid/1",
        tags=("one",),
        is_mature=False,
    )


def channel(told_at: datetime) -> ChannelRow:
    observed_at_ms = round(told_at.timestamp() * 1000)
    return ChannelRow(channel_key=1, channel_id="one", handle="one_", name="One", observed_at_ms=observed_at_ms)


@pytest.fixture
def kept(warehouse: Warehouse, owner: psycopg.Connection, landing, rolling) -> WarehouseAges:
    """A broadcast of ten hours with its rollups, and one of another platform that keeps everything."""
    ensure_zone_days(rolling, ["UTC", "Asia/Seoul"], first_day=date(2026, 5, 31), last_day=date(2026, 6, 5))
    owner.execute(
        "UPDATE policy.platform_policy SET raw_age = %s, text_age = %s, statistics_age = %s WHERE platform = 'twitch'",
        (RAW_AGE, TEXT_AGE, STATISTICS_AGE),
    )
    for told in (broadcast(), broadcast("soop", 2)):
        land(landing, told, *((at(hour, minute), 500) for hour in range(10) for minute in range(0, 60, 5)))
    roll_up_days(rolling, now=at(26))
    owner.execute("DELETE FROM live.broadcast_detail WHERE broadcast_key = 1")
    land_details(landing, [detail(at(0))])
    land_channels(landing, TWITCH, [channel(at(9, 55))])
    owner.execute(
        "INSERT INTO trends.quality_check (platform, hour, check_name, severity, observed, checked_at) "
        "SELECT platform, hour, 'duplicates', 'block', 0, %s FROM trends.platform_hour",
        (ENDS_AT,),
    )
    return WarehouseAges(warehouse.address)


def run(kept: WarehouseAges, now: datetime, *, dry_run: bool = False) -> Forgotten:
    return forget([TWITCH], warehouse=kept, clock=SetClock(now), dry_run=dry_run)


def count_rows(connection: psycopg.Connection, platform: str) -> dict[str, int]:
    return {
        table: read(connection, f"SELECT COUNT(*) FROM trends.{table} WHERE platform = '{platform}'")[0][0]
        for table in (*HOUR_TABLES, *DAY_TABLES)
    }


def test_every_table_of_trends_that_tells_of_a_platform_has_an_age(rolling):
    tables = read(
        rolling,
        "SELECT table_name FROM information_schema.columns INNER JOIN information_schema.tables "
        "USING (table_schema, table_name) WHERE table_schema = 'trends' AND column_name = 'platform' "
        "AND table_type = 'BASE TABLE'",
    )
    # marks say what waits, and go when it is done
    assert {name for (name,) in tables} - {"dirty_hour", "dirty_day"} == {*HOUR_TABLES, *DAY_TABLES}


@pytest.mark.parametrize("hours", [0, 5, 9, 10, 15, 24, 33, 60])
def test_no_row_of_statistics_is_older_than_its_age_and_none_younger_is_lost(hours, kept, owner):
    others, now = count_rows(owner, "soop"), at(hours) + STATISTICS_AGE
    young = {
        "hour": "SELECT COUNT(*) FROM trends.{} WHERE platform = 'twitch' AND hour >= %s",
        "day": "SELECT COUNT(*) FROM trends.{} INNER JOIN trends.zone_day USING (zone, day) "
        "WHERE platform = 'twitch' AND ends_at > %s",
    }
    expected = {
        table: owner.execute(young["hour" if table in HOUR_TABLES else "day"].format(table), (at(hours),)).fetchone()[0]
        for table in (*HOUR_TABLES, *DAY_TABLES)
    }
    run(kept, now)
    assert count_rows(owner, "twitch") == expected
    assert count_rows(owner, "soop") == others
    assert min(others.values()) > 0
    assert run(kept, now) == Forgotten()


def test_texts_go_by_their_own_age_and_numbers_stay(kept, owner):
    numbers = count_rows(owner, "twitch")
    run(kept, at(9, 55) + TEXT_AGE)
    assert read(owner, TEXTS)[0][0] == "a title"
    run(kept, at(9, 55) + TEXT_AGE + timedelta(seconds=1))
    assert read(owner, TEXTS) == [(None, [], None, None, "ko")]
    assert read(owner, NAMES)[0] == (None, None, "one")
    assert count_rows(owner, "twitch") == numbers


def test_texts_that_are_seen_again_are_known_again(kept, landing, owner):
    run(kept, at(40))
    land_details(landing, [detail(at(41))])
    land_channels(landing, TWITCH, [channel(at(41))])
    assert read(owner, TEXTS)[0][:2] == ("a title", ["one"])
    assert read(owner, NAMES)[0] == ("One", "one_", "one")


def test_of_a_broadcast_that_goes_on_the_titles_before_are_forgotten_and_the_one_it_has_now_is_not(kept, owner):
    owner.execute("UPDATE live.sample SET detail_key = 1 WHERE broadcast_key = 1")
    owner.execute(
        "INSERT INTO live.broadcast_detail (detail_key, broadcast_key, observed_from, title, category_key, tags) "
        "VALUES (10, 1, %s, 'the one before', 0, '{}'), (11, 1, %s, 'in between', 0, '{}')",
        (at(1), at(2)),
    )
    owner.execute("UPDATE live.broadcast SET last_sampled_at = %s WHERE broadcast_key = 1", (at(30),))
    owner.execute("SELECT live.ensure_sample_partition('twitch', %s, %s)", (at(24), at(48)))
    owner.execute(
        "INSERT INTO live.sample (platform, sampled_at, broadcast_key, detail_key, viewers, cadence_s) "
        "VALUES ('twitch', %s, 1, 1, 5, 300)",
        (at(30),),
    )
    run(kept, at(30))
    titles = read(
        owner, "SELECT detail_key, title FROM live.broadcast_detail WHERE broadcast_key = 1 ORDER BY detail_key"
    )
    assert titles == [(1, "a title"), (10, None), (11, "in between")]


def add_pictures(owner: psycopg.Connection) -> None:
    """Give the broadcast, and one of another platform, a picture at its first and at its ninth hour."""
    owner.execute(
        "UPDATE policy.platform_policy SET picture_age = %s, pictures = 'capture' WHERE platform = 'twitch'",
        (20 * DAY,),
    )
    owner.execute(
        "INSERT INTO live.picture_object (object_key, platform, sha256, claimed_at, stored_at) "
        "VALUES ('a', 'twitch', %s, %s, %s)",
        ("0" * 64, at(0), at(0)),
    )
    for platform, key, hour in (("twitch", 1, 0), ("twitch", 1, 9), ("soop", 2, 0)):
        owner.execute(
            "INSERT INTO live.thumbnail (platform, broadcast_key, captured_at, channel_key, sha256, object_key, width, "
            "height, picture_url, etag) VALUES (%s, %s, %s, 1, %s, 'a', 1, 1, 'https://i.invalid/live_user_one', 'e')",
            (platform, key, at(hour), "0" * 64),
        )


def test_the_address_of_a_picture_goes_with_the_texts_and_the_picture_stays(kept, owner):
    add_pictures(owner)
    addresses = "SELECT platform::TEXT, picture_url <> '' FROM live.thumbnail ORDER BY broadcast_key, captured_at"
    now = at(9) + TEXT_AGE
    assert run(kept, now, dry_run=True).picture_addresses == 1
    assert run(kept, now).picture_addresses == 1
    assert read(owner, addresses) == [("twitch", False), ("twitch", True), ("soop", True)]
    assert run(kept, now).picture_addresses == 0


def test_a_picture_whose_address_is_forgotten_is_asked_for_whole(kept, owner, warehouse):
    add_pictures(owner)
    run(kept, at(40))
    with closing(WarehousePictures(warehouse.address)) as book:
        last = book.read_last([1])[1]
    assert (last.picture_url, last.etag) == ("", "e")
    assert ask_for_changes(last, "https://i.invalid/live_user_one") == {}


def test_a_broadcast_stays_as_long_as_a_picture_of_it_may_be_shown(kept, owner):
    add_pictures(owner)
    run(kept, at(48) + STATISTICS_AGE)
    assert read(owner, "SELECT broadcast_key FROM live.broadcast ORDER BY 1") == [(1,), (2,)]
    owner.execute("UPDATE policy.platform_policy SET pictures = 'link' WHERE platform = 'twitch'")
    run(kept, at(48) + STATISTICS_AGE)
    assert read(owner, "SELECT broadcast_key FROM live.broadcast") == [(2,)]


def test_a_broadcast_and_its_channel_go_with_the_last_number_that_tells_of_them(kept, owner):
    run(kept, at(24) + STATISTICS_AGE)
    assert read(owner, "SELECT broadcast_key FROM live.broadcast ORDER BY 1") == [(1,), (2,)]
    run(kept, at(48) + STATISTICS_AGE)
    assert read(owner, "SELECT broadcast_key FROM live.broadcast") == [(2,)]
    assert read(owner, TEXTS) == []
    assert not read(owner, "SELECT FROM live.channel WHERE platform = 'twitch'")


def test_a_dry_run_counts_and_forgets_nothing(kept, owner):
    before = (count_rows(owner, "twitch"), read(owner, TEXTS), read(owner, NAMES))
    told = run(kept, at(48) + STATISTICS_AGE, dry_run=True)
    # the first sample's cell reaches into the hour and the day before
    assert told == Forgotten(hour_rows=11, day_rows=2, names=1, texts=1)
    assert (count_rows(owner, "twitch"), read(owner, TEXTS), read(owner, NAMES)) == before


def test_a_platform_without_a_policy_is_refused(kept, owner):
    owner.execute("DELETE FROM policy.platform_policy WHERE platform = 'twitch'")
    with pytest.raises(MisconfiguredError, match="run `airtide up`"):
        run(kept, at(48))
