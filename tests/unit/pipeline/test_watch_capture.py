"""What is told after a run that captures pictures, and that telling never changes how it ends."""

from __future__ import annotations

import pytest
from tests.fakes.observations import TICK

from airtide.domain.clock import SetClock
from airtide.domain.errors import PartUnreachable
from airtide.domain.lags import PartitionLag
from airtide.domain.models import Platform
from airtide.pipeline.capturing import CaptureOutcome
from airtide.pipeline.watch_capture import CaptureWatch, watch_capture

BOTH = [Platform.SOOP, Platform.KICK]
LAG = PartitionLag(topic="t", topic_partition=0, low_offset=0, next_offset=2, end_offset=9)


class Listeners:
    """A book and whoever counts, with what they were told."""

    def __init__(self) -> None:
        self.noted: list = []
        self.told: list = []
        self.broken: str = ""

    def watch(self) -> CaptureWatch:
        return CaptureWatch(measure=self.measure, book=self, tell=self.tell, clock=SetClock(TICK))

    def measure(self, platform):
        return [self._answer("measure", LAG)]

    def note_capture(self, figures):
        self.noted.append(self._answer("book", figures))

    def tell(self, figures):
        self.told.append(self._answer("tell", figures))

    def _answer(self, part, value):
        if self.broken == part:
            raise PartUnreachable("down")
        return value


def test_each_platform_is_told_with_its_pictures_and_its_lag():
    listeners = Listeners()
    outcome = CaptureOutcome()
    outcome.pictures[Platform.KICK] = 3
    assert watch_capture(BOTH, lambda: outcome, listeners.watch()) is outcome
    assert [(one.platform, one.pictures, one.lags, one.error) for one in listeners.noted] == [
        (Platform.SOOP, 0, [LAG], None),
        (Platform.KICK, 3, [LAG], None),
    ]
    assert listeners.told == listeners.noted


@pytest.mark.parametrize(
    ("failure", "said"),
    [(PartUnreachable("the store is down"), "the store is down"), (KeyError("secret"), "KeyError: see the task's log")],
)
def test_a_run_that_fails_is_told_and_still_fails(failure, said):
    listeners = Listeners()

    def fail():
        raise failure

    with pytest.raises(type(failure)):
        watch_capture(BOTH, fail, listeners.watch())
    assert [(one.platform, one.pictures, one.error) for one in listeners.noted] == [
        (Platform.SOOP, 0, said),
        (Platform.KICK, 0, said),
    ]


@pytest.mark.parametrize("broken", ["measure", "book", "tell"])
def test_what_cannot_be_told_only_warns(broken, caplog):
    listeners = Listeners()
    listeners.broken = broken
    assert watch_capture(BOTH, CaptureOutcome, listeners.watch()).rows == 0
    assert "down" in caplog.text
    assert len(listeners.noted) == (0 if broken == "book" else 2)
    assert all(one.lags is None for one in listeners.noted) == (broken in ("measure", "book"))
