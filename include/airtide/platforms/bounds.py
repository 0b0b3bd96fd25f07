"""Calls that end at an instant whatever the site does: a drip of headers or of a handshake outlasts any time-out."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

C = TypeVar("C", bound=HTTPConnection)

_LATER_S = 0.01
"""So that whoever then looks at the clock finds the instant passed."""


class _Cut:
    """Shuts down the sockets of one call at an instant (monotonic seconds)."""

    def __init__(self, at: float) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._is_due = False
        self._timer = threading.Timer(max(at - time.monotonic(), 0) + _LATER_S, self._shut)
        self._timer.daemon = True
        self._timer.start()

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
        self._timer.cancel()
        with self._lock:
            for handle in self._sockets:
                handle.close()
            self._sockets.clear()

    def _shut(self) -> None:
        with self._lock:
            self._is_due = True
            for handle in self._sockets:
                _shut_down(handle)


class Cuts(threading.local):
    """Ends what a thread sends or receives at the instant that this thread has set."""

    _cut: _Cut | None = None

    @contextmanager
    def cut_at(self, at: float) -> Iterator[None]:
        """Within the block, end whatever this thread still sends or receives at `at` (monotonic seconds)."""
        self._cut = _Cut(at)
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
