"""Names that are resolved once, addresses that are all looked at, and connections only to those."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from airtide.domain.pictures import PictureRefusal, PictureRefused
from airtide.platforms.pictures import network as room
from airtide.platforms.pictures.network import TRIES, Network

HOST = "i.ytimg.com"


class Internet:
    """Resolves as told, connects to what is not down, and notes what was asked."""

    def __init__(self, *addresses: str, down: Sequence[str] = ()) -> None:
        self.addresses = addresses
        self.down = down
        self.dialled: list[tuple[str, int]] = []
        self.waits: list[float] = []

    def resolve(self, host: str) -> Sequence[str]:
        return self.addresses

    def dial(self, address: tuple[str, int], within_s: float) -> socket.socket:
        self.dialled.append(address)
        self.waits.append(within_s)
        if address[0] in self.down:
            raise ConnectionRefusedError
        return socket.socket(socket.AF_UNIX)

    def connect(self, within_s: float = 1.0) -> None:
        make_network(self.resolve, self.dial).connect(HOST, 443, within_s).close()


def make_network(resolve: Callable[[str], Sequence[str]], dial: Callable[..., socket.socket]) -> Network:
    return Network(resolve=resolve, dial=dial, tls=ssl.create_default_context())


def fail(error: Exception) -> Callable[[str], Sequence[str]]:
    def resolve(host: str) -> Sequence[str]:
        raise error

    return resolve


def refuse(internet: Internet, within_s: float = 1.0) -> tuple[PictureRefusal, str]:
    with pytest.raises(PictureRefused) as refused:
        internet.connect(within_s)
    return refused.value.refusal, str(refused.value)


def test_one_address_that_is_not_public_spoils_all_of_a_name():
    internet = Internet("93.184.216.34", "1.1.1.1", "8.8.8.8", "9.9.9.9", "10.0.0.1")
    assert refuse(internet) == (
        PictureRefusal.FORBIDDEN_NETWORK,
        "i.ytimg.com leads to 10.0.0.1, which is no public address",
    )
    assert internet.dialled == []


def test_a_name_without_addresses_or_without_an_entry_is_unreachable():
    assert refuse(Internet()) == (PictureRefusal.UNREACHABLE, "the name i.ytimg.com has no address")
    network = make_network(fail(socket.gaierror(-2, "Name or service not known")), Internet().dial)
    with pytest.raises(PictureRefused, match=r"the name i\.ytimg\.com is not known") as refused:
        network.connect(HOST, 443, 1.0)
    assert (refused.value.refusal, refused.value.__cause__) == (PictureRefusal.UNREACHABLE, None)


def test_a_resolver_that_breaks_tells_whoever_waits_and_is_asked_again():
    network = make_network(fail(RuntimeError("broken")), Internet().dial)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="broken"):
            network.connect(HOST, 443, 1.0)


def test_the_next_address_is_tried_where_one_is_down_each_for_its_share_of_the_time():
    internet = Internet("1.1.1.1", "8.8.8.8", "9.9.9.9", down=["1.1.1.1"])
    internet.connect(within_s=3.0)
    assert internet.dialled == [("1.1.1.1", 443), ("8.8.8.8", 443)]
    assert internet.waits == [pytest.approx(1.0, abs=0.2), pytest.approx(1.5, abs=0.2)]


def test_not_every_address_of_a_long_list_is_tried():
    addresses = [f"1.1.1.{n}" for n in range(9)]
    internet = Internet(*addresses, down=addresses)
    assert refuse(internet) == (PictureRefusal.UNREACHABLE, "i.ytimg.com refused the connection")
    assert [address for address, _ in internet.dialled] == addresses[:TRIES]


def test_no_connection_is_begun_when_the_time_is_over():
    internet = Internet("1.1.1.1")
    assert refuse(internet, within_s=0.0)[0] is PictureRefusal.TOO_SLOW
    assert internet.dialled == []


def test_a_name_server_that_hangs_holds_one_thread_however_many_wait_and_none_of_them_long():
    release, asked = threading.Event(), []

    def hang(host: str) -> Sequence[str]:
        asked.append(host)
        release.wait(10)
        return ["1.1.1.1"]

    network = make_network(hang, lambda *how: socket.socket(socket.AF_UNIX))

    def ask() -> PictureRefusal:
        with pytest.raises(PictureRefused) as refused:
            network.connect(HOST, 443, 0.05)
        return refused.value.refusal

    with ThreadPoolExecutor(8) as pool:
        assert {future.result() for future in [pool.submit(ask) for _ in range(8)]} == {PictureRefusal.TOO_SLOW}
    assert asked == [HOST]
    release.set()
    network.connect(HOST, 443, 5.0).close()


def test_a_name_is_resolved_anew_for_each_connection():
    answers = [["1.1.1.1"], ["127.0.0.1"]]
    network = make_network(lambda host: answers.pop(0), lambda *how: socket.socket(socket.AF_UNIX))
    network.connect(HOST, 443, 1.0).close()
    with pytest.raises(PictureRefused, match=r"leads to 127\.0\.0\.1"):
        network.connect(HOST, 443, 1.0)


def test_in_service_the_system_resolves_and_certificates_are_checked(monkeypatch):
    found = [(0, 0, 0, "", ("1.1.1.1", 0)), (0, 0, 0, "", ("fe80::1%2", 0, 0, 2)), (0, 0, 0, "", ("1.1.1.1", 0))]
    monkeypatch.setattr(room.socket, "getaddrinfo", lambda *asked, **how: found)
    network = Network()
    assert network.resolve(HOST) == ["1.1.1.1", "fe80::1%2"]
    assert network.dial is socket.create_connection
    assert (network.tls.verify_mode, network.tls.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert network.tls.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert network.tls.cert_store_stats()["x509_ca"] > 50
