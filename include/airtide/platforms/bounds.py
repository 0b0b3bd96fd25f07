"""Calls that end at an instant whatever the site does: a drip of headers or of a handshake outlasts any time-out."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeVar

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

C = TypeVar("C", bound=HTTPConnection)

_LATER_S = 0.01
"""So that whoever then looks at the clock finds the instant passed."""


class _Cut:
    """Shuts down the sockets of one call when its instant has come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._is_due = False
        self.is_over = False

    def watch(self, used: socket.socket) -> None:
        """Shut down `used` as well, at once where the instant has passed."""
        # a second handle of the same connection: wrapping the first for TLS takes it from its owner
        handle = socket.socket(fileno=socket.dup(used.fileno()))
        with self._lock:
            self._sockets.append(handle)
            if self._is_due:
                _shut_down(handle)

    def end(self) -> None:
        """Let go of the sockets; they stay open for the next call."""
        with self._lock:
            self.is_over = True
            for handle in self._sockets:
                handle.close()
            self._sockets.clear()

    def shut(self) -> None:
        """Shut down the sockets; none after the end."""
        with self._lock:
            self._is_due = True
            for handle in self._sockets:
                _shut_down(handle)


class _Scissors:
    """Cuts every call of a process at its instant, in one thread, which is there while calls are."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: a process that is forked off has neither the thread nor the calls of its parent."""
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, _Cut]] = []
        self._numbers = count()
        self._is_running = False

    def add(self, at: float) -> _Cut:
        """Return a cut that is made at `at` (monotonic seconds) unless it has ended."""
        cut = _Cut()
        with self._changed:
            heappush(self._waiting, (at + _LATER_S, next(self._numbers), cut))
            if not self._is_running:
                threading.Thread(target=self._run, name="cuts", daemon=True).start()
                self._is_running = True
            elif self._waiting[0][2] is cut:
                self._changed.notify()
        return cut

    def _run(self) -> None:
        with self._changed:
            while self._waiting:
                at, _, cut = self._waiting[0]
                left_s = at - time.monotonic()
                if left_s > 0 and not cut.is_over:
                    # an instant may lie farther away than a wait can last, or never come
                    self._changed.wait(min(left_s, threading.TIMEOUT_MAX))
                    continue
                heappop(self._waiting)
                cut.shut()
            self._is_running = False


_SCISSORS = _Scissors()
os.register_at_fork(after_in_child=_SCISSORS.forget)


class Cuts(threading.local):
    """Ends what a thread sends or receives at the instant that this thread has set."""

    _cut: _Cut | None = None

    @contextmanager
    def cut_at(self, at: float) -> Iterator[None]:
        """Within the block, end whatever this thread still sends or receives at `at` (monotonic seconds)."""
        self._cut = _SCISSORS.add(at)
        try:
            yield
        finally:
            self._cut.end()
            self._cut = None

    def watch(self, used: socket.socket | None) -> None:
        """Take a socket for one that this thread's present call uses."""
        if self._cut is not None and used is not None:
            self._cut.watch(used)


def watch_connections(kind: type[C], cuts: Cuts) -> type[C]:
    """Return connections of a kind, whose sockets are watched from their opening on, and in each further call."""

    class Watched(kind):  # type: ignore[misc, valid-type]  # a class that is handed in
        """Tells of its socket."""

        def _new_conn(self) -> socket.socket:
            opened: socket.socket = super()._new_conn()
            cuts.watch(opened)
            return opened

        def putrequest(self, *args: Any, **kwargs: Any) -> None:
            cuts.watch(self.sock)
            super().putrequest(*args, **kwargs)

    return Watched


class BoundedAdapter(HTTPAdapter):
    """The driver's connections, cut at the end of the call that uses them. One thread uses it at a time."""

    def __init__(self) -> None:
        self._cuts = Cuts()
        super().__init__()

    def cut_at(self, at: float) -> AbstractContextManager[None]:
        """Within the block, end whatever is still sent or received at `at` (monotonic seconds)."""
        return self._cuts.cut_at(at)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Let the pools open connections whose sockets are watched."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _make_pools(self._cuts)


def _make_pools(cuts: Cuts) -> dict[str, type[HTTPConnectionPool]]:
    class PlainPool(HTTPConnectionPool):
        """Opens watched connections."""

        ConnectionCls = watch_connections(HTTPConnection, cuts)

    class SecurePool(HTTPSConnectionPool):
        """Opens watched connections."""

        ConnectionCls = watch_connections(HTTPSConnection, cuts)

    return {"http": PlainPool, "https": SecurePool}


def _shut_down(handle: socket.socket) -> None:
    try:
        handle.shutdown(socket.SHUT_RDWR)
    except OSError:
        # the site was faster
        return
