"""The proxy that faults of parts are made with: each fault does what it says, and only that."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from tests.proxies import LOOPBACK, Action, Once, TcpProxy, tcp_proxy

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def proxy() -> Iterator[TcpProxy]:
    """A proxy before a server that sends back what it gets, twice."""

    def serve(listener: socket.socket) -> None:
        try:
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=echo, args=(connection,), daemon=True).start()
        except OSError:
            return

    def echo(connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(1024):
                    seen.append(data)
                    connection.sendall(data * 2)
            except OSError:
                return

    seen: list[bytes] = []
    with socket.create_server((LOOPBACK, 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        with tcp_proxy(LOOPBACK, listener.getsockname()[1]) as made:
            made.seen = seen
            yield made
        listener.shutdown(socket.SHUT_RDWR)


def ask(proxy: TcpProxy, data: bytes = b"x", *, within_s: float = 5) -> bytes:
    """Return what comes back for `data` until the connection ends or as much came as should."""
    with socket.create_connection((LOOPBACK, proxy.port), timeout=within_s) as client:
        client.sendall(data)
        return client.recv(1024)


def is_cut(proxy: TcpProxy, data: bytes = b"x") -> bool:
    try:
        return ask(proxy, data) == b""
    except ConnectionError:
        return True


def test_refuses_until_it_is_healed(proxy):
    proxy.refuse()
    assert is_cut(proxy)
    proxy.heal()
    assert ask(proxy) == b"xx"


def test_swallows_what_it_was_told_to_and_nothing_else(proxy):
    proxy.judge = Once(b"COMMIT", Action.CUT)
    assert ask(proxy, b"BEGIN") == b"BEGINBEGIN"
    assert is_cut(proxy, b"COMMIT")
    assert ask(proxy, b"COMMIT") == b"COMMITCOMMIT"
    assert proxy.seen == [b"BEGIN", b"COMMIT"]


def test_loses_the_answer_to_what_the_server_got(proxy):
    proxy.judge = Once(b"COMMIT", Action.LOSE_ANSWER)
    assert is_cut(proxy, b"COMMIT")
    assert proxy.seen == [b"COMMIT"]
    assert proxy.cuts == 1


def test_answers_in_the_place_of_the_server(proxy):
    proxy.judge = Once(b"PUT", b"507", times=2)
    assert [ask(proxy, b"PUT") for _ in range(3)] == [b"507", b"507", b"PUTPUT"]
    assert proxy.seen == [b"PUT"]


def test_cuts_everything_once_so_many_bytes_have_passed(proxy):
    proxy.bytes_left = 5
    assert ask(proxy) == b"xx"
    assert ask(proxy) == b"xx"
    assert is_cut(proxy)
    assert is_cut(proxy)


def test_holds_what_goes_through_and_lets_it_go_on(proxy):
    proxy.is_silent = True
    with pytest.raises(TimeoutError):
        ask(proxy, within_s=0.1)
    proxy.is_silent = False
    assert ask(proxy) == b"xx"
