"""The audit of what has landed: a whole ledger gives no finding, and every kind of planted defect gives its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fakes.audit import ViewLedger
from tests.fakes.bus import MemoryBroker, MemoryLog, MemorySink
from tests.fakes.lake import MemoryStore
from tests.fakes.ledger import MemoryLedger
from tests.fakes.observations import TICK, make_snapshot, make_sweep

from airtide.bus.topics import snapshots_topic, sweeps_topic
from airtide.domain.batches import OffsetRange
from airtide.domain.clock import SetClock
from airtide.domain.models import Platform
from airtide.lake.audit import LakeAudit
from airtide.lake.lake import SnapshotLake
from airtide.pipeline.land import land_platform
from airtide.pipeline.stop_line import BadRecordLimits
from airtide.pipeline.verify.findings import MOST_SHOWN, FindingKind, PlatformReport
from airtide.pipeline.verify.platform import verify_platform

POLLED = Platform.CHZZK
SNAPSHOTS, SWEEPS = snapshots_topic(POLLED), sweeps_topic(POLLED)
CADENCE = timedelta(minutes=5)
RAW_AGE = timedelta(days=30)
K = FindingKind


class Landed:
    """A platform of one snapshot partition with what landed of it; `view` and `store` are there to be spoiled."""

    def __init__(self) -> None:
        self.broker = MemoryBroker([POLLED], snapshot_partitions=1)
        self.log = MemoryLog(self.broker)
        self.store = MemoryStore()
        self.ledger = MemoryLedger(raw_age=RAW_AGE)
        self.clock = SetClock(TICK + timedelta(hours=2))

    def publish(self, *snapshots, sweeps=()) -> None:
        sink = MemorySink(self.broker)
        sink.publish_snapshots(POLLED, snapshots)
        for sweep in sweeps:
            sink.publish_sweep(sweep)

    def land(self, max_snapshots: int = 1000) -> None:
        land_platform(
            POLLED,
            log=self.log,
            lake=SnapshotLake(self.store),
            ledger=self.ledger,
            clock=self.clock,
            max_snapshots=max_snapshots,
            limits=BadRecordLimits(max_in_row=500, max_share=1, min_for_share=500),
        )

    @property
    def view(self):
        return self.ledger.view

    def verify(self, within: timedelta | None = None) -> PlatformReport:
        return verify_platform(
            POLLED,
            log=self.log,
            lake=LakeAudit(self.store),
            ledger=self.ledger,
            clock=self.clock,
            within=within,
        )

    def change_batch(self, batch_id: int, **changes) -> None:
        self.view.batches[batch_id] = self.view.batches[batch_id]._replace(**changes)

    def move_range(self, batch_id: int, start: int, end: int) -> None:
        """Let a batch say that it landed other snapshots than it did."""
        ranges = [
            replace(part, start_offset=part.start_offset + start, end_offset=part.end_offset + end)
            if part.topic == SNAPSHOTS
            else part
            for part in self.view.batches[batch_id].ranges
        ]
        self.change_batch(batch_id, ranges=tuple(ranges))

    def key_of(self, kind: str, batch_id: int) -> str:
        return next(
            key
            for key, (listed_by, _, _) in self.view.objects.items()
            if listed_by == batch_id and key.startswith(kind)
        )

    def first_sample(self):
        return min(self.view.samples)


def make_landed() -> Landed:
    """Return two landed batches: samples of two hours, a duplicate, an end, a dead letter, and what has expired."""
    landed = Landed()
    landed.publish(
        *(make_snapshot(f"b{n}", viewers=n or None) for n in range(4)),
        make_snapshot("b1", viewers=99),
        make_snapshot("b0", sampled_at=TICK - RAW_AGE - CADENCE),
        sweeps=[make_sweep()],
    )
    landed.broker.append(SNAPSHOTS, 0, b"not json")
    landed.land()
    landed.publish(
        *(make_snapshot(f"b{n}", sampled_at=TICK + 11 * CADENCE) for n in range(3)),
        make_snapshot("b2", sampled_at=TICK + 12 * CADENCE, viewers=5),
        make_snapshot("b0", sampled_at=TICK + 12 * CADENCE, ended_at=TICK + CADENCE),
        sweeps=[make_sweep(sweep_id="second", sampled_at=TICK + 11 * CADENCE)],
    )
    landed.land()
    return landed


def test_a_whole_ledger_has_no_finding_and_tells_what_it_holds():
    landed = make_landed()
    landed.publish(make_snapshot("b9"))
    report = landed.verify()
    assert [str(finding) for finding in report.findings.shown] == []
    assert report.is_whole
    assert (report.objects, report.samples) == (5, 8)
    snapshots, sweeps = report.lines
    assert (snapshots.first_offset, snapshots.next_offset, snapshots.landed, snapshots.end_offset) == (0, 12, 12, 13)
    assert (snapshots.lost, snapshots.dead_letters, snapshots.expired, snapshots.verdict) == (0, 1, 1, "whole")
    assert (sweeps.topic, sweeps.landed, sweeps.expired, sweeps.verdict) == (SWEEPS, 2, 0, "whole")


def test_nothing_landed_is_whole():
    landed = Landed()
    assert landed.verify().is_whole


def test_a_batch_in_work_is_told_and_no_finding():
    landed = make_landed()
    landed.publish(make_snapshot("b9"))
    topics = MemoryLog(landed.broker).describe_topics(POLLED)
    batch = landed.ledger.plan_batch(POLLED, topics, max_snapshots=10, now=TICK)
    report = landed.verify()
    assert (report.is_whole, list(report.planned)) == (True, [batch.batch_id])


def test_what_was_given_up_is_no_finding():
    landed = make_landed()
    landed.publish(*(make_snapshot("b1", sampled_at=TICK + n * CADENCE) for n in (13, 14)))
    gone = OffsetRange(topic=SNAPSHOTS, topic_partition=0, start_offset=12, end_offset=13)
    topics = MemoryLog(landed.broker).describe_topics(POLLED)
    landed.ledger.accept_loss(POLLED, topics, now=TICK, wanted=gone)
    landed.land()
    report = landed.verify()
    assert (report.is_whole, report.lines[0].lost, report.lines[0].landed) == (True, 1, 13)


def forget_batch(landed: Landed) -> None:
    del landed.view.batches[1]


def move_position(landed: Landed, by: int) -> None:
    topic_id, first, following = landed.view.positions[SNAPSHOTS, 0]
    landed.view.positions[SNAPSHOTS, 0] = (topic_id, first, following + by)


def drop_waiting(landed: Landed) -> None:
    landed.publish(*(make_snapshot("b1", sampled_at=TICK + n * CADENCE) for n in (13, 14)))
    landed.broker.drop_before(SNAPSHOTS, 0, 13)


def add_loss(landed: Landed) -> None:
    part = OffsetRange(topic=SNAPSHOTS, topic_partition=0, start_offset=2, end_offset=4)
    landed.view.losses.append((landed.view.positions[SNAPSHOTS, 0][0], part))


def remove_object(landed: Landed) -> None:
    del landed.store.objects[landed.key_of("snapshots", 1)]


def unlist_object(landed: Landed) -> None:
    del landed.view.objects[landed.key_of("snapshots", 1)]


def retire_object(landed: Landed) -> None:
    landed.view.retired.add(landed.key_of("sweeps", 2))


def swap_object(landed: Landed) -> None:
    mine, other = (landed.key_of("snapshots", batch_id) for batch_id in (1, 2))
    landed.store.objects[mine] = landed.store.objects[other]


def damage_object(landed: Landed) -> None:
    key = landed.key_of("sweeps", 1)
    body, sha256 = landed.store.objects[key]
    landed.store.objects[key] = (body[:-20], sha256)


def miscount_object(landed: Landed) -> None:
    key = landed.key_of("snapshots", 1)
    batch_id, rows, digest = landed.view.objects[key]
    landed.view.objects[key] = (batch_id, rows + 1, digest)


def copy_object(landed: Landed) -> None:
    key = landed.key_of("snapshots", 1)
    copy = key.replace(".parquet", "2.parquet")
    landed.store.objects[copy], landed.view.objects[copy] = landed.store.objects[key], landed.view.objects[key]


def bury_landed(landed: Landed) -> None:
    landed.view.dead_letters[SNAPSHOTS, landed.view.positions[SNAPSHOTS, 0][0], 0, 0] = "bad"


def forget_letter(landed: Landed) -> None:
    landed.view.dead_letters.clear()


def drop_sample(landed: Landed) -> None:
    del landed.view.samples[landed.first_sample()]


def add_sample(landed: Landed) -> None:
    tick, key = landed.first_sample()
    landed.view.samples[tick + 1, key] = landed.view.samples[tick, key]


def change_sample(landed: Landed, **values) -> None:
    at = landed.first_sample()
    landed.view.samples[at] = landed.view.samples[at]._replace(**values)


def drop_detail(landed: Landed) -> None:
    del landed.view.details[landed.view.samples[landed.first_sample()].detail_key]


def swap_details(landed: Landed) -> None:
    other = next(row for (_, key), row in landed.view.samples.items() if key != landed.first_sample()[1])
    change_sample(landed, detail_key=other.detail_key)


@pytest.mark.parametrize(
    ("spoil", "kinds"),
    [
        pytest.param(forget_batch, {K.GAP, K.FOREIGN}, id="a batch is gone"),
        pytest.param(lambda landed: move_position(landed, -1), {K.POSITION}, id="a position went back"),
        pytest.param(lambda landed: move_position(landed, 1), {K.GAP, K.BEYOND_END}, id="a position went on"),
        pytest.param(lambda landed: landed.move_range(2, -1, 0), {K.OVERLAP, K.COUNTS}, id="two batches of a message"),
        pytest.param(lambda landed: landed.move_range(2, 1, 0), {K.GAP, K.FOREIGN, K.COUNTS}, id="a hole between two"),
        pytest.param(add_loss, {K.OVERLAP}, id="a loss of what has landed"),
        pytest.param(drop_waiting, {K.DROPPED}, id="dropped before it landed"),
        pytest.param(
            lambda landed: landed.broker.cut(SNAPSHOTS, 0, 11), {K.BEYOND_END}, id="a log shorter than its position"
        ),
        pytest.param(lambda landed: landed.broker.make_topics(POLLED), {K.TOPIC_REPLACED}, id="a topic made anew"),
        pytest.param(remove_object, {K.OBJECT_MISSING, K.MISSING, K.COUNTS, K.SAMPLE_FOREIGN}, id="an object is gone"),
        pytest.param(unlist_object, {K.MISSING, K.COUNTS, K.SAMPLE_FOREIGN}, id="an object is not listed"),
        pytest.param(retire_object, {K.MISSING}, id="an object is retired and nothing took its rows"),
        pytest.param(
            swap_object,
            {K.OBJECT_DIFFERS, K.MISSING, K.COUNTS, K.SAMPLE_FOREIGN},
            id="an object holds other rows",
        ),
        pytest.param(damage_object, {K.OBJECT_DIFFERS, K.MISSING}, id="an object cannot be read"),
        pytest.param(
            miscount_object,
            {K.OBJECT_DIFFERS, K.MISSING, K.COUNTS, K.SAMPLE_FOREIGN},
            id="an object is listed with other rows",
        ),
        pytest.param(copy_object, {K.DOUBLE}, id="rows in two objects"),
        pytest.param(bury_landed, {K.DOUBLE, K.COUNTS}, id="a row that is a dead letter, too"),
        pytest.param(forget_letter, {K.MISSING, K.COUNTS}, id="a dead letter is gone"),
        pytest.param(lambda landed: landed.change_batch(1, snapshots=4), {K.COUNTS}, id="too few snapshots counted"),
        pytest.param(lambda landed: landed.change_batch(1, dead_letters=2), {K.COUNTS}, id="too many dead letters"),
        pytest.param(lambda landed: landed.change_batch(1, expired=0), {K.MISSING}, id="nothing counted as expired"),
        pytest.param(lambda landed: landed.change_batch(1, expired=2), {K.COUNTS}, id="too much counted as expired"),
        pytest.param(drop_sample, {K.SAMPLE_MISSING}, id="a sample is gone"),
        pytest.param(add_sample, {K.SAMPLE_FOREIGN}, id="a sample too many"),
        pytest.param(lambda landed: change_sample(landed, viewers=77), {K.SAMPLE_DIFFERS}, id="another count"),
        pytest.param(lambda landed: change_sample(landed, cadence_s=60), {K.SAMPLE_DIFFERS}, id="another cadence"),
        pytest.param(drop_detail, {K.DETAIL_MISSING}, id="a detail is gone"),
        pytest.param(swap_details, {K.DETAIL_FOREIGN}, id="the detail of another broadcast"),
    ],
)
def test_a_planted_defect_is_found_and_named(spoil: Callable[[Landed], None], kinds: set[FindingKind]):
    landed = make_landed()
    spoil(landed)
    report = landed.verify()
    assert set(report.findings.totals) - {k for k, total in report.findings.totals.items() if not total} == kinds
    assert not report.is_whole
    assert all(str(finding).startswith(finding.kind) for finding in report.findings.shown)


def test_the_first_of_two_samples_of_a_tick_is_the_one_that_landed_first_and_then_the_lowest_offset():
    landed = make_landed()
    landed.publish(make_snapshot("b3", viewers=1), make_snapshot("b7", viewers=20), make_snapshot("b7", viewers=30))
    landed.land()
    assert landed.verify().is_whole
    [at] = [at for at, row in landed.view.samples.items() if row.viewers == 20]
    landed.view.samples[at] = landed.view.samples[at]._replace(viewers=30)
    assert set(landed.verify().findings.totals.elements()) == {K.SAMPLE_DIFFERS}


def test_a_finding_says_where_by_topic_offsets_object_and_sample():
    landed = make_landed()
    key = landed.key_of("snapshots", 1)
    remove_object(landed)
    told = [str(finding) for finding in landed.verify().findings.shown]
    assert any(sentence.startswith(f"object missing: {key}: ") for sentence in told)
    assert any(sentence.startswith(f"message missing: {SNAPSHOTS}[0] offsets 0 to 5: batch 1 ") for sentence in told)
    assert any(sentence.startswith("sample without message: 2026-01-31T12:00:00Z broadcast ") for sentence in told)


def test_of_very_many_findings_the_first_are_kept_and_all_are_counted():
    landed = Landed()
    landed.publish(*(make_snapshot(f"b{n}") for n in range(3 * MOST_SHOWN)))
    landed.land()
    landed.view.samples.clear()
    findings = landed.verify().findings
    assert (findings.total, len(findings.shown)) == (3 * MOST_SHOWN, MOST_SHOWN)


def test_an_hour_that_has_begun_to_expire_is_not_audited():
    landed = make_landed()
    landed.clock.set(TICK + RAW_AGE + timedelta(minutes=1))
    drop_sample(landed)
    remove_object(landed)
    report = landed.verify()
    assert report.audited_from == TICK + timedelta(hours=1)
    assert report.is_whole
    assert (report.objects, report.samples) == (1, 1)
    landed.view.samples.clear()
    assert landed.verify().findings.total == 1


def test_a_batch_of_which_some_has_gone_with_its_age_is_not_counted_out():
    landed = make_landed()
    landed.clock.set(TICK + timedelta(hours=9))
    landed.publish(
        make_snapshot("late", sampled_at=TICK + CADENCE), make_snapshot("b1", sampled_at=TICK + 96 * CADENCE)
    )
    landed.land()
    early, later = (key for key, (batch_id, _, _) in sorted(landed.view.objects.items()) if batch_id == 3)
    landed.clock.set(TICK + RAW_AGE + timedelta(hours=1))
    for key in [key for key in landed.view.objects if "hour=12" in key]:
        del landed.view.objects[key]
    assert landed.verify().is_whole
    landed.view.retired.add(later)
    assert set(landed.verify().findings.totals.elements()) == {K.SAMPLE_FOREIGN}
    landed.clock.set(TICK + timedelta(hours=10))
    assert {K.MISSING, K.COUNTS} <= set(landed.verify().findings.totals.elements())
    assert "hour=12" in early


def test_what_a_landing_passes_while_the_ledger_is_read_is_asked_for_again():
    landed = make_landed()
    early = MemoryLog(landed.broker).describe_topics(POLLED)

    class SlowLog(MemoryLog):
        asked = 0

        def describe_topics(self, platform):
            self.asked += 1
            return early if self.asked == 1 else super().describe_topics(platform)

    landed.publish(make_snapshot("b1", sampled_at=TICK + 13 * CADENCE))
    landed.land()
    slow = SlowLog(landed.broker)
    report = verify_platform(
        POLLED,
        log=slow,
        lake=LakeAudit(landed.store),
        ledger=ViewLedger(landed.view, RAW_AGE),
        clock=landed.clock,
    )
    assert (report.is_whole, slow.asked) == (True, 2)


class LogWithMarkers(MemoryLog):
    """Hands out no markers of transactions, which take up offsets."""

    def _read_range(self, wanted):
        return [record for record in super()._read_range(wanted) if record.value != b"marker"]


def test_offsets_that_are_never_delivered_are_no_loss_while_kafka_can_tell():
    landed = make_landed()
    landed.log = LogWithMarkers(landed.broker)
    landed.publish(make_snapshot("b1", sampled_at=TICK + 13 * CADENCE))
    landed.broker.append(SNAPSHOTS, 0, b"marker")
    landed.land()
    assert [str(finding) for finding in landed.verify().findings.shown] == []
    unlist_object(landed)
    assert K.MISSING in landed.verify().findings.totals
    landed = make_landed()
    landed.log = LogWithMarkers(landed.broker)
    landed.broker.append(SNAPSHOTS, 0, b"marker")
    landed.land()
    landed.broker.drop_before(SNAPSHOTS, 0, 13)
    assert [(finding.kind, finding.count) for finding in landed.verify().findings.shown] == [(K.MISSING, 1)]


ticks = st.integers(min_value=-2, max_value=20)
polls = st.lists(st.tuples(ticks, st.lists(st.integers(0, 5), max_size=8), st.booleans()), min_size=1, max_size=3)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(polls=polls, max_snapshots=st.integers(3, 9), data=st.data())
def test_random_landings_are_whole_and_one_random_defect_is_found(polls, max_snapshots, data):
    landed = Landed()
    for n, (tick, broadcasts, is_bad) in enumerate(polls):
        at = TICK + tick * CADENCE
        landed.publish(
            *(make_snapshot(f"b{b}", sampled_at=at, viewers=n) for b in broadcasts),
            sweeps=[make_sweep(sweep_id=f"sweep {n}", sampled_at=at)],
        )
        if is_bad:
            landed.broker.append(SNAPSHOTS, 0, b"not json")
        landed.land(max_snapshots)
    assert [str(finding) for finding in landed.verify().findings.shown] == []
    view = landed.view
    lost = data.draw(
        st.sampled_from(
            [
                *((view.samples, at) for at in sorted(view.samples)),
                *((view.objects, key) for key in sorted(view.objects)),
                *((landed.store.objects, key) for key in sorted(view.objects)),
                *((view.dead_letters, place) for place in sorted(view.dead_letters)),
            ]
        )
    )
    if lost[0] is view.objects and data.draw(st.booleans()):
        copy = lost[1].replace(".parquet", "2.parquet")
        view.objects[copy], landed.store.objects[copy] = view.objects[lost[1]], landed.store.objects[lost[1]]
    else:
        del lost[0][lost[1]]
    assert not landed.verify().is_whole
