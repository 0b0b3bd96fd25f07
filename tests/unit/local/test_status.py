from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console
from tests.fakes.landing_book import MemoryLandingBook
from tests.fakes.observations import TICK
from tests.unit.local.conftest import MakeInstallation

from airtide.domain.errors import PartUnreachable
from airtide.domain.lags import LandingFigures, PartitionLag
from airtide.domain.models import Platform
from airtide.local import display
from airtide.local.display import show_captures, show_failing, show_lags, tell_local
from airtide.local.status import TopicLag, read_lags
from airtide.warehouse.ledger import WarehouseLedger
from airtide.warehouse.queries.collection import Capture, Landing
from airtide.warehouse.queries.reader import WarehouseReader


def test_lags_that_cannot_be_read_are_told_with_the_reason(
    make_installation: MakeInstallation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_ledger: WarehouseLedger, _platform: Platform) -> dict[tuple[str, int], int]:
        raise PartUnreachable("PostgreSQL at 127.0.0.1:25432 [closed] did not answer")

    monkeypatch.setattr(WarehouseLedger, "read_positions", refuse)
    show_lags(make_installation({}))
    assert capsys.readouterr().out == (
        "how far topics are landed cannot be told: PostgreSQL at 127.0.0.1:25432 [closed] did not answer\n"
    )


def test_what_is_lost_is_not_counted_as_waiting(
    make_installation: MakeInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lag(topic: str, number: int, low: int, following: int, end: int) -> PartitionLag:
        return PartitionLag(topic=topic, topic_partition=number, low_offset=low, next_offset=following, end_offset=end)

    lags = {
        Platform.TWITCH: [lag("snapshots", 0, 5, 2, 9), lag("snapshots", 1, 0, 1, 3), lag("sweeps", 0, 0, 4, 4)],
    }
    monkeypatch.setattr(WarehouseLedger, "read_positions", lambda _ledger, _platform: {})
    monkeypatch.setattr(
        "airtide.bus.groups.read_lag", lambda _config, platform, _positions, deadline_s: lags.get(platform, [])
    )
    assert read_lags(make_installation({})) == [
        TopicLag(topic="snapshots", end_offset=12, waiting=6, lost=3),
        TopicLag(topic="sweeps", end_offset=4, waiting=0, lost=0),
    ]


def test_whether_landings_fail_is_told_with_the_reason_where_nobody_knows(
    make_installation: MakeInstallation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_reader: WarehouseReader, _query: object) -> list[Landing]:
        raise PartUnreachable("PostgreSQL [closed] did not answer")

    monkeypatch.setattr(WarehouseReader, "read", refuse)
    show_failing(make_installation({}))
    assert capsys.readouterr().out == "whether landings fail cannot be told: PostgreSQL [closed] did not answer\n"


def test_a_failing_landing_is_told_and_its_words_move_nothing_in_the_terminal(
    make_installation: MakeInstallation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    book = MemoryLandingBook()
    figures = LandingFigures(platform=Platform.SOOP, at=TICK, seconds=1, error="offset 7\x1b[2J is [bold]bad")
    book.note_landing(figures)
    book.note_landing(replace(figures, platform=Platform.KICK, error=None))
    landings = [book.landing(Platform.KICK), book.landing(Platform.SOOP)]
    monkeypatch.setattr(WarehouseReader, "read", lambda _reader, _query: landings)
    show_failing(make_installation({}))
    assert capsys.readouterr().out == (
        f"landing of soop has failed since {tell_local(TICK)}: offset 7\\x1b[2J is [bold]bad\n"
    )


def test_for_how_long_a_message_waits_is_told_in_seconds_and_the_topic_stays_whole(
    make_installation: MakeInstallation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    topic = "airtide.snapshots.youtube.v1"
    since = datetime.now(UTC) - timedelta(seconds=90)
    lag = TopicLag(topic=topic, end_offset=1_234_567, waiting=4321, lost=0, waiting_since=since)
    monkeypatch.setattr("airtide.local.display.read_lags", lambda _installation: [lag])
    show_lags(make_installation({}))
    [row] = [line for line in capsys.readouterr().out.splitlines() if topic in line]
    assert re.search(r"4,321 .* 0 .* 9\d s ", row)


CAPTURE = Capture(
    platform="soop",
    lags=[
        {"messages": 1234, "waiting_since": (TICK - timedelta(seconds=70)).isoformat()},
        {"messages": 1, "waiting_since": None},
    ],
    lag_measured_at=TICK,
    failing_since=None,
    error=None,
    captured_at=TICK - timedelta(minutes=5),
    pictures=4321,
)


@pytest.fixture
def captures(monkeypatch: pytest.MonkeyPatch) -> list[Capture]:
    """What the warehouse says of capturing, in a terminal that is wide enough."""
    told: list[Capture] = []
    monkeypatch.setattr(WarehouseReader, "read", lambda _reader, _query: told)
    monkeypatch.setattr(display, "console", Console(highlight=False, width=200))
    return told


def test_how_far_the_group_of_pictures_is_and_what_it_took_last_is_told(
    make_installation: MakeInstallation, captures: list[Capture], capsys: pytest.CaptureFixture[str]
) -> None:
    captures += [CAPTURE, replace(CAPTURE, platform="kick", lag_measured_at=None, captured_at=None, pictures=None)]
    show_captures(make_installation({}))
    rows = [re.split(r" *│ *", line)[1:-1] for line in capsys.readouterr().out.splitlines() if line.startswith("│")]
    assert rows == [
        ["soop", "1,235", "70 s", tell_local(TICK), "4,321", tell_local(TICK - timedelta(minutes=5))],
        ["kick", "", "", "", "", ""],
    ]


def test_capturing_that_fails_is_told_and_its_words_move_nothing_in_the_terminal(
    make_installation: MakeInstallation, captures: list[Capture], capsys: pytest.CaptureFixture[str]
) -> None:
    captures += [CAPTURE, replace(CAPTURE, platform="kick", failing_since=TICK, error="no \x1b[2J [bold]bucket")]
    show_captures(make_installation({}))
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("capturing")]
    assert said == [f"capturing pictures of kick has failed since {tell_local(TICK)}: no \\x1b[2J [bold]bucket"]


def test_before_the_first_picture_it_is_told_what_takes_them(
    make_installation: MakeInstallation, captures: list[Capture], capsys: pytest.CaptureFixture[str]
) -> None:
    show_captures(make_installation({}))
    assert capsys.readouterr().out == "no picture was captured yet: capture_thumbnails runs every five minutes\n"


def test_how_pictures_are_captured_is_told_with_the_reason_where_nobody_knows(
    make_installation: MakeInstallation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_reader: WarehouseReader, _query: object) -> list[Capture]:
        raise PartUnreachable("PostgreSQL [closed] did not answer")

    monkeypatch.setattr(WarehouseReader, "read", refuse)
    show_captures(make_installation({}))
    assert capsys.readouterr().out == ("how pictures are captured cannot be told: PostgreSQL [closed] did not answer\n")
