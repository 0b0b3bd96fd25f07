"""One sweep on fakes: what is published, what the record says, and what fails the task."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.fakes.polling import TICK, CollectingSink, MemoryCandidates, MemorySource, make_reject, make_snapshot

from airtide.domain.candidates import Candidate
from airtide.domain.clock import SetClock
from airtide.domain.errors import (
    AirtideError,
    ContractChanged,
    CredentialsRejected,
    PartUnreachable,
    QuotaSpent,
    RateLimited,
    TickRefused,
)
from airtide.domain.models import Outcome, Platform, Scope, Sighting, Snapshot
from airtide.domain.pages import Page, Tally
from airtide.pipeline.asking import Asking
from airtide.pipeline.poll import MIN_REJECTS_TO_STOP, poll_platform

STOPPING = [
    CredentialsRejected("mend airtide_twitch"),
    RateLimited("slow down", retry_after_s=30),
    QuotaSpent("spent", bucket="youtube.units"),
    ContractChanged("`data` is missing"),
    PartUnreachable("no answer"),
]


@pytest.fixture
def sink() -> CollectingSink:
    return CollectingSink()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(TICK + timedelta(seconds=2))


def youtube(*held: object, **changes: object) -> MemorySource:
    """Return a site that is asked by id."""
    settings = {"platform": Platform.YOUTUBE, "scope": Scope.BY_ID, "id_capacity": 50, **changes}
    return MemorySource(held, **settings)  # type: ignore[arg-type]


def known(*broadcast_ids: str) -> MemoryCandidates:
    """Return a store of candidates found at the tick."""
    candidates = MemoryCandidates()
    candidates.add_ids(Platform.YOUTUBE, broadcast_ids, found_at=TICK)
    return candidates


@pytest.mark.parametrize("away", [timedelta(seconds=301), -timedelta(seconds=301), timedelta(days=2)])
def test_a_tick_far_from_the_sites_clock_is_refused_and_nothing_published(
    sink: CollectingSink, clock: SetClock, away: timedelta
) -> None:
    source = MemorySource([[make_snapshot()]], site_time=TICK + away)
    with pytest.raises(TickRefused, match="more than one cadence"):
        poll_platform(source, sink, clock, tick=TICK)
    assert sink.published == []
    assert sink.sweeps == []


def test_a_site_that_does_not_tell_its_time_is_refused(sink: CollectingSink, clock: SetClock) -> None:
    with pytest.raises(TickRefused, match="no Date header"):
        poll_platform(MemorySource([[make_snapshot()]], site_time=None), sink, clock, tick=TICK)
    assert sink.sweeps == []


@pytest.mark.parametrize("away", [timedelta(), timedelta(seconds=300), -timedelta(seconds=300)])
def test_a_tick_within_one_cadence_is_taken(sink: CollectingSink, clock: SetClock, away: timedelta) -> None:
    sweep = poll_platform(MemorySource([[make_snapshot()]], site_time=TICK + away), sink, clock, tick=TICK)
    assert sweep.outcome is Outcome.COMPLETE


@pytest.mark.parametrize("error", STOPPING, ids=lambda error: type(error).__name__)
def test_what_was_seen_before_a_stop_is_published_and_the_error_fails_the_task(
    sink: CollectingSink, clock: SetClock, error: AirtideError
) -> None:
    source = MemorySource([[make_snapshot("a")]], raises=error)
    with pytest.raises(type(error)) as caught:
        poll_platform(source, sink, clock, tick=TICK)
    assert caught.value is error
    assert [one.broadcast_id for one in sink.published if isinstance(one, Snapshot)] == ["a"]
    assert [(one.outcome, one.error) for one in sink.sweeps] == [(Outcome.PARTIAL, str(error))]


@pytest.mark.parametrize("error", STOPPING, ids=lambda error: type(error).__name__)
def test_a_stop_before_the_first_page_is_a_failed_sweep_on_record(
    sink: CollectingSink, clock: SetClock, error: AirtideError
) -> None:
    with pytest.raises(type(error)):
        poll_platform(MemorySource([], raises=error), sink, clock, tick=TICK)
    assert [(one.outcome, one.pages, one.error) for one in sink.sweeps] == [(Outcome.FAILED, 0, str(error))]


def test_a_failed_page_makes_the_sweep_partial_and_is_named(sink: CollectingSink, clock: SetClock) -> None:
    source = MemorySource([[make_snapshot("a")], "HTTP 500", [make_snapshot("b")]])
    sweep = poll_platform(source, sink, clock, tick=TICK)
    assert sweep.outcome is Outcome.PARTIAL
    assert sweep.error == "page 2: HTTP 500"
    assert (sweep.pages, sweep.snapshots) == (2, 2)


def test_a_sweep_without_one_good_page_fails_the_task(sink: CollectingSink, clock: SetClock) -> None:
    with pytest.raises(PartUnreachable, match="not one page could be read: page 1: HTTP 500; page 2: HTML"):
        poll_platform(MemorySource(["HTTP 500", "HTML"]), sink, clock, tick=TICK)
    assert [one.outcome for one in sink.sweeps] == [Outcome.FAILED]


def test_of_many_errors_the_first_are_shown_and_the_others_counted(sink: CollectingSink, clock: SetClock) -> None:
    sweep = poll_platform(MemorySource([[make_snapshot()], *["HTTP 500"] * 5]), sink, clock, tick=TICK)
    assert sweep.error == "page 2: HTTP 500; page 3: HTTP 500; page 4: HTTP 500; and 2 more"


def test_reading_is_left_in_time_to_publish_before_the_next_tick(sink: CollectingSink) -> None:
    clock = SetClock(TICK)

    def answer_slowly() -> datetime:
        clock.sleep(150)
        return clock.now()

    pages = [[make_snapshot("a")], [make_snapshot("b")], [make_snapshot("c")]]
    source = MemorySource(pages, now=answer_slowly)
    sweep = poll_platform(source, sink, clock, tick=TICK)
    assert source.pages_asked == 2
    assert (sweep.outcome, sweep.snapshots) == (Outcome.PARTIAL, 2)
    assert sweep.error == "left after page 2: reading took 300 s of the cadence"


def test_a_sink_that_does_not_acknowledge_fails_the_task_without_a_sweep_record(clock: SetClock) -> None:
    sink = CollectingSink(raises=PartUnreachable("Kafka"))
    with pytest.raises(PartUnreachable, match="Kafka"):
        poll_platform(MemorySource([[make_snapshot()]]), sink, clock, tick=TICK)
    assert sink.sweeps == []


def test_a_site_whose_records_are_mostly_refused_stops_the_line_after_publishing_them(
    sink: CollectingSink, clock: SetClock
) -> None:
    rejects = [make_reject("viewer_count is text")] * MIN_REJECTS_TO_STOP
    with pytest.raises(ContractChanged, match="20 of 21 records refused, the first because: viewer_count is text"):
        poll_platform(MemorySource([[make_snapshot(), *rejects]]), sink, clock, tick=TICK)
    assert len(sink.published) == 21
    assert [(one.outcome, one.rejects) for one in sink.sweeps] == [(Outcome.PARTIAL, 20)]


@pytest.mark.parametrize(
    ("refused", "taken", "share", "stops"),
    [
        (20, 20, 0.5, False),
        (21, 20, 0.5, True),
        (19, 0, 0.5, False),
        (20, 0, 0.5, True),
        (20, 0, 1.0, False),
        (20, 980, 0.02, False),
        (21, 980, 0.02, True),
        (20, 500, 0.0, True),
    ],
)
def test_the_line_stops_beyond_the_allowed_share_and_names_field_site_and_page(
    sink: CollectingSink, clock: SetClock, refused: int, taken: int, share: float, stops: bool
) -> None:
    snapshots = [make_snapshot(f"b{number}") for number in range(taken)]
    rejects = [make_reject("Expected `int`, got `str` - at `$.viewer_count`")] * refused
    source = MemorySource([[make_snapshot("b0")] if taken else [], [*snapshots, *rejects]])
    if not stops:
        sweep = poll_platform(source, sink, clock, tick=TICK, max_reject_share=share)
        assert (sweep.outcome, sweep.rejects) == (Outcome.COMPLETE, refused)
        return
    with pytest.raises(ContractChanged, match=r"^twitch: .* records refused, the first because: ") as caught:
        poll_platform(source, sink, clock, tick=TICK, max_reject_share=share)
    assert str(caught.value).endswith("`$.viewer_count` (page 2)")
    assert sink.sweeps[0].error == str(caught.value)


def test_a_few_refused_records_go_along_with_the_others_and_say_when_they_were_seen(
    sink: CollectingSink, clock: SetClock
) -> None:
    reject = make_reject()
    source = MemorySource([[reject, make_snapshot("a")]])
    sweep = poll_platform(source, sink, clock, tick=TICK)
    assert (sweep.outcome, sweep.rejects, sweep.snapshots) == (Outcome.COMPLETE, 1, 1)
    seen = Sighting(sweep_id=sweep.sweep_id, sampled_at=TICK, fetched_at=TICK, cadence_s=source.cadence_s)
    assert sink.published[-1] == replace(reject, seen=seen)


def test_the_later_pages_row_of_a_broadcast_stays(sink: CollectingSink, clock: SetClock) -> None:
    pages = [[make_snapshot("a", viewers=5), make_snapshot("b")], [make_snapshot("a", viewers=9)]]
    sweep = poll_platform(MemorySource(pages), sink, clock, tick=TICK)
    assert (sweep.snapshots, sweep.duplicates) == (2, 1)
    assert [(one.broadcast_id, one.viewers) for one in sink.published if isinstance(one, Snapshot)] == [
        ("a", 9),
        ("b", 7),
    ]


def test_snapshots_are_published_in_the_order_of_their_ids(sink: CollectingSink, clock: SetClock) -> None:
    poll_platform(MemorySource([[make_snapshot(one) for one in "cab"]]), sink, clock, tick=TICK)
    assert [one.broadcast_id for one in sink.published if isinstance(one, Snapshot)] == ["a", "b", "c"]


def test_the_sweep_record_says_what_was_asked_and_where_its_messages_end(sink: CollectingSink, clock: SetClock) -> None:
    source = MemorySource([[make_snapshot("a")], [make_snapshot("b")]])
    sweep = poll_platform(source, sink, clock, tick=TICK, draw_token=lambda: "0badcafe")
    assert sink.sweeps == [sweep]
    assert sweep.sweep_id == "twitch:2026-11-20T12:00:00Z:0badcafe"
    assert (sweep.sampled_at, sweep.started_at, sweep.finished_at) == (TICK, clock.now(), clock.now())
    assert (sweep.scope, sweep.pages, sweep.requests) == (Scope.LISTING, 2, 2)
    assert sweep.spend == {"twitch.calls": 2}
    assert sweep.end_offsets == {0: 2, 1: 0}
    assert sweep.error is None
    assert {one.sweep_id for one in sink.published if isinstance(one, Snapshot)} == {sweep.sweep_id}


def test_every_try_of_a_tick_has_a_name_of_its_own(sink: CollectingSink, clock: SetClock) -> None:
    ids = [poll_platform(MemorySource([[make_snapshot()]]), sink, clock, tick=TICK).sweep_id for _ in range(2)]
    assert ids[0] != ids[1]
    assert all(len(one.rsplit(":", 1)[1]) == 8 for one in ids)


def test_only_the_broadcasts_known_and_not_ended_are_asked_for(sink: CollectingSink, clock: SetClock) -> None:
    candidates = known("live", "over")
    candidates.ended[Platform.YOUTUBE, "over"] = TICK
    source = youtube([make_snapshot("live"), make_snapshot("over")])
    sweep = poll_platform(source, sink, clock, tick=TICK, asking=Asking(candidates))
    assert source.ids_asked == ["live"]
    assert (sweep.scope, sweep.snapshots) == (Scope.BY_ID, 1)


def test_no_more_ids_are_asked_for_than_the_source_takes(sink: CollectingSink, clock: SetClock) -> None:
    source = youtube([], id_capacity=50)
    poll_platform(source, sink, clock, tick=TICK, asking=Asking(known(*(f"v{n:02}" for n in range(60)))))
    assert source.ids_asked == [f"v{n:02}" for n in range(50)]


def test_nothing_known_is_a_complete_sweep_of_nothing(sink: CollectingSink, clock: SetClock) -> None:
    sweep = poll_platform(youtube(), sink, clock, tick=TICK, asking=Asking(known()))
    assert (sweep.outcome, sweep.pages, sweep.snapshots) == (Outcome.COMPLETE, 0, 0)


def test_ids_that_are_not_returned_are_on_record(sink: CollectingSink, clock: SetClock) -> None:
    source = youtube([make_snapshot("a")])
    sweep = poll_platform(source, sink, clock, tick=TICK, asking=Asking(known("a", "gone")))
    assert tuple(sweep.absent) == ("gone",)


def test_an_end_told_by_the_site_is_published_and_not_asked_for_again(sink: CollectingSink, clock: SetClock) -> None:
    candidates = known("a")
    ended_at = datetime(2026, 11, 20, 11, 58, tzinfo=UTC)
    source = youtube([make_snapshot("a", viewers=None, ended_at=ended_at)])
    poll_platform(source, sink, clock, tick=TICK, asking=Asking(candidates))
    assert [one.ended_at for one in sink.published if isinstance(one, Snapshot)] == [ended_at]
    assert candidates.read_candidates(Platform.YOUTUBE, due_until=TICK + timedelta(days=1)) == []


def test_an_end_is_asked_for_again_when_it_could_not_be_published(clock: SetClock) -> None:
    candidates = known("a")
    source = youtube([make_snapshot("a", ended_at=TICK)])
    with pytest.raises(PartUnreachable):
        poll_platform(
            source, CollectingSink(raises=PartUnreachable("Kafka")), clock, tick=TICK, asking=Asking(candidates)
        )
    assert [one.broadcast_id for one in candidates.read_candidates(Platform.YOUTUBE, due_until=TICK)] == ["a"]


def test_a_video_that_has_not_begun_is_neither_absent_nor_live(sink: CollectingSink, clock: SetClock) -> None:
    candidates = known("upcoming")
    sweep = poll_platform(youtube([], not_live=["upcoming"]), sink, clock, tick=TICK, asking=Asking(candidates))
    assert sweep.absent == ()
    later = SetClock(TICK + timedelta(hours=2))
    source = youtube([], not_live=["upcoming"], site_time=later.now())
    poll_platform(source, sink, later, tick=later.now(), asking=Asking(candidates))
    assert candidates.known == {}


def test_a_warehouse_that_is_down_is_a_failed_sweep_on_record(sink: CollectingSink, clock: SetClock) -> None:
    down = MemoryCandidates(raises=PartUnreachable("PostgreSQL does not answer"))
    with pytest.raises(PartUnreachable, match="PostgreSQL"):
        poll_platform(youtube(), sink, clock, tick=TICK, asking=Asking(down))
    assert [(one.outcome, one.error) for one in sink.sweeps] == [(Outcome.FAILED, "PostgreSQL does not answer")]


def test_what_stopped_the_reading_is_told_also_when_its_answers_cannot_be_noted(
    sink: CollectingSink, clock: SetClock
) -> None:
    candidates = known("a")
    source = replace(youtube([make_snapshot("a")]), raises=RateLimited("slow down"))
    asking = Asking(candidates)

    def go_down(*_: object, **__: object) -> None:
        raise PartUnreachable("PostgreSQL does not answer")

    candidates.note_answers = go_down  # type: ignore[method-assign]
    with pytest.raises(RateLimited, match="slow down") as caught:
        poll_platform(source, sink, clock, tick=TICK, asking=asking)
    assert caught.value.__notes__ == ["and the answers of this sweep could not be noted: PostgreSQL does not answer"]
    assert caught.value.__context__ is None
    with pytest.raises(PartUnreachable, match="PostgreSQL"):
        poll_platform(replace(source, raises=None), sink, clock, tick=TICK, asking=asking)


@pytest.mark.parametrize(
    ("cadence_s", "read_s", "cut_s"), [(60, 40, 45), (120, 96, 102), (300, 240, 255), (1800, 1440, 1530)]
)
def test_reading_ends_with_time_left_to_publish_before_the_task_is_ended(
    sink: CollectingSink, clock: SetClock, cadence_s: int, read_s: int, cut_s: int
) -> None:
    seen: list[Tally] = []

    class WatchedSource(MemorySource):
        def read_pages(self, *, tally: Tally, **named: Any) -> Iterator[Page]:
            seen.append(tally)
            return MemorySource.read_pages(self, tally=tally, **named)

    began = time.monotonic()
    poll_platform(WatchedSource([[make_snapshot()]], cadence_s=cadence_s), sink, clock, tick=TICK)
    assert seen[0].read_until == clock.now() + timedelta(seconds=read_s)
    assert seen[0].cut_at - began == pytest.approx(cut_s, abs=5)
    # a poll's task is ended ten seconds before the next tick
    assert cut_s < cadence_s - 10


def test_answers_of_a_sweep_cut_short_are_noted_as_far_as_they_came(sink: CollectingSink, clock: SetClock) -> None:
    candidates = known("a")
    candidates.known[Platform.YOUTUBE, "a"] = Candidate(
        broadcast_id="a", due_at=TICK, seen_at=TICK - timedelta(hours=5)
    )
    source = replace(youtube([make_snapshot("a")]), raises=RateLimited("slow down"))
    with pytest.raises(RateLimited):
        poll_platform(source, sink, clock, tick=TICK, asking=Asking(candidates))
    assert candidates.known[Platform.YOUTUBE, "a"].seen_at == TICK
