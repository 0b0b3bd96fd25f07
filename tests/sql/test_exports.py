"""A day in files: whole or not at all, equal to the tables, safe in a spreadsheet, and described column by column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest
from psycopg.rows import dict_row
from tests.plugins.seeding import seed_world
from tests.plugins.world import HOSTILE_NAME
from tests.services import WarehouseMaker
from tests.unit.local.test_commands import run

from airtide.domain.clock import SetClock
from airtide.domain.errors import MisconfiguredError
from airtide.settings import load_settings
from airtide.warehouse import exports
from airtide.warehouse.connect import connect
from airtide.warehouse.exports import EXPORTED, open_day
from airtide.wiring.exporting import ExportOutcome, export_day
from airtide.wiring.reads import Reads

NOW = datetime(2026, 3, 10, 12, 7, tzinfo=UTC)
DAY = date(2026, 3, 9)
MIDNIGHT = datetime(2026, 3, 9, tzinfo=UTC)
DOCUMENT = Path(__file__).parents[2] / "docs" / "exports.md"
KEYS = {"platform_day": ("platform",), "platform_hour": ("platform", "hour"), "channel_day": ("channel_key",)}


@pytest.fixture(scope="module")
def reads(warehouse_maker: WarehouseMaker) -> Iterator[Reads]:
    with warehouse_maker.warehouse() as made:
        with connect(made.superuser, None) as connection:
            seed_world(connection, now=NOW, channels=8)
        reads = Reads(made.address, load_settings(), SetClock(NOW))
        yield reads
        reads.close()


def export(reads: Reads, folder: Path, day: date = DAY, zone: str | None = None, *, force: bool = False):
    return export_day(reads, day=day, zone=zone, folder=folder, force=force)


def read_csv(outcome: ExportOutcome, table: str) -> list[dict[str, str]]:
    (file,) = [file for file in outcome.files if file.suffix == ".csv" and f"-{table}-" in file.name]
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode(), newline="")))


def read_parquet(outcome: ExportOutcome, table: str):
    (file,) = [file for file in outcome.files if file.suffix == ".parquet" and f"-{table}-" in file.name]
    return pq.read_table(file)


def list_columns(reads: Reads) -> dict[str, str]:
    """Return the kind of every column that is exported."""
    bounds = {"starts_at": MIDNIGHT, "ends_at": MIDNIGHT + timedelta(days=1)}
    with open_day(reads.address, zone="UTC", day=DAY, **bounds) as reader:
        return {column.name: column.kind.value for table in reader.list_tables() for column in table.columns}


@pytest.mark.parametrize(
    ("day", "zone", "sentence"),
    [
        (date(2020, 1, 1), None, "no numbers of 2020-01-01 in zone UTC"),
        (DAY, "Europe/Berlin", "days are rolled up in UTC, Asia/Seoul only"),
        (DAY, "../../etc", "days are rolled up in UTC, Asia/Seoul only"),
    ],
)
def test_a_day_without_numbers_and_a_zone_without_days_are_refused(reads, tmp_path, day, zone, sentence):
    with pytest.raises(MisconfiguredError, match=sentence):
        export(reads, tmp_path, day, zone)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_refused_and_stays_unless_it_is_to_be_replaced(reads, tmp_path):
    there = tmp_path / "airtide-channel_day-2026-03-09-UTC.csv"
    there.write_text("mine")

    with pytest.raises(MisconfiguredError, match=r"channel_day-2026-03-09-UTC.csv is there already.*--force"):
        export(reads, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [there.name]
    assert there.read_text() == "mine"
    there.with_suffix(".parquet").write_text("mine as well")
    with pytest.raises(MisconfiguredError, match=r"there already, with 1 more of its files: write into another folder"):
        export(reads, tmp_path)

    assert there in export(reads, tmp_path, force=True).files
    assert there.read_text() != "mine"


def test_a_folder_that_has_the_name_of_a_file_is_refused_before_anything_is_replaced(reads, tmp_path):
    (tmp_path / "airtide-channel_day-2026-03-09-UTC.csv").mkdir()
    first = tmp_path / "airtide-platform_day-2026-03-09-UTC.csv"
    first.write_text("mine")

    with pytest.raises(MisconfiguredError, match=r"channel_day-2026-03-09-UTC.csv is a folder"):
        export(reads, tmp_path, force=True)
    assert (len(list(tmp_path.iterdir())), first.read_text()) == (2, "mine")


def test_an_export_that_fails_midway_leaves_nothing(reads, tmp_path, monkeypatch):
    def break_off(_reader, table):
        if table.name == "broadcast_day":
            raise MisconfiguredError("cut off")
        return iter(())

    monkeypatch.setattr(exports.DayReader, "read_batches", break_off)

    with pytest.raises(MisconfiguredError, match="cut off"):
        export(reads, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_sentence(reads, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(MisconfiguredError, match=r"the export cannot be written to .*file: "):
        export(reads, tmp_path / "file")


def test_the_command_exports_what_the_connection_leads_to(warehouse_maker, tmp_path, monkeypatch, capsys):
    with warehouse_maker.warehouse() as made:
        with connect(made.superuser, None) as connection:
            seed_world(connection, now=NOW, channels=1)
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)

        assert run(monkeypatch, "export", "--day", "2026-03-09", "--zone", "Asia/Seoul", "--to", str(tmp_path)) == 0
        assert run(monkeypatch, "export", "--day", "2026-03-09", "--zone", "Asia/Seoul", "--to", str(tmp_path)) == 1

    told = capsys.readouterr()
    assert "channel_day: 3 rows" in told.out
    assert "is there already" in told.err


def test_every_table_that_there_is_becomes_a_pair_of_files(reads, tmp_path):
    outcome = export(reads, tmp_path / "new" / "folder", zone="Asia/Seoul")

    expected = [table for table in EXPORTED if table in outcome.rows]
    assert {"platform_day", "channel_day", "broadcast_day", "platform_hour"} <= set(expected)
    assert [file.name for file in outcome.files] == [
        f"airtide-{table}-2026-03-09-Asia-Seoul.{suffix}" for table in expected for suffix in ("csv", "parquet")
    ]
    assert sorted((tmp_path / "new" / "folder").iterdir()) == sorted(outcome.files)
    assert outcome.rows["platform_hour"] == 3 * 24
    assert {row["zone"] for row in read_csv(outcome, "platform_hour")} == {"Asia/Seoul"}


@pytest.mark.parametrize("rows_at_once", [3, 10_000])
def test_the_files_hold_the_tables_row_by_row_however_they_are_read(reads, tmp_path, monkeypatch, rows_at_once):
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", rows_at_once)
    outcome = export(reads, tmp_path)

    with connect(reads.address) as connection:
        for table, key in KEYS.items():
            kept = read_kept(connection, table)
            frame = read_parquet(outcome, table).to_pylist()
            lines = read_csv(outcome, table)
            assert outcome.rows[table] == len(kept) == len(frame) == len(lines) > 2
            for row, line in zip(frame, lines, strict=True):
                own = kept.pop(tuple(row[name] for name in key))
                assert {name: row[name] for name in own} == own
                assert (int(line["viewer_ms"]), line["peak_viewers"]) == (
                    own["viewer_ms"],
                    str(own["peak_viewers"] or ""),
                )
                assert line["computed_at"] == "2026-03-10T12:05:00Z"
            assert kept == {}


def read_kept(connection: psycopg.Connection, table: str) -> dict[tuple, dict]:
    scope = "hour >= %(from)s AND hour < %(to)s" if table.endswith("_hour") else "zone = 'UTC' AND day = %(day)s"
    bounds = {"from": MIDNIGHT, "to": MIDNIGHT + timedelta(days=1), "day": DAY}
    cursor = connection.cursor(row_factory=dict_row)
    rows = cursor.execute(f"SELECT * FROM trends.{table} WHERE {scope}", bounds).fetchall()
    return {tuple(row[name] for name in KEYS[table]): row for row in rows}


def test_source_and_definitions_are_told_inside_of_both(reads, tmp_path):
    outcome = export(reads, tmp_path)
    metadata = {
        name.decode(): value.decode() for name, value in read_parquet(outcome, "channel_day").schema.metadata.items()
    }

    assert metadata == {
        "airtide.table": "channel_day",
        "airtide.tables": ",".join(outcome.rows),
        "airtide.data": "simulated",
        "airtide.zone": "UTC",
        "airtide.day": "2026-03-09",
        "airtide.starts_at": "2026-03-09T00:00:00Z",
        "airtide.ends_at": "2026-03-10T00:00:00Z",
        "airtide.is_provisional": "false",
        "airtide.definitions_version": "1",
    }
    line = read_csv(outcome, "channel_day")[0]
    told = ("zone", "day", "table", "data", "is_provisional", "definitions_version")
    assert [line[name] for name in told] == ["UTC", "2026-03-09", "channel_day", "simulated", "false", "1"]
    assert line["tables"] == " ".join(outcome.rows)


def test_a_day_that_is_not_over_says_so_in_its_files(reads, tmp_path):
    outcome = export(reads, tmp_path, date(2026, 3, 10))

    assert outcome.source.is_provisional
    assert {line["is_provisional"] for line in read_csv(outcome, "platform_day")} == {"true"}
    assert read_parquet(outcome, "platform_day").schema.metadata[b"airtide.is_provisional"] == b"true"


def test_a_name_that_is_a_formula_is_text_in_csv_and_as_it_is_in_parquet(reads, tmp_path):
    outcome = export(reads, tmp_path)

    assert f"'{HOSTILE_NAME}" in {line["channel_name"] for line in read_csv(outcome, "channel_day")}
    assert HOSTILE_NAME in read_parquet(outcome, "channel_day")["channel_name"].to_pylist()


def test_two_exports_of_one_state_are_the_same_bytes(reads, tmp_path):
    first, second = export(reads, tmp_path / "one"), export(reads, tmp_path / "two")

    assert [file.read_bytes() for file in first.files] == [file.read_bytes() for file in second.files]


def test_every_column_is_described_with_its_kind(reads):
    rows = [line.split("|") for line in DOCUMENT.read_text().split("## Columns")[1].splitlines() if line[:3] == "| `"]
    described = {name.strip(" `"): kind.strip() for _, name, kind, *_ in rows}

    assert {name: described.get(name) for name in list_columns(reads)} == list_columns(reads)


def test_every_table_is_named_in_the_description():
    told = DOCUMENT.read_text()

    assert [table for table in EXPORTED if f"`{table}`" not in told] == []
