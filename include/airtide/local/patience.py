"""Waits for a part that is down, and says so once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import TypeVar

from tenacity import (
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_delay,
    stop_when_event_set,
    wait_fixed,
)

from airtide.domain.errors import TransientError

Answer = TypeVar("Answer")
Report = Callable[[str], None]
"""Called with a sentence on what is being done."""


@dataclass
class Patience:
    """Repeats calls that failed because a part is down. Threads share one, and one sentence tells of an outage."""

    report: Report
    stop: Event = field(default_factory=Event)
    """Once set, nobody waits any longer."""
    wait_s: float = 60.0
    pause_s: float = 1.0
    """Seconds between two tries."""
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)
    _waiting: int = field(default=0, init=False, repr=False)

    def insist(self, call: Callable[[], Answer]) -> Answer:
        """Return what `call` returns, tried again for `wait_s` seconds while it raises `TransientError`.

        Raises `TransientError` with the last cause when the time is over or `stop` is set, any other error at once.
        """
        try:
            return call()
        except TransientError as error:
            if self.stop.is_set():
                raise
            with self._told(error):
                return self._try_again(call)

    def _try_again(self, call: Callable[[], Answer]) -> Answer:
        retrying = Retrying(
            retry=retry_if_exception_type(TransientError),
            stop=stop_after_delay(self.wait_s) | stop_when_event_set(self.stop),
            wait=wait_fixed(self.pause_s),
            sleep=sleep_using_event(self.stop),
            reraise=True,
        )
        try:
            self.stop.wait(self.pause_s)
            return retrying(call)
        except TransientError as error:
            raise TransientError(
                f"{error}; tried for {self.wait_s:.0f} s: mend the part (`airtide doctor` tells how) and start again"
            ) from error

    @contextmanager
    def _told(self, error: TransientError) -> Iterator[None]:
        with self._lock:
            self._waiting += 1
            is_first = self._waiting == 1
        if is_first:
            self.report(f"waiting up to {self.wait_s:.0f} s for a part that is down: {error}")
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1
