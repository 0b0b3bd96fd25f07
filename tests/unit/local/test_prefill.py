from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from threading import Event

import pytest

from airtide.domain.errors import MisconfiguredError, PartUnreachable, TransientError
from airtide.domain.models import Platform
from airtide.local import prefill
from airtide.local.patience import Patience
from airtide.local.prefill import Prefill, Span, choose_span, fill_past, plan_ticks

CADENCE = timedelta(minutes=5)
CADENCE_S = 300
TODAY = datetime(2026, 1, 31, tzinfo=UTC)
NOW = TODAY + timedelta(hours=1, minutes=7, seconds=30)
SPAN = Span(first_at=TODAY - timedelta(hours=1), last_at=NOW)
BEFORE_MIDNIGHT = [TODAY + n * CADENCE for n in range(-12, 0)]
SINCE_MIDNIGHT = [TODAY + n * CADENCE for n in range(14)]


@pytest.mark.parametrize("now", [NOW, NOW.astimezone(timezone(timedelta(hours=9)))])
def test_the_span_is_two_days_of_utc_and_today_so_far(now):
    assert choose_span(now) == Span(first_at=TODAY - timedelta(days=2), last_at=NOW)


def test_at_midnight_today_is_one_tick_long():
    span = choose_span(TODAY)
    ticks = plan_ticks(span, CADENCE_S, [])
    assert (ticks[0], ticks[-1], len(ticks)) == (TODAY - timedelta(days=2), TODAY, 2 * 288 + 1)


def test_a_second_before_midnight_the_days_are_still_those_before():
    assert choose_span(TODAY - timedelta(seconds=1)).first_at == TODAY - timedelta(days=3)


def test_nothing_known_means_every_tick_that_has_come():
    assert plan_ticks(SPAN, CADENCE_S, []) == [*BEFORE_MIDNIGHT, *SINCE_MIDNIGHT]


def test_a_fill_goes_on_after_the_last_whole_tick():
    known = [*BEFORE_MIDNIGHT, *SINCE_MIDNIGHT[:5]]
    assert plan_ticks(SPAN, CADENCE_S, known) == SINCE_MIDNIGHT[5:]


def test_when_every_tick_is_whole_nothing_is_left():
    assert plan_ticks(SPAN, CADENCE_S, [*BEFORE_MIDNIGHT, *SINCE_MIDNIGHT]) == []


def test_holes_of_past_days_are_filled_and_todays_stay():
    known = [*BEFORE_MIDNIGHT[:3], *BEFORE_MIDNIGHT[5:], *SINCE_MIDNIGHT[:2], *SINCE_MIDNIGHT[6:10]]
    assert plan_ticks(SPAN, CADENCE_S, known) == [*BEFORE_MIDNIGHT[3:5], *SINCE_MIDNIGHT[10:]]


def test_what_was_live_before_the_first_fill_leaves_the_past_to_be_filled():
    assert plan_ticks(SPAN, CADENCE_S, SINCE_MIDNIGHT[6:8]) == [*BEFORE_MIDNIGHT, *SINCE_MIDNIGHT[8:]]


def test_the_last_tick_of_a_past_day_is_filled_and_the_first_of_today_stays_a_hole():
    known = [*BEFORE_MIDNIGHT[:-1], *SINCE_MIDNIGHT[1:]]
    assert plan_ticks(SPAN, CADENCE_S, known) == [BEFORE_MIDNIGHT[-1]]


def test_a_span_that_begins_between_two_ticks_begins_with_the_second():
    span = Span(first_at=TODAY + timedelta(seconds=1), last_at=TODAY + 2 * CADENCE)
    assert plan_ticks(span, CADENCE_S, []) == [TODAY + CADENCE, TODAY + 2 * CADENCE]


class DownFor:
    """A call that fails a number of times and answers then."""

    def __init__(self, times: int, error: Exception) -> None:
        self._left = times
        self._error = error
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self._left:
            self._left -= 1
            raise self._error
        return "answer"


DOWN = PartUnreachable("the store does not answer")


def test_a_part_that_comes_back_is_waited_for_and_told_of_once():
    told: list[str] = []
    patience = Patience(told.append, pause_s=0)
    assert patience.insist(DownFor(3, DOWN)) == "answer"
    assert told == ["waiting up to 60 s for a part that is down: the store does not answer"]


def test_each_outage_is_told_of():
    told: list[str] = []
    patience = Patience(told.append, pause_s=0)
    patience.insist(DownFor(1, DOWN))
    patience.insist(DownFor(1, DOWN))
    assert len(told) == 2


def test_a_part_that_stays_down_ends_the_wait_with_its_last_cause():
    patience = Patience(lambda _sentence: None, wait_s=0, pause_s=0)
    with pytest.raises(TransientError, match="the store does not answer; tried for 0 s: mend the part"):
        patience.insist(DownFor(1000, DOWN))


def test_what_waiting_cannot_mend_is_raised_at_once():
    call = DownFor(1, MisconfiguredError("no bucket"))
    with pytest.raises(MisconfiguredError, match="no bucket"):
        Patience(lambda _sentence: None).insist(call)
    assert call.calls == 1


def test_nobody_waits_once_the_others_have_failed():
    patience = Patience(lambda _sentence: None)
    patience.stop.set()
    call = DownFor(1, DOWN)
    with pytest.raises(PartUnreachable):
        patience.insist(call)
    assert call.calls == 1


def test_the_first_failure_ends_the_other_platforms_and_is_what_is_raised(monkeypatch):
    stopped = Event()

    class Filler:
        """One platform fails at once; the others go on until they are told to stop."""

        def __init__(self, platform, _connections, _settings, _span, _progress, patience):
            self._platform = platform
            self._patience = patience

        def fill(self):
            if self._platform is Platform.SOOP:
                raise MisconfiguredError("soop refused its key")
            if self._patience.stop.wait(timeout=30):
                stopped.set()
            return Prefill(ticks=0, samples=0)

    monkeypatch.setattr(prefill, "_Filler", Filler)
    with pytest.raises(MisconfiguredError, match="soop refused its key"):
        fill_past(None, None, [Platform.TWITCH, Platform.SOOP], SPAN, lambda *_done: None)
    assert stopped.is_set()
