"""Connections to names whose every address is public, each to an address that was looked at."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from airtide.domain.pictures import PictureRefusal, PictureRefused
from airtide.platforms.pictures.addresses import is_public

TRIES: Final = 3
"""Addresses of a name that are tried, one after the other, each for its share of the time."""


def resolve(host: str) -> Sequence[str]:
    """Return the addresses of a name as the system tells them; raises `OSError`."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _make_tls() -> ssl.SSLContext:
    """Return what checks certificates and names, by the same authorities as calls to the sites' APIs."""
    return ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)


@dataclass(slots=True)
class Network:
    """The internet: its names, its connections, and whom it takes a certificate from. Safe for several threads."""

    resolve: Callable[[str], Sequence[str]] = resolve
    dial: Callable[[tuple[str, int], float], socket.socket] = socket.create_connection
    """Connects to an address and a port within seconds."""
    tls: ssl.SSLContext = field(default_factory=_make_tls)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _pending: dict[str, Future[Sequence[str]]] = field(default_factory=dict, init=False)
    """Names that are being resolved."""

    def connect(self, host: str, port: int, within_s: float) -> socket.socket:
        """Resolve a name once, look at every address, and connect to one of those that were looked at.

        Raises `PictureRefused`: a name that leads to one address that is not public is not asked at all.
        """
        until = time.monotonic() + within_s
        addresses = self._look_up(host, within_s)
        for address in addresses:
            if not is_public(address):
                raise PictureRefused(
                    PictureRefusal.FORBIDDEN_NETWORK, f"{host} leads to {address[:60]}, which is no public address"
                )
        tried = addresses[:TRIES]
        for place, address in enumerate(tried):
            left_s = until - time.monotonic()
            if left_s <= 0:
                break
            try:
                return self.dial((address, port), left_s / (len(tried) - place))
            except OSError:
                continue
        if time.monotonic() >= until:
            raise PictureRefused(PictureRefusal.TOO_SLOW, f"{host} let no connection be made in time")
        raise PictureRefused(PictureRefusal.UNREACHABLE, f"{host} refused the connection")

    def _look_up(self, host: str, within_s: float) -> Sequence[str]:
        """Return the addresses of a name.

        The system's own call cannot be ended: a thread of its own waits for it, one for all that want the same name.
        """
        with self._lock:
            pending = self._pending.get(host)
            if pending is None:
                pending = self._pending[host] = Future()
                threading.Thread(target=self._resolve, args=(host, pending), daemon=True).start()
        try:
            addresses = pending.result(within_s)
        except TimeoutError:
            raise PictureRefused(PictureRefusal.TOO_SLOW, f"the name {host} was not resolved in time") from None
        except OSError:
            raise PictureRefused(PictureRefusal.UNREACHABLE, f"the name {host} is not known") from None
        if not addresses:
            raise PictureRefused(PictureRefusal.UNREACHABLE, f"the name {host} has no address")
        return addresses

    def _resolve(self, host: str, pending: Future[Sequence[str]]) -> None:
        try:
            addresses = self.resolve(host)
        except BaseException as error:  # whoever waits is told, and the next one asks anew
            self._forget(host)
            pending.set_exception(error)
        else:
            self._forget(host)
            pending.set_result(addresses)

    def _forget(self, host: str) -> None:
        with self._lock:
            del self._pending[host]
