"""Every kept day of every channel is explained by its samples, to the last unit; what was tampered with is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.services import Warehouse, WarehouseMaker
from tests.sql.conftest import LONG
from tests.sql.worlds import ZONES, World, write_policies
from tests.unit.local.test_commands import run

from airtide.domain.clock import SetClock
from airtide.domain.errors import MisconfiguredError
from airtide.domain.marks import Marks
from airtide.domain.models import Platform
from airtide.settings import load_settings
from airtide.warehouse.connect import Role, connect
from airtide.warehouse.rollups import roll_up_days
from airtide.warehouse.zone_days import ensure_zone_days
from airtide.wiring.explaining import explain_channel
from airtide.wiring.reads import Reads

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def zones() -> Iterator[None]:
    """Let days be rolled up in the zones of the worlds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRTIDE__TRENDS__ZONES", '["UTC", "Asia/Seoul", "America/Havana"]')
        yield


def fill(made: Warehouse, seed: int) -> None:
    """Land and roll up a world whose channels are called id100 … id160, with the handles H100 … but two Twins."""
    with connect(made.superuser, Role.OWNER) as owner:
        write_policies(owner, LONG, LONG)
        owner.execute(
            "INSERT INTO live.channel (channel_key, platform, channel_id, handle, name, observed_at) "
            "SELECT key, CASE WHEN key < 150 THEN 'twitch' ELSE 'soop' END::live.platform, 'id' || key, "
            "CASE WHEN key > 158 THEN 'Twin' ELSE 'H' || key END, 'Name', %s FROM generate_series(100, 160) AS key",
            (NOW,),
        )
    world = World(seed)
    with connect(made.address, Role.ROLLUP) as rolling, connect(made.address, Role.INGEST) as landing:
        ensure_zone_days(rolling, ZONES, first_day=world.first_day, last_day=world.last_day)
        world.land_some(landing, 1.0)
        roll_up_days(rolling, now=NOW)


@contextmanager
def filled(maker: WarehouseMaker, seed: int) -> Iterator[tuple[Warehouse, Reads]]:
    """Make a warehouse with the world of a seed, and its read side."""
    with maker.warehouse() as made:
        fill(made, seed)
        with closing(Reads(made.address, load_settings(), SetClock(NOW))) as reads:
            yield made, reads


@pytest.fixture(scope="module")
def kept_world(warehouse_maker: WarehouseMaker, zones: None) -> Iterator[tuple[Warehouse, Reads]]:
    """A world that no test changes."""
    with filled(warehouse_maker, 0) as made:
        yield made


@pytest.fixture
def reads(kept_world: tuple[Warehouse, Reads]) -> Reads:
    return kept_world[1]


def list_kept(reads: Reads) -> list[tuple[str, date, str, int]]:
    with connect(reads.address, Role.READER) as connection:
        return connection.execute(
            "SELECT zone, day, platform::TEXT, channel_key FROM trends.channel_day ORDER BY 1, 2, 3, 4"
        ).fetchall()


def check_all(reads: Reads) -> None:
    """Explain every kept day of every channel."""
    kept = list_kept(reads)
    assert len(kept) > 30
    for zone, day, platform, key in kept:
        explanation = explain_channel(reads, platform=Platform(platform), name=f"id{key}", day=day, zone=zone)

        assert explanation.adds_up, (zone, day, key, explanation.differences)
        weights = [one for b in explanation.broadcasts if b.explained for one in b.explained.samples]
        assert sum(one.weight_ms for one in weights) == explanation.kept.airtime_ms
        assert sum(one.viewer_ms for one in weights) == explanation.kept.viewer_ms
        assert [ranks.is_combined for ranks in explanation.ranks] == [False, True]


@pytest.mark.parametrize(
    ("name", "day", "zone", "sentence"),
    [
        ("id100", date(2020, 1, 1), "UTC", "no numbers of 2020-01-01 in zone UTC"),
        ("id100", None, "Europe/Berlin", "days are rolled up in UTC, Asia/Seoul, America/Havana only"),
        ("%", None, "UTC", "no channel of twitch with the id or handle '%'"),
        ("id149", None, "UTC", "channel 'id149' of twitch has no numbers of"),
    ],
)
def test_what_is_not_there_is_one_sentence(reads, name, day, zone, sentence):
    known = next(day for kept_zone, day, *_ in list_kept(reads) if kept_zone == "UTC")

    with pytest.raises(MisconfiguredError, match=sentence):
        explain_channel(reads, platform=Platform.TWITCH, name=name, day=day or known, zone=zone)


def test_a_handle_that_several_have_names_none(reads):
    zone, day, *_ = list_kept(reads)[0]

    with pytest.raises(MisconfiguredError, match=r"several channels of soop have the handle 'twin'.*'id159', 'id160'"):
        explain_channel(reads, platform=Platform.SOOP, name="twin", day=day, zone=zone)


def test_a_changed_sample_and_a_changed_row_are_told_by_the_numbers_that_differ(warehouse_maker):
    with filled(warehouse_maker, 0) as (made, reads), connect(made.superuser, None) as owner:
        platform, key, zone, day = owner.execute(
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

        owner.execute("UPDATE trends.broadcast_day SET stuck_hours = 1, flat_hours = 2, glitches = 3, step_jumps = 4")
        marked = [b.kept.marks for b in explain().broadcasts if b.kept.is_kept]
        assert set(marked) == {Marks(stuck_hours=1, flat_hours=2, glitches=3, step_jumps=4)}

        owner.execute("DELETE FROM trends.broadcast_day WHERE channel_key = %s", (key,))
        assert {b.kept.marks for b in explain().broadcasts} == {Marks()}
        assert {d for b in explain().broadcasts for d in b.differences} == {"no row is kept, though it was sampled"}

        owner.execute("TRUNCATE live.sample")
        owner.execute("UPDATE policy.platform_policy SET raw_age = INTERVAL '1 day'")
        expired = explain()
        assert (expired.adds_up, expired.expired_before) == (False, NOW - timedelta(days=1))


def test_every_channel_of_every_day_adds_up(reads):
    check_all(reads)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_channel_of_every_day_adds_up_in_other_worlds(warehouse_maker, seed):
    with filled(warehouse_maker, seed) as (_, reads):
        check_all(reads)


def test_the_command_explains_what_the_connection_leads_to(kept_world, reads, monkeypatch, capsys):
    zone, day, platform, key = list_kept(reads)[0]
    for name, value in kept_world[0].environment.items():
        monkeypatch.setenv(name, value)

    assert run(monkeypatch, "explain", "--channel", f"{platform}:h{key}", "--day", str(day), "--zone", zone) == 0
    assert "The broadcasts together and the channel's row: adds up" in capsys.readouterr().out
