"""Every row of the list of hostile hosts: refused with its reason, and nothing fetched beyond its limit."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.drawn_pictures import draw, write, write_png, write_webp_canvas
from tests.hostile_host import WAY_BYTES, Answer, Authority, HostileHost, LedAstray, Sender, serving

from airtide.domain.clock import SetClock
from airtide.domain.models import Platform
from airtide.domain.pictures import LastPicture, PictureRefusal, PictureRefused
from airtide.lake.thumbnails import PillowCodec
from airtide.platforms.pictures.fetching import PictureHosts
from airtide.platforms.pictures.hosts import PICTURE_HOSTS
from airtide.platforms.pictures.routes import PictureAccess

pytestmark = pytest.mark.integration

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
URL = "https://i.ytimg.com/vi/x/mqdefault_live.jpg?token=canary-4f1c"
PATH = "/vi/x/mqdefault_live.jpg?token=canary-4f1c"
PICTURE = write(draw())
MAX_BYTES = 100_000
SLACK = 10 * WAY_BYTES
"""Bytes that are on their way."""


@dataclass(frozen=True)
class Limits:
    timeout_s: float = 2.0
    max_bytes: int = MAX_BYTES
    at_once: int = 4


@dataclass
class Rig:
    """A host, the way to it, and what asks it."""

    host: HostileHost
    network: LedAstray
    pictures: PictureHosts

    def refuse(self, url: str = URL) -> tuple[PictureRefusal, str]:
        """Ask; return why nothing came, after no more time than there is."""
        began = time.monotonic()
        with pytest.raises(PictureRefused) as refused:
            self.pictures.fetch(Platform.YOUTUBE, url, None, at=NOW)
        assert time.monotonic() - began < Limits.timeout_s + 5
        for link in (refused.value, refused.value.__cause__, refused.value.__context__):
            assert "canary" not in str(link)
        assert refused.value.__cause__ is None
        return refused.value.refusal, str(refused.value)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def make_pictures(authority: Authority, network: LedAstray) -> PictureHosts:
    access = PictureAccess(real=frozenset(PICTURE_HOSTS), simulated={})
    return PictureHosts(access, Limits(), SetClock(NOW), network=network.make(authority.trust()))


@pytest.fixture
def rig(authority: Authority) -> Iterator[Rig]:
    names = [name for names in PICTURE_HOSTS.values() for name in names]
    with serving(authority.certify(*names)) as host:
        network = LedAstray(host)
        pictures = make_pictures(authority, network)
        yield Rig(host, network, pictures)
        pictures.close()


def say(status: str, body: bytes = b"", **headers: str) -> Answer:
    return lambda sender: sender.answer(status, body, **headers)


def redirect(location: str) -> Answer:
    return say("302 Found", Location=location)


def test_a_picture_comes_as_its_host_sent_it_with_what_can_be_asked_next(rig: Rig) -> None:
    rig.host.answers[PATH] = say("200 OK", PICTURE, ETag='"a"', Last_Modified="Sat, 31 Jan 2026 11:00:00 GMT")
    fetched = rig.pictures.fetch(Platform.YOUTUBE, URL, None, at=NOW)
    assert (fetched.body, fetched.etag, fetched.fetched_at) == (PICTURE, '"a"', NOW)
    assert fetched.last_modified == "Sat, 31 Jan 2026 11:00:00 GMT"
    assert rig.network.dialled == [("93.184.216.34", 443)]
    headers = {
        line.partition(b": ")[0].decode(): line.partition(b": ")[2] for line in rig.host.requests[0].split(b"\r\n")
    }
    assert headers.pop(f"GET {PATH} HTTP/1.1") == b""
    assert headers == {
        "Host": b"i.ytimg.com",
        "User-Agent": b"airtide/0.1",
        "Accept": b"image/webp,image/jpeg,image/png",
        "Accept-Encoding": b"identity",
    }


@pytest.mark.parametrize(
    "url",
    [
        "http://i.ytimg.com/a.jpg",
        "https://i.ytimg.com:8443/a.jpg",
        "https://evil.example/a.jpg",
        "https://i.ytimg.com@evil.example/a.jpg",
        "https://user:canary@i.ytimg.com/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://[::1]/a.jpg",
        "https://static-cdn.jtvnw.net/a.jpg",
    ],
)
def test_an_address_that_is_not_the_sites_is_not_even_resolved(rig: Rig, url: str) -> None:
    assert rig.refuse(url)[0] is PictureRefusal.ADDRESS
    assert (rig.network.resolved, rig.host.connections) == ([], 0)


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["172.16.0.1"],
        ["192.168.1.1"],
        ["169.254.169.254"],
        ["100.64.0.1"],
        ["0.0.0.0"],
        ["224.0.0.1"],
        ["::1"],
        ["fe80::1%eth0"],
        ["fd00:ec2::254"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        ["93.184.216.34", "10.0.0.1"],
        ["2606:4700::1111", "fe80::1"],
    ],
    ids=", ".join,
)
def test_a_name_that_leads_to_a_private_address_is_not_asked(rig: Rig, addresses: list[str]) -> None:
    rig.network.addresses = [addresses]
    refusal, said = rig.refuse()
    assert refusal is PictureRefusal.FORBIDDEN_NETWORK
    assert said == f"i.ytimg.com leads to {addresses[-1]}, which is no public address"
    assert (rig.network.dialled, rig.host.connections) == ([], 0)


def test_a_name_that_turns_private_after_the_first_picture_is_not_asked_again(rig: Rig) -> None:
    rig.network.addresses = [["93.184.216.34"], ["127.0.0.1"]]
    rig.host.answers[PATH] = say("200 OK", PICTURE)
    assert rig.pictures.fetch(Platform.YOUTUBE, URL, None, at=NOW).body == PICTURE
    assert rig.pictures.fetch(Platform.YOUTUBE, URL, None, at=NOW).body == PICTURE
    assert rig.network.resolved == ["i.ytimg.com"]  # a kept connection asks no name again
    rig.host.hang_up()
    time.sleep(0.05)
    assert rig.refuse()[0] is PictureRefusal.FORBIDDEN_NETWORK
    assert (len(rig.network.dialled), rig.host.connections) == (1, 1)


@pytest.mark.parametrize(
    "location",
    [
        "https://10.0.0.1/a.jpg",
        "https://127.0.0.1:443/",
        "https://evil.example/a.jpg",
        "//evil.example/a.jpg",
        "http://i.ytimg.com/a.jpg",
        "https://i.ytimg.com:80/a.jpg",
        "https://static-cdn.jtvnw.net/a.jpg",
        "file:///etc/passwd",
        "https://[",
        "https://i.ytimg.com/\xe4 b",
        "",
    ],
)
def test_a_redirection_out_of_the_sites_hosts_is_not_followed(rig: Rig, location: str) -> None:
    rig.host.answers[PATH] = redirect(location)
    rig.host.answers["/a.jpg"] = say("200 OK", PICTURE)
    refusal, _ = rig.refuse()
    assert refusal is PictureRefusal.REDIRECT
    assert len(rig.host.requests) <= 3


def test_a_redirection_to_a_name_that_leads_inwards_is_not_followed(rig: Rig) -> None:
    rig.network.addresses = [["93.184.216.34"], ["10.0.0.1"]]
    rig.host.answers[PATH] = say("302 Found", Location="/b.jpg", Connection="close")
    assert rig.refuse()[0] is PictureRefusal.FORBIDDEN_NETWORK
    assert len(rig.host.requests) == 1


def test_a_loop_ends_after_two_redirections(rig: Rig) -> None:
    rig.host.answers[PATH] = redirect(URL)
    assert rig.refuse() == (
        PictureRefusal.REDIRECT,
        "https://i.ytimg.com/vi/x/mqdefault_live.jpg sends elsewhere more than 2 times",
    )
    assert len(rig.host.requests) == 3


def test_two_redirections_within_the_sites_hosts_are_followed(rig: Rig) -> None:
    rig.host.answers |= {PATH: redirect("/b.jpg"), "/b.jpg": redirect("https://i.ytimg.com/c.jpg?d=1")}
    rig.host.answers["/c.jpg?d=1"] = say("200 OK", PICTURE)
    assert rig.pictures.fetch(Platform.YOUTUBE, URL, None, at=NOW).body == PICTURE


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "206 Partial", "304 Not Modified"])
def test_an_error_is_refused_whatever_comes_with_it(rig: Rig, status: str) -> None:
    rig.host.answers[PATH] = say(status, PICTURE)
    said = f"https://i.ytimg.com/vi/x/mqdefault_live.jpg answered with {status[:3]}"
    assert rig.refuse() == (PictureRefusal.STATUS, said)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "500 Oh", "503 Service Unavailable"])
def test_a_host_that_has_had_enough_is_told_from_one_without_the_picture(rig: Rig, status: str) -> None:
    rig.host.answers[PATH] = say(status, PICTURE)
    assert rig.refuse()[0] is PictureRefusal.BUSY


def test_what_the_last_picture_is_known_by_is_told_to_its_own_address_alone(rig: Rig) -> None:
    last = LastPicture(captured_at=NOW, sha256="", picture_url=URL, etag='"a"', last_modified="Sat")
    rig.host.answers |= {PATH: redirect("/offline.jpg"), "/offline.jpg": say("304 Not Modified", b"")}
    with pytest.raises(PictureRefused) as refused:
        rig.pictures.fetch(Platform.YOUTUBE, URL, last, at=NOW)
    assert refused.value.refusal is PictureRefusal.STATUS
    assert [b"If-" in request for request in rig.host.requests] == [True, False]


@pytest.mark.parametrize("told", ["Transfer-Encoding: chunked", "Content-Length: 99999999999", "Connection: close"])
def test_whatever_is_told_of_the_body_of_an_unchanged_picture_nobody_waits_for_it(rig: Rig, told: str) -> None:
    last = LastPicture(captured_at=NOW, sha256="", picture_url=URL, etag='"a"')
    rig.host.answers[PATH] = lambda sender: sender.send(f"HTTP/1.1 304 Not Modified\r\n{told}\r\n\r\n".encode())
    began = time.monotonic()
    for _ in range(2):
        assert rig.pictures.fetch(Platform.YOUTUBE, URL, last, at=NOW).body is None
    assert time.monotonic() - began < Limits.timeout_s


def wait_for_ever(sender: Sender) -> None:
    time.sleep(9)


def drip_headers(sender: Sender) -> None:
    sender.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    sender.drip(b"z", 0.02)


def drip_body(sender: Sender) -> None:
    sender.send(b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n")
    sender.drip(PICTURE, 0.02)


def go_on_before_the_answer(sender: Sender) -> None:
    sender.drip(b"HTTP/1.1 100 Continue\r\n\r\n", 0.001)


@pytest.mark.parametrize("answer", [wait_for_ever, drip_headers, drip_body, go_on_before_the_answer])
def test_a_host_that_takes_its_time_holds_nobody_longer_than_there_is(rig: Rig, answer: Answer) -> None:
    rig.host.answers[PATH] = answer
    assert rig.refuse()[0] is PictureRefusal.TOO_SLOW
    assert rig.host.sent < 100_000


def test_redirections_share_the_time_of_one_picture(rig: Rig) -> None:
    def wait_and_send_elsewhere(sender: Sender) -> None:
        time.sleep(1)
        sender.answer("302 Found", Location=URL)

    rig.host.answers[PATH] = wait_and_send_elsewhere
    assert rig.refuse()[0] is PictureRefusal.TOO_SLOW


def send_without_end(sender: Sender) -> None:
    sender.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + PICTURE)
    while True:
        sender.send(bytes(65_536))


def send_chunks_without_end(sender: Sender) -> None:
    sender.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        sender.send(b"10000\r\n" + bytes(65_536) + b"\r\n")


def send_headers_without_end(sender: Sender) -> None:
    sender.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        sender.send(b"X-More: " + bytes(60_000).replace(b"\0", b"z") + b"\r\n")


def send_interim_answers_without_end(sender: Sender) -> None:
    while True:
        sender.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000)


def wrap_nothing_without_end(sender: Sender) -> None:
    sender.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        sender.send(b"1;" + b"z" * 50_000 + b"\r\nz\r\n")


def end_without_end(sender: Sender) -> None:
    sender.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    while True:
        sender.send(b"X-More: z\r\n" * 1_000)


def say_huge(sender: Sender) -> None:
    sender.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    while True:
        sender.send(bytes(65_536))


@pytest.mark.parametrize(
    ("answer", "most"),
    [
        (send_without_end, MAX_BYTES),
        (send_chunks_without_end, MAX_BYTES),
        (say_huge, 0),
        (send_headers_without_end, 65_536 + 2 * MAX_BYTES),
        (send_interim_answers_without_end, 65_536 + 2 * MAX_BYTES),
        (wrap_nothing_without_end, 65_536 + 2 * MAX_BYTES),
        (end_without_end, 65_536 + 2 * MAX_BYTES),
    ],
)
def test_a_host_that_sends_without_end_is_left_at_the_limit(rig: Rig, answer: Answer, most: int) -> None:
    rig.host.answers[PATH] = answer
    assert rig.refuse()[0] is PictureRefusal.TOO_LARGE
    time.sleep(0.1)
    at_first = rig.host.sent
    assert at_first < most + SLACK
    time.sleep(0.1)
    assert rig.host.sent == at_first


def test_a_size_that_is_told_is_refused_before_a_byte_of_it_is_read(rig: Rig) -> None:
    rig.host.answers[PATH] = say_huge
    said = "https://i.ytimg.com/vi/x/mqdefault_live.jpg would send 99,999,999,999 bytes, more than 100,000"
    assert rig.refuse() == (PictureRefusal.TOO_LARGE, said)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_what_comes_packed_is_not_unpacked(rig: Rig, encoding: str) -> None:
    bomb = gzip.compress(bytes(10_000_000))
    rig.host.answers[PATH] = say("200 OK", bomb, Content_Encoding=encoding)
    assert rig.refuse()[0] is PictureRefusal.NO_PICTURE


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html>",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"GIF89a" + bytes(99),
        zlib.compress(PICTURE),
    ],
    ids=["nothing", "web page", "svg", "gif", "packed"],
)
def test_what_is_no_picture_is_refused_whatever_it_is_called(rig: Rig, body: bytes) -> None:
    rig.host.answers[PATH] = say("200 OK", body, Content_Type="image/jpeg")
    said = f"https://i.ytimg.com/vi/x/mqdefault_live.jpg sent {len(body)} bytes of no picture"
    assert rig.refuse() == (PictureRefusal.NO_PICTURE, said)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (write_png(30_000, 30_000, bytes(99)), PictureRefusal.TOO_MANY_PIXELS),
        (write_webp_canvas(16_000, 16_000), PictureRefusal.TOO_MANY_PIXELS),
        (PICTURE[: len(PICTURE) // 2], PictureRefusal.NO_PICTURE),
    ],
    ids=["png bomb", "webp bomb", "half a picture"],
)
def test_what_only_decoding_shows_is_refused_there(rig: Rig, body: bytes, reason: PictureRefusal) -> None:
    rig.host.answers[PATH] = say("200 OK", body, Content_Type="text/html")
    fetched = rig.pictures.fetch(Platform.YOUTUBE, URL, None, at=NOW)
    with pytest.raises(PictureRefused) as refused:
        PillowCodec(max_pixels=4_000_000).encode(fetched.body or b"")
    assert refused.value.refusal is reason


def break_off(sender: Sender) -> None:
    sender.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + PICTURE[:300])
    sender.sock.close()


def hang_up(sender: Sender) -> None:
    sender.sock.close()


def speak_otherwise(sender: Sender) -> None:
    sender.send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n" * 3)
    sender.sock.close()


@pytest.mark.parametrize("answer", [break_off, hang_up, speak_otherwise])
def test_an_answer_that_breaks_off_is_no_picture(rig: Rig, answer: Answer) -> None:
    rig.host.answers[PATH] = answer
    assert rig.refuse()[0] is PictureRefusal.UNREACHABLE


def test_a_certificate_of_another_name_is_not_taken(authority: Authority) -> None:
    with serving(authority.certify("evil.example")) as host:
        rig = Rig(host, network := LedAstray(host), make_pictures(authority, network))
        assert rig.refuse() == (
            PictureRefusal.UNREACHABLE,
            "https://i.ytimg.com/vi/x/mqdefault_live.jpg gave no answer (SSLError)",
        )
        assert host.requests == []


def test_a_certificate_of_an_authority_that_nobody_knows_is_not_taken(authority: Authority, tmp_path: Path) -> None:
    with serving(Authority(tmp_path).certify("i.ytimg.com")) as host:
        rig = Rig(host, network := LedAstray(host), make_pictures(authority, network))
        assert rig.refuse()[0] is PictureRefusal.UNREACHABLE
        assert host.requests == []


def test_a_handshake_that_drips_ends_in_time(rig: Rig) -> None:
    # the beginning of a record of TLS that would have 16 KiB
    rig.host.greet = lambda sender: sender.drip(b"\x16\x03\x03\x40\0\2\0\x3f\xf0", 0.02)
    assert rig.refuse()[0] is PictureRefusal.TOO_SLOW
    assert 9 < rig.host.sent < 100
