"""Every kept day of every channel is explained by its samples, to the last unit; what was tampered with is found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from tests.services import Warehouse
from tests.sql.worlds import ZONES, World
from tests.unit.local.test_commands import run

from airtide.domain.clock import SetClock
from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.settings import load_settings
from airtide.warehouse.rollups import roll_up_days
from airtide.warehouse.zone_days import ensure_zone_days
from airtide.wiring.explaining import explain_channel
from airtide.wiring.reads import Reads

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def reads(warehouse: Warehouse, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reads]:
    monkeypatch.setenv("AIRTIDE__TRENDS__ZONES", '["UTC", "Asia/Seoul", "America/Havana"]')
    owner.execute(
        "INSERT INTO live.channel (channel_key, platform, channel_id, handle, name, observed_at) "
        "SELECT key, CASE WHEN key < 150 THEN 'twitch' ELSE 'soop' END::live.platform, 'id' || key, 'H' || key, "
        "'Name', %s FROM generate_series(100, 160) AS key",
        (NOW,),
    )
    reads = Reads(warehouse.address, load_settings(), SetClock(NOW))
    yield reads
    reads.close()


def fill(landing: psycopg.Connection, rolling: psycopg.Connection, seed: int) -> World:
    world = World(seed)
    ensure_zone_days(rolling, ZONES, first_day=world.first_day, last_day=world.last_day)
    world.land_some(landing, 1.0)
    roll_up_days(rolling, now=NOW)
    return world


def list_kept(rolling: psycopg.Connection) -> list[tuple[str, date, str, int]]:
    return rolling.execute(
        "SELECT zone, day, platform::TEXT, channel_key FROM trends.channel_day ORDER BY 1, 2, 3, 4"
    ).fetchall()


@pytest.mark.parametrize("seed", range(3))
def test_every_channel_of_every_day_adds_up(reads, landing, rolling, seed):
    fill(landing, rolling, seed)
    kept = list_kept(rolling)

    assert len(kept) > 30
    for zone, day, platform, key in kept:
        explanation = explain_channel(reads, platform=Platform(platform), name=f"id{key}", day=day, zone=zone)

        assert explanation.adds_up, (zone, day, key, explanation.differences)
        weights = [one for b in explanation.broadcasts if b.explained for one in b.explained.samples]
        assert sum(one.weight_ms for one in weights) == explanation.kept.airtime_ms
        assert sum(one.viewer_ms for one in weights) == explanation.kept.viewer_ms
        assert [ranks.is_combined for ranks in explanation.ranks] == [False, True]


def test_a_changed_sample_and_a_changed_row_are_told_by_the_numbers_that_differ(reads, landing, rolling, owner):
    fill(landing, rolling, 0)
    platform, key, zone, day = rolling.execute(
        "SELECT platform::TEXT, channel_key, zone, day FROM trends.channel_day WHERE viewer_ms > 0 LIMIT 1"
    ).fetchone()

    def explain():
        return explain_channel(reads, platform=Platform(platform), name=f"id{key}", day=day, zone=zone)

    owner.execute("UPDATE trends.channel_day SET viewer_ms = viewer_ms + 1 WHERE channel_key = %s", (key,))
    (told,) = explain().differences
    assert told.startswith("viewer_ms: ")
    assert not [b for b in explain().broadcasts if b.differences]

    owner.execute("UPDATE live.sample SET viewers = viewers + 1 WHERE viewers IS NOT NULL")
    changed = explain()
    assert not changed.adds_up
    assert {d.split(":")[0] for b in changed.broadcasts for d in b.differences} == {"viewer_ms", "peak_viewers"}

    owner.execute("DELETE FROM trends.broadcast_day WHERE channel_key = %s", (key,))
    assert {d for b in explain().broadcasts for d in b.differences} == {"no row is kept, though it was sampled"}


def test_the_command_explains_what_the_connection_leads_to(warehouse, reads, landing, rolling, monkeypatch, capsys):
    fill(landing, rolling, 0)
    zone, day, platform, key = list_kept(rolling)[0]
    for name, value in warehouse.environment.items():
        monkeypatch.setenv(name, value)

    assert run(monkeypatch, "explain", "--channel", f"{platform}:h{key}", "--day", str(day), "--zone", zone) == 0
    assert "The broadcasts together and the channel's row: adds up" in capsys.readouterr().out


def test_samples_that_have_expired_are_named_as_the_reason(reads, landing, rolling, owner):
    fill(landing, rolling, 0)
    zone, day, platform, key = list_kept(rolling)[0]
    owner.execute("TRUNCATE live.sample")
    owner.execute("UPDATE policy.platform_policy SET raw_age = INTERVAL '1 day'")

    explanation = explain_channel(reads, platform=Platform(platform), name=f"id{key}", day=day, zone=zone)

    assert not explanation.adds_up
    assert explanation.expired_before == NOW - timedelta(days=1)


def test_a_handle_names_a_channel_in_any_case_unless_several_have_it(reads, landing, rolling, owner):
    fill(landing, rolling, 0)
    zone, day, platform, key = list_kept(rolling)[0]
    owner.execute("UPDATE live.channel SET handle = 'ONLY' WHERE channel_key = %s", (key,))
    owner.execute("UPDATE live.channel SET handle = 'Two' WHERE channel_key IN (158, 159)")

    by_handle = explain_channel(reads, platform=Platform(platform), name="only", day=day, zone=zone)
    assert by_handle.channel.channel_id == f"id{key}"
    with pytest.raises(MisconfiguredError, match=r"several channels of soop have the handle 'two'.*'id158', 'id159'"):
        explain_channel(reads, platform=Platform.SOOP, name="two", day=day, zone=zone)


@pytest.mark.parametrize(
    ("name", "day", "zone", "sentence"),
    [
        ("id100", date(2020, 1, 1), "UTC", "no numbers of 2020-01-01 in zone UTC"),
        ("id100", None, "Europe/Berlin", "days are rolled up in UTC, Asia/Seoul, America/Havana only"),
        ("%", None, "UTC", "no channel of twitch with the id or handle '%'"),
        ("id149", None, "UTC", "channel 'id149' of twitch has no numbers of"),
    ],
)
def test_what_is_not_there_is_one_sentence(reads, landing, rolling, name, day, zone, sentence):
    fill(landing, rolling, 0)
    known = next(day for kept_zone, day, *_ in list_kept(rolling) if kept_zone == "UTC")

    with pytest.raises(MisconfiguredError, match=sentence):
        explain_channel(reads, platform=Platform.TWITCH, name=name, day=day or known, zone=zone)
