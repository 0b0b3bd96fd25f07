"""What `airtide verify` and the options of `airtide accept-loss` print, and how they end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from airtide import cli
from airtide.domain.batches import OffsetRange
from airtide.domain.models import Platform
from airtide.pipeline.verify.findings import Finding, FindingKind, Findings, PartitionLine, PlatformReport
from airtide.settings import POLLED_PLATFORMS

TOPIC = "airtide.snapshots.twitch.v1"
RANGE = ("--topic", TOPIC, "--partition", "2", "--from", "5", "--to", "7")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRTIDE__LOCAL__HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "80")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["airtide", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def report(platform: Platform, *found: Finding, planned: tuple[int, ...] = ()) -> PlatformReport:
    findings = Findings()
    findings.add(*found)
    line = PartitionLine(
        topic=f"airtide.snapshots.{platform}.v1",
        topic_partition=0,
        first_offset=0,
        next_offset=12_345,
        landed=12_340,
        lost=5,
        dead_letters=3,
        expired=2,
        end_offset=None,
        findings=findings.total,
    )
    return PlatformReport(
        platform=platform,
        audited_from=datetime(2026, 1, 1, tzinfo=UTC),
        lines=[line],
        findings=findings,
        objects=4,
        samples=99,
        planned=planned,
    )


def test_every_site_is_audited_and_whole(monkeypatch, capsys):
    asked = []

    def verify(platform: Platform, _adapters: object, *, within: timedelta | None) -> PlatformReport:
        asked.append((platform, within))
        return report(platform, planned=(7,))

    monkeypatch.setattr("airtide.wiring.jobs.verify_platform", verify)
    assert run(monkeypatch, "verify") == 0
    assert asked == [(platform, None) for platform in POLLED_PLATFORMS]
    told = capsys.readouterr().out
    assert "12,345" in told
    assert "twitch: whole; 4 objects and 99 samples from 2026-01-01 00:00 UTC on" in told
    assert "in work: batch 7" in told


def test_findings_are_listed_the_others_counted_and_the_code_is_one(monkeypatch, capsys):
    found = [Finding(kind=FindingKind.COUNTS, text=f"[bold]batch {n}[/]") for n in range(25)]
    monkeypatch.setattr("airtide.wiring.jobs.verify_platform", lambda platform, *_, **__: report(platform, *found))
    assert run(monkeypatch, "verify", "twitch", "--days", "2") == 1
    told = capsys.readouterr().out
    assert "twitch: 25 findings" in told
    assert "batch counts: [bold]batch 0[/]" in told
    assert "… and 5 more of: batch counts" in told


def test_an_unknown_site_is_refused_with_the_known_ones(monkeypatch, capsys):
    assert run(monkeypatch, "verify", "vine") == 1
    assert "there is no site vine: there are" in capsys.readouterr().err


@pytest.fixture
def accepted(monkeypatch) -> list[dict[str, object]]:
    """The options with which losses were accepted."""
    options: list[dict[str, object]] = []

    def accept(_platform: Platform, _adapters: object, **told: object) -> list[str]:
        options.append(told)
        return ["t[2] offsets 5 to 7"]

    monkeypatch.setattr("airtide.wiring.jobs.accept_loss", accept)
    return options


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [((), "accepted as lost: t[2] offsets 5 to 7\n"), (("--dry-run",), "would be given up: t[2] offsets 5 to 7\n")],
    ids=["in earnest", "dry run"],
)
def test_a_range_is_given_up_as_it_was_named(monkeypatch, capsys, accepted, flags, sentence):
    assert run(monkeypatch, "accept-loss", "twitch", *RANGE, *flags) == 0
    wanted = OffsetRange(topic=TOPIC, topic_partition=2, start_offset=5, end_offset=7)
    assert accepted == [{"wanted": wanted, "dry_run": bool(flags)}]
    assert capsys.readouterr().out == sentence


@pytest.mark.parametrize("left_out", [0, 2, 4, 6], ids=["topic", "partition", "from", "to"])
def test_half_a_range_is_refused_and_gives_nothing_up(monkeypatch, capsys, accepted, left_out):
    assert run(monkeypatch, "accept-loss", "twitch", *RANGE[:left_out], *RANGE[left_out + 2 :]) == 1
    assert "a range takes all of --topic, --partition, --from and --to" in capsys.readouterr().err
    assert accepted == []
