"""What `airtide audit` prints, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from airtide import cli
from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.domain.recomputed import BROADCAST_DAY, PLATFORM_DAY, Row, TableReport, compare_rows
from airtide.pipeline.audit_day import DayReport, Unaudited
from airtide.settings import POLLED_PLATFORMS

DAY = ("audit", "--day", "2026-11-25")
ROW: Row = (4711, 12, "ko", 288, 280, 86_400_000, 84_000_000, 86_400_000, 1_234_567, 99, 1_764_028_800)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRTIDE__LOCAL__HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run the command; what every site's audit comes to is `found`."""

    def run_command(*arguments: str, found: Callable[[Platform], DayReport]) -> int:
        monkeypatch.setattr("sys.argv", ["airtide", *arguments])
        monkeypatch.setattr("airtide.wiring.day_audit.audit_day", lambda platform, *_: found(platform))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0)

    return run_command


def report(platform: Platform, *tables: TableReport, unaudited: Unaudited | None = None) -> DayReport:
    return DayReport(
        platform=platform, zone="UTC", day="2026-11-25", unaudited=unaudited, objects=3, tables=list(tables)
    )


def test_every_site_is_audited_in_the_zone_and_equal_rows_are_counted(run, monkeypatch, capsys):
    asked = []

    def audit(platform: Platform, day: date, zone: str, _adapters: object) -> DayReport:
        asked.append((platform, day, zone))
        return report(platform, compare_rows(BROADCAST_DAY, [ROW], [ROW]))

    monkeypatch.setattr("airtide.wiring.day_audit.audit_day", audit)
    monkeypatch.setattr("sys.argv", ["airtide", *DAY, "--zone", "Asia/Seoul"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    assert asked == [(platform, date(2026, 11, 25), "Asia/Seoul") for platform in POLLED_PLATFORMS]
    told = capsys.readouterr().out
    assert told.count("broadcast_day") == len(POLLED_PLATFORMS)


def test_without_a_zone_the_first_one_rolled_up_is_meant(run, monkeypatch):
    monkeypatch.setenv("AIRTIDE__TRENDS__ZONES", '["Europe/Berlin", "UTC"]')
    asked = []
    monkeypatch.setattr("airtide.local.audit.show_reports", lambda _reports: None)

    def audit(platform: Platform, _day: date, zone: str, _adapters: object) -> DayReport:
        asked.append(zone)
        return report(platform)

    monkeypatch.setattr("airtide.wiring.day_audit.audit_day", audit)
    monkeypatch.setattr("sys.argv", ["airtide", *DAY])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    assert set(asked) == {"Europe/Berlin"}


def test_rows_that_differ_are_told_with_both_numbers_and_the_code_is_one(run, capsys):
    other = (*ROW[:8], 1, 99, None)
    foreign, missing = (1, *ROW[1:]), (9_000, *ROW[1:])
    table = compare_rows(BROADCAST_DAY, [foreign, ROW], [other, missing])
    assert run(*DAY, "soop", found=lambda platform: report(platform, table)) == 1
    told = capsys.readouterr().out
    assert (
        "soop broadcast_day broadcast_key 4711: viewer_ms 1234567, the lake says 1; peak_at 2025-11-25T00:00:00Z"
        in told
    )
    assert "the lake says none" in told
    assert "soop broadcast_day broadcast_key 1: is published, but nothing of it is in the lake" in told
    assert "broadcast_key 9000: is not published; the lake says channel_key 12, language 'ko', samples 288" in told


def test_differences_beyond_those_shown_are_counted(run, capsys):
    rows = [(n, *ROW[1:]) for n in range(1, 31)]
    table = compare_rows(BROADCAST_DAY, rows, [])
    assert run(*DAY, "soop", found=lambda platform: report(platform, table)) == 1
    assert "and 20 more rows of broadcast_day" in capsys.readouterr().out


def test_a_language_is_printed_as_text_whatever_it_looks_like(run, capsys):
    table = compare_rows(BROADCAST_DAY, [ROW], [(*ROW[:2], "[bold]x\x1b[0m", *ROW[3:])])
    assert run(*DAY, "soop", found=lambda platform: report(platform, table)) == 1
    assert "language 'ko', the lake says '[bold]x\\x1b[0m'" in capsys.readouterr().out


@pytest.mark.parametrize("reason", Unaudited)
def test_a_day_of_which_nothing_can_be_audited_is_one_sentence(run, capsys, reason):
    assert run(*DAY, found=lambda platform: report(platform, unaudited=reason)) == 1
    told = capsys.readouterr()
    assert told.err == f"airtide: 2026-11-25 in UTC cannot be audited: {reason}\n"
    assert told.out == ""


@pytest.mark.parametrize(
    ("reason", "code"),
    [(Unaudited.NOTHING, 0), (Unaudited.SEALED, 0), (Unaudited.WAITS, 1), (Unaudited.OPEN, 1)],
)
def test_beside_equal_sites_one_that_will_be_audited_later_is_no_success(run, capsys, reason, code):
    equal = compare_rows(PLATFORM_DAY, [(1,) * len(PLATFORM_DAY.numbers)], [(1,) * len(PLATFORM_DAY.numbers)])

    def find(platform: Platform) -> DayReport:
        return report(platform, unaudited=reason) if platform is Platform.KICK else report(platform, equal)

    assert run(*DAY, found=find) == code
    assert str(reason)[:20] in capsys.readouterr().out


def test_what_the_library_refuses_is_one_sentence(run, capsys):
    def refuse(_platform: Platform) -> DayReport:
        raise MisconfiguredError("there are no days of zone Mars/Olympus: days are kept of UTC")

    assert run(*DAY, found=refuse) == 1
    assert capsys.readouterr().err == "airtide: there are no days of zone Mars/Olympus: days are kept of UTC\n"


def test_an_unknown_site_and_a_day_that_is_none_are_refused(run, capsys):
    assert run(*DAY, "vine", found=report) == 1
    assert "there is no site vine: there are" in capsys.readouterr().err
    assert run("audit", "--day", "yesterday", found=report) == 2
    assert "does not match the format" in capsys.readouterr().err
