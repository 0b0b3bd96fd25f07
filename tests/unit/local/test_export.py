"""`airtide export`: what is typed is handed on, what was written is told, and what is provisional says so."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.local.test_commands import run

from airtide.domain.errors import MisconfiguredError
from airtide.domain.exports import ExportSource
from airtide.local import export
from airtide.wiring.exporting import ExportOutcome

MIDNIGHT = datetime(2026, 3, 9, tzinfo=UTC)


def make_outcome(**values) -> ExportOutcome:
    source = {
        "data": "real",
        "zone": "Asia/Seoul",
        "day": date(2026, 3, 9),
        "starts_at": MIDNIGHT,
        "ends_at": MIDNIGHT + timedelta(days=1),
        "is_provisional": False,
        "tables": ("channel_day",),
    }
    return ExportOutcome(
        source=ExportSource(**{**source, **values}),
        rows={"channel_day": 1234},
        files=[Path("a.csv"), Path("a.parquet")],
    )


@pytest.fixture
def asked(monkeypatch):
    """Let the command reach nothing, and return what is asked of it; `answers` says with what it ends."""
    asked = []

    @contextmanager
    def opened():
        yield None

    monkeypatch.setattr(export, "open_reads", opened)
    monkeypatch.setattr(
        "airtide.wiring.exporting.export_day", lambda _reads, **names: asked.append(names) or make_outcome()
    )
    return asked


@pytest.mark.parametrize(
    "arguments", [(), ("--day", "yesterday"), ("--day", "2026-02-30"), ("--day", "2026-3-9", "more")]
)
def test_a_command_without_a_day_is_refused(monkeypatch, capsys, asked, arguments):
    assert run(monkeypatch, "export", *arguments) == 2

    assert asked == []


def test_a_refusal_is_one_sentence_and_exit_code_one(monkeypatch, capsys, asked):
    def refuse(_reads, **_names):
        raise MisconfiguredError("a.csv is there already")

    monkeypatch.setattr("airtide.wiring.exporting.export_day", refuse)

    assert run(monkeypatch, "export", "--day", "2026-03-09") == 1
    assert capsys.readouterr().err == "airtide: a.csv is there already\n"


@pytest.mark.parametrize("text", ["", " "])
def test_a_folder_without_a_name_is_refused_and_is_not_the_one_somebody_is_in(monkeypatch, capsys, asked, text):
    assert run(monkeypatch, "export", "--day", "2026-03-09", "--to", text) == 1
    assert capsys.readouterr().err.startswith("airtide: --to names no folder")
    assert asked == []


def test_without_a_folder_files_are_written_where_somebody_is(monkeypatch, asked):
    assert run(monkeypatch, "export", "--day", "2026-03-09") == 0
    assert asked == [{"day": date(2026, 3, 9), "zone": None, "folder": Path(), "force": False}]


def test_day_zone_and_folder_are_handed_on(monkeypatch, capsys, asked, tmp_path):
    options = ("--zone", "Asia/Seoul", "--to", str(tmp_path), "--force")

    assert run(monkeypatch, "export", "--day", "2026-03-09", *options) == 0
    assert asked == [{"day": date(2026, 3, 9), "zone": "Asia/Seoul", "folder": tmp_path, "force": True}]
    told = capsys.readouterr().out
    assert "channel_day: 1,234 rows" in told
    assert "2 files in " in told
    assert "rovisional" not in told


def test_what_is_simulated_or_may_change_is_told(capsys):
    export.show_export(make_outcome(data="simulated", is_provisional=True))

    told = capsys.readouterr().out
    assert "The data is simulated." in told
    assert "Provisional: the numbers of 2026-03-09 may still change." in told


def test_a_zone_makes_no_folder_of_a_file_name():
    assert make_outcome().source.name_file("channel_day", "csv") == "airtide-channel_day-2026-03-09-Asia-Seoul.csv"
