"""A TCP proxy before a part that loses, cuts, holds up or answers what goes through it."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum

LOOPBACK = "127.0.0.1"


class Action(Enum):
    """What becomes of something that a client sends."""

    FORWARD = "it goes on to the server"
    CUT = "it does not reach the server, the connection is cut"
    LOSE_ANSWER = "it reaches the server, the answer does not come back, the connection is cut"


Judge = Callable[[bytes], Action | bytes]
"""Told what a client sends, as it comes in; bytes are sent back in the server's place, and the connection ends."""


def forward(_data: bytes) -> Action:
    """Let everything through."""
    return Action.FORWARD


class TcpProxy:
    """Stands before one server. Every connection follows what is set here, from now on and at once."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self.judge: Judge = forward
        self.is_refusing = False
        """New connections are reset."""
        self.is_silent = False
        """Connections stay open, and nothing goes through them in either direction."""
        self.bytes_left: int | None = None
        """What of the server's answers still comes through before everything is cut and refused."""
        self.cuts = 0
        """How many connections were ended by a fault."""
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def refuse(self) -> None:
        """Reset every connection, open ones and new ones."""
        self.is_refusing = True
        self._reset_all()

    def heal(self) -> None:
        """Let everything through again; connections that met a fault are gone."""
        self.judge, self.is_refusing, self.is_silent, self.bytes_left = forward, False, False, None
        self._reset_all()

    def close(self) -> None:
        """End the proxy and its connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._reset_all()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.is_refusing:
                    self._reset(client)
                else:
                    self._join(client)

    def _join(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._server)
        except OSError:
            self._reset(client)
            return
        with self._lock:
            self._open |= {client, server}
        muted = threading.Event()
        threading.Thread(target=self._send, args=(client, server, muted), daemon=True).start()
        threading.Thread(target=self._answer, args=(server, client, muted), daemon=True).start()

    def _send(self, client: socket.socket, server: socket.socket, muted: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(65_536):
                self._hold()
                action = self.judge(data)
                if isinstance(action, bytes):
                    client.sendall(action)
                if action is Action.LOSE_ANSWER:
                    muted.set()
                if isinstance(action, bytes) or action is Action.CUT:
                    self.cuts += 1
                    break
                server.sendall(data)
        self._end(client, server)

    def _answer(self, server: socket.socket, client: socket.socket, muted: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65_536):
                self._hold()
                if muted.is_set() or self._is_used_up(len(data)):
                    self.cuts += 1
                    break
                client.sendall(data)
        self._end(client, server)

    def _hold(self) -> None:
        while self.is_silent:
            time.sleep(0.02)

    def _is_used_up(self, coming: int) -> bool:
        with self._lock:
            if self.bytes_left is None:
                return False
            self.bytes_left -= coming
            self.is_refusing = self.is_refusing or self.bytes_left < 0
            return self.bytes_left < 0

    def _reset_all(self) -> None:
        with self._lock:
            connections, self._open = self._open, set()
        for each in connections:
            self._reset(each)

    def _end(self, *connections: socket.socket) -> None:
        with self._lock:
            self._open -= set(connections)
        for each in connections:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _reset(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()


@contextmanager
def tcp_proxy(host: str, port: int) -> Iterator[TcpProxy]:
    """Run a proxy before a server until the block ends."""
    proxy = TcpProxy(host, port)
    try:
        yield proxy
    finally:
        proxy.heal()
        proxy.close()


class Once:
    """Judges the first thing that holds `sign` by `action`, and lets everything else through."""

    def __init__(self, sign: bytes, action: Action | bytes, *, times: int = 1) -> None:
        self._sign = sign
        self._action = action
        self._left = times
        self._lock = threading.Lock()

    def __call__(self, data: bytes) -> Action | bytes:
        """Judge what a client sends."""
        with self._lock:
            if self._left == 0 or self._sign not in data:
                return Action.FORWARD
            self._left -= 1
            return self._action
