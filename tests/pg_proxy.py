"""A TCP proxy before PostgreSQL that can swallow the answer to COMMIT, or the COMMIT itself."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import Enum

from airtide.warehouse.connect import PostgresAddress

_COMMIT = b"COMMIT\0"


class Fault(Enum):
    """What happens to the next commit; the connection is cut then."""

    NONE = "none"
    LOSE_COMMIT = "the commit does not reach the server"
    LOSE_ANSWER = "the commit is done, its answer does not come back"


@dataclass
class CommitProxy:
    """Where to connect to, and what to do with the next commit."""

    address: PostgresAddress
    fault: Fault = Fault.NONE
    cut: int = 0
    """How many connections were cut."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take_fault(self) -> Fault:
        """Return the fault that is set, once."""
        with self._lock:
            fault, self.fault = self.fault, Fault.NONE
            self.cut += fault is not Fault.NONE
            return fault


@contextmanager
def commit_proxy(server: PostgresAddress) -> Iterator[CommitProxy]:
    """Run a proxy before `server` until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = CommitProxy(replace(server, host="127.0.0.1", port=listener.getsockname()[1]))
        threading.Thread(target=_accept, args=(listener, server, proxy), daemon=True).start()
        yield proxy
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, server: PostgresAddress, proxy: CommitProxy) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            upstream = socket.create_connection((server.host, server.port))
            muted = threading.Event()
            threading.Thread(target=_forward, args=(client, upstream, proxy, muted), daemon=True).start()
            threading.Thread(target=_answer, args=(upstream, client, muted), daemon=True).start()


def _forward(client: socket.socket, upstream: socket.socket, proxy: CommitProxy, muted: threading.Event) -> None:
    with suppress(OSError):
        while data := client.recv(65_536):
            fault = proxy.take_fault() if _COMMIT in data else Fault.NONE
            if fault is Fault.LOSE_COMMIT:
                break
            if fault is Fault.LOSE_ANSWER:
                muted.set()
            upstream.sendall(data)
    _close(client, upstream)


def _answer(upstream: socket.socket, client: socket.socket, muted: threading.Event) -> None:
    with suppress(OSError):
        while data := upstream.recv(65_536):
            if muted.is_set():
                break
            client.sendall(data)
    _close(client, upstream)


def _close(*sockets: socket.socket) -> None:
    for each in sockets:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
