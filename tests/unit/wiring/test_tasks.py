"""What a Dag's task makes of its job: the tick of a poll, a skipped landing, plain outcomes for XCom."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowSkipException
from tests.fakes.landing_book import MemoryLandingBook

from airtide.domain.errors import NotWhole, PartUnreachable, PermanentError, TooManyBadRecords
from airtide.domain.lags import LandingFigures, PartitionLag
from airtide.domain.models import Outcome, Platform, Scope, Sweep
from airtide.pipeline import poll as poll_module
from airtide.pipeline.discover import Discovery
from airtide.pipeline.land import LandingOutcome, LandingStatus
from airtide.pipeline.replay import ReplayOutcome
from airtide.pipeline.verify.findings import Finding, FindingKind, Findings, PlatformReport
from airtide.settings import POLLED_PLATFORMS, load_settings
from airtide.warehouse.rollups.hours import HourlyOutcome
from airtide.wiring import jobs, metrics, pictures, tasks

NOW = datetime(2026, 3, 9, 12, 7, 31, tzinfo=UTC)


class FakeAdapters:
    """Adapters that reach nothing; remembers whether it was closed."""

    settings = load_settings()
    clock = SimpleNamespace(now=lambda: NOW)
    sink = log = lake = ledger = candidates = letters = audit_ledger = audit_lake = None

    def __init__(self) -> None:
        self.closed = False
        self.landing_book = MemoryLandingBook()

    def __enter__(self) -> FakeAdapters:
        return self

    def __exit__(self, *_error: object) -> None:
        self.closed = True

    def source(self, platform: Platform) -> Platform:
        return platform

    def measure_lag(self, platform: Platform) -> list[PartitionLag]:
        return []

    def asking(self, _platform: Platform) -> None:
        return None

    def discovery(self) -> tuple[()]:
        return ()

    @contextmanager
    def connect_rollup(self):
        yield "rollup connection"


@pytest.fixture
def adapters(monkeypatch):
    adapters = FakeAdapters()
    monkeypatch.setattr(tasks, "Adapters", lambda _connections: adapters)
    return adapters


@pytest.fixture
def landing(monkeypatch, adapters):
    """Let the landing end as told."""

    def end(status: LandingStatus, **counts: int) -> None:
        outcome = LandingOutcome(platform=Platform.SOOP, status=status, **counts)
        monkeypatch.setattr("airtide.pipeline.land.land_platform", lambda *_args, **_kwargs: outcome)

    return end


@pytest.mark.parametrize(
    ("status", "says"),
    [(LandingStatus.NOTHING_TO_LAND, "nothing to land"), (LandingStatus.FENCED, "fenced")],
    ids=["empty", "another run was first"],
)
def test_a_landing_without_a_batch_is_skipped_and_says_why(landing, adapters, status, says):
    landing(status)
    with pytest.raises(AirflowSkipException, match=f"^{says}$"):
        tasks.land(Platform.SOOP)
    assert adapters.closed


def test_a_landing_that_was_fenced_after_a_batch_counts_as_done(landing, adapters):
    landing(LandingStatus.FENCED, batches=1, samples=7)
    assert tasks.land(Platform.SOOP)["samples"] == 7


def test_a_landing_tells_plain_counts(landing, adapters):
    landing(LandingStatus.LANDED, batches=2, samples=7)
    told = tasks.land(Platform.SOOP)
    assert told == told | {"platform": "soop", "status": "landed", "batches": 2, "samples": 7}
    assert_plain(told)


def test_a_landing_that_fails_is_on_record_and_in_the_metrics_and_fails_all_the_same(monkeypatch, adapters):
    def stop(*_args: object, **_named: object) -> LandingOutcome:
        raise TooManyBadRecords("batch 7 of soop: 9 bad messages in a row")

    told: list[LandingFigures] = []
    monkeypatch.setattr("airtide.pipeline.land.land_platform", stop)
    monkeypatch.setattr("airtide.wiring.metrics.tell_landing", told.append)
    with pytest.raises(TooManyBadRecords):
        tasks.land(Platform.SOOP)
    assert [figures.error for figures in told] == ["batch 7 of soop: 9 bad messages in a row"]
    assert adapters.landing_book.landing(Platform.SOOP).error == told[0].error


@pytest.mark.parametrize("dry_run", [True, False])
def test_dead_letters_are_replayed_as_the_params_say(monkeypatch, adapters, dry_run):
    asked = []

    def replay(query, *, limit, dry_run, **_parts):
        asked.append((query.reason, query.found_from, query.offset_until, limit, dry_run))
        return ReplayOutcome(dry_run=dry_run, looked_at=3, mended=2, refused={"odd": 1})

    adapters.ledger = SimpleNamespace(read_raw_age=None)
    monkeypatch.setattr("airtide.pipeline.replay.replay_letters", replay)
    params = {"platform": "soop", "reason": "odd", "begin": None, "end": "17", "limit": 5, "dry_run": False}
    told = tasks.replay_dead_letters(params, dry_run=dry_run)
    assert (told["mended"], told["refused"]) == (2, {"odd": 1})
    assert asked == [("odd", None, 17, 5, dry_run)]
    assert json.loads(json.dumps(told)) == told


@pytest.fixture
def polled(monkeypatch, adapters):
    """The ticks that were polled; the sweep of each found one broadcast."""
    ticks = []

    def poll(
        source: Platform,
        _sink: None,
        _clock: object,
        *,
        tick: datetime,
        asking: None,
        max_reject_share: float,
    ) -> Sweep:
        assert max_reject_share == 0.5
        ticks.append(tick)
        return Sweep(
            sweep_id=f"{source}:{tick:%Y-%m-%dT%H:%M:%SZ}:00c0ffee",
            platform=source,
            sampled_at=tick,
            started_at=NOW,
            finished_at=NOW,
            outcome=Outcome.COMPLETE,
            scope=Scope.LISTING,
            pages=1,
            requests=1,
            snapshots=1,
            duplicates=0,
            rejects=0,
            absent=(),
            spend={},
            error=None,
            end_offsets={},
        )

    monkeypatch.setattr("airtide.pipeline.poll.poll_platform", poll)
    return ticks


@pytest.mark.parametrize(
    ("run_after", "tick"),
    [
        (NOW, datetime(2026, 3, 9, 12, 5, tzinfo=UTC)),
        (datetime(2026, 3, 9, 12, 5, tzinfo=UTC), datetime(2026, 3, 9, 12, 5, tzinfo=UTC)),
        (datetime(2026, 3, 9, 12, 4, 59, 999_999, tzinfo=UTC), datetime(2026, 3, 9, 12, tzinfo=UTC)),
    ],
    ids=["by hand", "by cron", "just before"],
)
def test_a_polls_tick_is_its_runs_instant_floored_to_the_cadence(polled, run_after, tick):
    told = tasks.poll(Platform.TWITCH, run_after)
    assert polled == [tick]
    assert told["sweep_id"].startswith(f"twitch:{tick:%Y-%m-%dT%H:%M:%SZ}:")
    assert_plain(told)


@pytest.mark.parametrize("new", [{}, {"title_v2": 7, "a.b": 1}])
def test_fields_that_a_site_has_added_are_told_once_in_the_line_of_the_outcome(monkeypatch, caplog, polled, new):
    del polled
    poll = poll_module.poll_platform

    def poll_new(*args: object, **kwargs: object) -> Sweep:
        return replace(poll(*args, **kwargs), unknown_fields=new)

    monkeypatch.setattr(poll_module, "poll_platform", poll_new)
    with caplog.at_level("INFO"):
        told = tasks.poll(Platform.TWITCH, NOW)
    assert_plain(told)
    assert told.get("new_fields") == ("a.b,title_v2" if new else None)
    assert caplog.text.count("title_v2") == len(new) / 2


def test_a_poll_that_fails_closes_what_it_opened_and_fails_its_task(monkeypatch, adapters):
    def fail(*_args: object, **_kwargs: object) -> Sweep:
        raise PartUnreachable("kafka is down")

    monkeypatch.setattr("airtide.pipeline.poll.poll_platform", fail)
    with pytest.raises(PartUnreachable, match="kafka is down"):
        tasks.poll(Platform.TWITCH, NOW)
    assert adapters.closed


def test_a_discovery_tells_what_it_found(monkeypatch, adapters):
    found = Discovery(pages=1, found=50, new=3, failed_parts=1, requests=1, spend={"youtube.search": 1})
    asked = []

    def discover(*_args: object, turn_s: int, by_hand: bool) -> Discovery:
        asked.append((turn_s, by_hand))
        return found

    monkeypatch.setattr("airtide.pipeline.discover.discover", discover)
    told = tasks.discover_youtube(by_hand=True)
    assert told == told | {"pages": 1, "found": 50, "new": 3, "failed_parts": 1}
    assert asked == [(900, True)]
    assert json.loads(json.dumps(told)) == told


def test_hours_are_rolled_up_now_and_the_open_one_rests(monkeypatch, adapters):
    called = {}

    def roll_up(connection: str, **arguments: object) -> HourlyOutcome:
        called.update(arguments, connection=connection)
        return HourlyOutcome(hours=2, changed_hours=1)

    monkeypatch.setattr("airtide.warehouse.rollups.roll_up_hours", roll_up)
    told = tasks.roll_up_hours()
    assert called == {"connection": "rollup connection", "now": NOW, "open_hour_rest": jobs.OPEN_HOUR_REST}
    assert told == {
        "hours": 2,
        "sealed_hours": 0,
        "changed_states": 0,
        "changed_hours": 1,
        "changed_category_hours": 0,
    }


def test_days_are_rolled_up_over_a_calendar_that_reaches_them(monkeypatch, adapters):
    calendar = {}

    def ensure(_connection: str, zones: tuple[str, ...], **days: object) -> None:
        calendar.update(days, zones=zones)

    monkeypatch.setattr("airtide.warehouse.zone_days.ensure_zone_days", ensure)
    monkeypatch.setattr(
        "airtide.warehouse.rollups.roll_up_days", lambda *_args, now: SimpleNamespace(to_dict=lambda: {"days": 4})
    )
    assert tasks.roll_up_days() == {"days": 4}
    assert calendar["zones"] == adapters.settings.trends.zones
    assert calendar["first_day"] < NOW.date() < calendar["last_day"]


def audit(monkeypatch, *findings: Finding) -> list[timedelta]:
    """Let the audit of SOOP find these and that of every other site nothing; return what spans are asked for."""
    asked = []

    def verify(platform: Platform, *, within: timedelta, **_parts: object) -> PlatformReport:
        asked.append(within)
        found = Findings()
        found.add(*(findings if platform is Platform.SOOP else ()))
        return PlatformReport(
            platform=platform, audited_from=NOW, lines=[], findings=found, objects=2, samples=7, planned=[3]
        )

    monkeypatch.setattr("airtide.pipeline.verify.platform.verify_platform", verify)
    return asked


def test_an_audit_that_finds_nothing_tells_what_it_looked_at(monkeypatch, adapters):
    asked = audit(monkeypatch)
    told = tasks.verify_landing(days=2)
    sites = len(POLLED_PLATFORMS)
    assert told == {"platforms": sites, "objects": 2 * sites, "samples": 7 * sites, "planned_batches": sites}
    assert asked == [timedelta(days=2)] * sites
    assert_plain(told)


def test_an_audit_with_findings_fails_for_good_with_the_first_and_logs_all_it_kept(monkeypatch, caplog, adapters):
    audit(monkeypatch, *(Finding(kind=FindingKind.COUNTS, text=f"batch {n} counts wrong") for n in range(5)))
    with pytest.raises(
        NotWhole, match=r"^5 findings, the first: batch counts: batch 0 .*batch 2 counts wrong\. "
    ) as failed:
        tasks.verify_landing(days=1)
    assert "batch 3" not in str(failed.value)
    assert "batch 4 counts wrong" in caplog.text
    assert isinstance(failed.value, PermanentError)
    assert adapters.closed


def assert_plain(outcome: dict) -> None:
    """An XCom that is JSON needs none of our classes to be read."""
    assert json.loads(json.dumps(outcome)) == outcome
    assert {type(value) for value in outcome.values()} <= {str, int, type(None)}


def test_pictures_are_captured_for_the_sites_whose_policy_says_so(adapters, monkeypatch):
    keys = {Platform.YOUTUBE, Platform.TWITCH, Platform.CHZZK}
    adapters.connections = SimpleNamespace(has_key=keys.__contains__)
    captured = {}
    monkeypatch.setattr(
        pictures, "capture_thumbnails", lambda given, **told: captured.update(given=given, **told) or {}
    )
    assert tasks.capture_thumbnails() == {}
    assert (captured["given"], captured["tell"]) == (adapters, metrics.tell_capture)
    assert pictures.captured_platforms(adapters) == [Platform.TWITCH, Platform.CHZZK]


def test_nothing_to_capture_is_skipped_in_words(adapters, monkeypatch):
    monkeypatch.setattr(pictures, "captured_platforms", lambda _adapters: [])
    with pytest.raises(AirflowSkipException, match="no site"):
        tasks.capture_thumbnails()
