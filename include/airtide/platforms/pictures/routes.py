"""Where an address is really asked: at the site's host by TLS, or at the simulators, which stand for every host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, Protocol
from urllib.parse import urlsplit

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.platforms.access import name_connection
from airtide.platforms.bounds import Cuts, watch_connections
from airtide.platforms.http import write_instant
from airtide.platforms.pictures.connections import count_answers, guard_connections
from airtide.platforms.pictures.hosts import PICTURE_HOSTS, PictureAddress
from airtide.platforms.pictures.network import Network

HTTPS_PORT: Final = 443
SIMULATED_PATH: Final = "/pictures"
"""Below it, simulators serve each host's pictures under its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureAccess:
    """How pictures of each platform are reached; one that is in neither is not asked."""

    real: frozenset[Platform] = frozenset()
    """Platforms whose own hosts are asked."""
    simulated: Mapping[Platform, tuple[str, int]]
    """Host and port of the simulators, for platforms that are simulated."""


def read_simulators(platform: Platform, base_url: str) -> tuple[str, int]:
    """Return host and port of the simulators that a simulated site belongs to.

    Raises `MisconfiguredError` for an address that is not theirs: they speak http, on a port of their own.
    """
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or parts.scheme != "http":
        raise MisconfiguredError(
            f"connection {name_connection(platform)} says that it is simulated: its host must be the simulators' "
            "address, such as http://127.0.0.1:8090/twitch"
        )
    return host, port


class PictureLimits(Protocol):
    """How far one picture may go; the settings of pictures fulfil it."""

    @property
    def timeout_s(self) -> float:
        """Seconds within which a picture has come whole, redirections and all."""
        ...

    @property
    def max_bytes(self) -> int:
        """A larger one is left out."""
        ...

    @property
    def at_once(self) -> int:
        """Connections that are kept to each host."""
        ...


class Request(NamedTuple):
    """What is sent, and over which connections."""

    pool: HTTPConnectionPool
    target: str
    headers: dict[str, str]


class Route(Protocol):
    """The way to the picture hosts of one platform."""

    def lay(self, address: PictureAddress, at: datetime) -> Request:
        """Return what is to be sent for an address that was judged."""
        ...

    def close(self) -> None:
        """Let go of the connections."""
        ...


class RealRoute:
    """Asks the hosts of one platform themselves, at addresses of the internet."""

    def __init__(self, platform: Platform, network: Network, cuts: Cuts, limits: PictureLimits) -> None:
        kind = watch_connections(count_answers(guard_connections(network), limits.max_bytes), cuts)
        self._pools = {}
        for host in PICTURE_HOSTS[platform]:
            pool = HTTPSConnectionPool(host, HTTPS_PORT, maxsize=limits.at_once, ssl_context=network.tls)
            pool.ConnectionCls = kind
            self._pools[host] = pool

    def lay(self, address: PictureAddress, at: datetime) -> Request:
        """Return a request to the host by its name; what time it is, it knows itself."""
        return Request(self._pools[address.host], f"{address.path}{address.query}", {})

    def close(self) -> None:
        """Close the connections to all hosts."""
        for pool in self._pools.values():
            pool.close()


class SimulatedRoute:
    """Asks the simulators, and nobody else, whatever host an address names."""

    def __init__(self, simulators: tuple[str, int], cuts: Cuts, limits: PictureLimits) -> None:
        host, port = simulators
        self._pool = HTTPConnectionPool(host, port, maxsize=limits.at_once)
        self._pool.ConnectionCls = watch_connections(count_answers(HTTPConnection, limits.max_bytes), cuts)

    def lay(self, address: PictureAddress, at: datetime) -> Request:
        """Return a request that names the host in its path, and says what time it is."""
        target = f"{SIMULATED_PATH}/{address.host}{address.path}{address.query}"
        return Request(self._pool, target, {"Simulated-Now": write_instant(at.replace(microsecond=0))})

    def close(self) -> None:
        """Close the connections to the simulators."""
        self._pool.close()
