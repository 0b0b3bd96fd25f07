"""Connections that lead only where their network has looked, and that take only so many bytes of one answer."""

from __future__ import annotations

import io
import socket
from http.client import HTTPResponse
from typing import Any, TypeVar

from urllib3.connection import HTTPConnection, HTTPSConnection

from airtide.domain.pictures import PictureRefusal, PictureRefused
from airtide.platforms.pictures.network import Network

C = TypeVar("C", bound=HTTPConnection)

_HEAD_BYTES = 65_536


def guard_connections(network: Network) -> type[HTTPSConnection]:
    """Return connections to addresses that `network` has looked at; the certificate is still that of the name."""

    class Guarded(HTTPSConnection):
        """Asks no other resolver."""

        def _new_conn(self) -> socket.socket:
            opened = network.connect(self.host, self.port, self.timeout or 0)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return opened

    return Guarded


def count_answers(kind: type[C], max_bytes: int) -> type[C]:
    """Return connections of a kind that break off once an answer has more bytes than any with such a body has.

    A body is counted where it is read; this is for what is thrown away before that: headers, interim answers, and the
    wrapping of chunks, all of which may go on for ever.
    """
    most = _HEAD_BYTES + 2 * max_bytes

    class Counted(HTTPResponse):
        """Reads through a counter."""

        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
            super().__init__(sock, *args, **kwargs)
            self.fp = io.BufferedReader(_Counter(self.fp.detach(), most))

    class Counting(kind):  # type: ignore[misc, valid-type]  # a class that is handed in
        """Takes answers of so many bytes."""

        response_class = Counted

    return Counting


class _Counter(io.RawIOBase):
    """What a socket sends, up to a number of bytes."""

    def __init__(self, file: io.RawIOBase, most: int) -> None:
        self._file = file
        self._most = most
        self._left = most

    def readable(self) -> bool:
        """Say that it can be read from."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what has come; raises `PictureRefused` beyond the limit."""
        got = self._file.readinto(buffer)
        self._left -= got or 0
        if self._left < 0:
            raise PictureRefused(PictureRefusal.TOO_LARGE, f"an answer of more than {self._most:,} bytes in all")
        return got

    def close(self) -> None:
        """Let go of the socket."""
        self._file.close()
        super().close()
