"""Answers on a real socket that drip, never end, or break off: each call ends in bounded time and memory."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf

import msgspec
import pytest
from tests.unit.platforms.sites import Limits, make_access, make_clock

from airtide.domain.errors import MisconfiguredError, PartUnreachable
from airtide.domain.models import Platform
from airtide.domain.pages import Tally
from airtide.domain.quota import Bucket
from airtide.platforms import bodies
from airtide.platforms.http import TIMEOUTS_PER_CALL, SiteHttp
from airtide.platforms.quota import Booking, Quota
from airtide.platforms.refusals import RequestRefused
from airtide.platforms.youtube.watch import YouTubeWatchList

pytestmark = pytest.mark.integration

TIMEOUT_S = 0.3
MARGIN_S = 5.0
"""For a machine that has other work."""
GOOD = b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"n": 1}'
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ANYTHING = msgspec.json.Decoder(dict[str, int])

Script = Callable[[socket.socket], None]


@contextmanager
def serving(*scripts: Script) -> Iterator[str]:
    """Serve the scripts, one a connection, the last of them for all further ones; give the address."""
    waiting = list(scripts)

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            script = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            with connection:
                connection.recv(65536)
                try:
                    script(connection)
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/list"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def send(*parts: bytes) -> Script:
    return lambda connection: connection.sendall(b"".join(parts))


def drip(head: bytes, piece: bytes) -> Script:
    """Send the head at once, and then the piece again and again, long before any read times out."""

    def script(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)
            time.sleep(0.02)

    return script


def stay_silent(connection: socket.socket) -> None:
    """Send nothing until the caller goes."""
    connection.recv(1)


def pour(head: bytes, piece: bytes) -> Script:
    """Send the head and then as much as is taken."""

    def script(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return script


def reset_after(sent: bytes) -> Script:
    """Send something and then reset the connection."""

    def script(connection: socket.socket) -> None:
        connection.sendall(sent)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return script


def book_until(cut_at: float = inf) -> Booking:
    return Quota().book(Tally(cut_at=cut_at), Bucket.SOOP_REQUESTS)


def ask(url: str, *, timeout_s: float = TIMEOUT_S, cut_at: float = inf) -> dict[str, int]:
    http = SiteHttp(Platform.SOOP, timeout_s=timeout_s)
    return http.get(url, ANYTHING, book=book_until(cut_at), params={"client_id": "canary"}).value


@pytest.mark.parametrize(
    "script",
    [
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b" "),
        drip(CHUNKED, b"1\r\n \r\n"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10], b"\x00\x00\x00\xff\xff"),
    ],
    ids=["told length", "chunks", "packed nothing"],
)
def test_a_body_that_drips_does_not_hang_a_sweep(script: Script) -> None:
    began = time.monotonic()
    with serving(script) as url, pytest.raises(PartUnreachable, match="answered too slowly") as caught:
        ask(url)
    assert time.monotonic() - began < TIMEOUTS_PER_CALL * TIMEOUT_S + MARGIN_S
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "script",
    [
        drip(b"HTTP/1.1 200 OK\r\nX-Drip: ", b"."),
        drip(b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n"),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(b"", b"H"),
        drip(CHUNKED, b"0"),
    ],
    ids=["one header", "many headers", "interim answers", "status line", "size of a chunk"],
)
def test_headers_that_drip_do_not_hang_a_sweep(script: Script) -> None:
    began = time.monotonic()
    with serving(script) as url, pytest.raises(PartUnreachable) as caught:
        ask(url)
    assert time.monotonic() - began < TIMEOUTS_PER_CALL * TIMEOUT_S + MARGIN_S
    assert "canary" not in str(caught.value)


def test_a_tls_handshake_that_drips_does_not_hang_a_sweep() -> None:
    began = time.monotonic()
    # one byte after the other of a record that never becomes whole
    with serving(drip(b"\x16\x03\x03\x3f\xff", b"\x00")) as url, pytest.raises(PartUnreachable):
        ask(url.replace("http://", "https://"))
    assert time.monotonic() - began < TIMEOUTS_PER_CALL * TIMEOUT_S + MARGIN_S


@pytest.mark.parametrize(
    "script",
    [drip(b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n"), drip(CHUNKED, b"1\r\n \r\n"), stay_silent],
    ids=["headers", "body", "nothing"],
)
def test_a_call_ends_with_its_sweep_however_long_its_time_out(script: Script) -> None:
    began = time.monotonic()
    with serving(script) as url, pytest.raises(PartUnreachable):
        ask(url, timeout_s=500.0, cut_at=time.monotonic() + 0.5)
    assert time.monotonic() - began < 0.5 + MARGIN_S


def test_no_call_is_made_when_its_sweep_is_over() -> None:
    over = time.monotonic() - 1
    with pytest.raises(PartUnreachable, match=r"soop: GET http://127\.0\.0\.1:9/list: no time is left in the sweep"):
        ask("http://127.0.0.1:9/list", cut_at=over)


def test_a_feed_whose_headers_drip_is_left_for_its_playlist() -> None:
    limits = Limits(watch_list=("UC" + "a" * 22,), timeout_s=TIMEOUT_S)
    began = time.monotonic()
    with serving(drip(b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n")) as url:
        watch = YouTubeWatchList(make_access(feed_url=url), limits, make_clock(), Quota())
        with pytest.raises(PartUnreachable):
            watch._read_feed(limits.watch_list[0], Tally())
    assert time.monotonic() - began < 2 * TIMEOUT_S + MARGIN_S


def test_a_feed_ends_with_its_round_however_long_its_time_out() -> None:
    limits = Limits(watch_list=("UC" + "a" * 22,), timeout_s=500.0)
    began = time.monotonic()
    with serving(drip(b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n")) as url:
        watch = YouTubeWatchList(make_access(feed_url=url), limits, make_clock(), Quota())
        with pytest.raises(PartUnreachable):
            watch._read_feed(limits.watch_list[0], Tally(cut_at=began + 0.5))
    assert time.monotonic() - began < 0.5 + MARGIN_S


def test_a_body_without_end_is_left_at_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_BODY_BYTES", 1 << 20)
    endless = pour(CHUNKED, b"10000\r\n" + b" " * 65536 + b"\r\n")
    with serving(endless) as url, pytest.raises(PartUnreachable, match="answered with more than 1 MiB"):
        ask(url)


@pytest.mark.parametrize(
    "broken",
    [reset_after(GOOD[:-3]), send(GOOD[:-3]), send(CHUNKED, b"8\r\n{")],
    ids=["reset", "closed", "closed within a chunk"],
)
def test_an_answer_that_breaks_off_is_asked_for_once_more(broken: Script) -> None:
    with serving(broken, send(GOOD)) as url:
        assert ask(url) == {"n": 1}
    with serving(broken) as url, pytest.raises(PartUnreachable, match="broke off after"):
        ask(url)


def test_a_redirection_with_an_endless_body_is_refused_by_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_BODY_BYTES", 1 << 20)
    head = b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.test/x?key=canary\r\n\r\n"
    with serving(pour(head, b" " * 65536)) as url, pytest.raises(RequestRefused, match=r"sends on to elsewhere\.test"):
        ask(url)


def test_a_packed_answer_is_unpacked() -> None:
    packed = gzip.compress(b'{"n": 1}')
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with serving(send(head, packed)) as url:
        assert ask(url) == {"n": 1}


def test_a_connection_is_kept_for_the_next_call() -> None:
    opened = []

    def answer_twice(connection: socket.socket) -> None:
        opened.append(1)
        connection.sendall(GOOD)
        connection.recv(65536)
        connection.sendall(GOOD)

    with serving(answer_twice) as url:
        http = SiteHttp(Platform.SOOP, timeout_s=TIMEOUT_S)
        assert [http.get(url, ANYTHING, book=book_until()).value for _ in range(2)] == [{"n": 1}, {"n": 1}]
    assert len(opened) == 1


def test_a_key_that_no_header_can_carry_is_a_misconfigured_connection() -> None:
    http = SiteHttp(Platform.CHZZK, timeout_s=TIMEOUT_S, headers={"Client-Secret": "비밀-canary"})
    with (
        serving(send(GOOD)) as url,
        pytest.raises(MisconfiguredError, match="connection airtide_chzzk: its key") as caught,
    ):
        http.get(url, ANYTHING, book=book_until())
    assert (caught.value.__context__, caught.value.__cause__) == (None, None)
    assert "비밀" not in "".join(traceback.format_exception(caught.value))
