"""Which way a picture is asked for: at real hosts over kept connections, or at the simulators and only there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.drawn_pictures import draw, write
from tests.hostile_host import LOOPBACK, Authority, HostileHost, LedAstray, Sender, serving

from airtide.domain.clock import SetClock
from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.domain.pictures import FetchedPicture, LastPicture, PictureRefusal, PictureRefused
from airtide.platforms.pictures import fetching
from airtide.platforms.pictures.fetching import PictureHosts
from airtide.platforms.pictures.routes import PictureAccess

pytestmark = pytest.mark.integration

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
AT = datetime(2025, 11, 21, 19, 5, 0, 250_000, tzinfo=timezone(timedelta(hours=9)))
URL = "https://i.ytimg.com/vi/x/mqdefault_live.jpg"
PATH = "/vi/x/mqdefault_live.jpg"
SIMULATED = f"/pictures/i.ytimg.com{PATH}"
PICTURE = write(draw())


@dataclass(frozen=True)
class Limits:
    timeout_s: float = 2.0
    max_bytes: int = 100_000
    at_once: int = 8


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def host(authority: Authority) -> Iterator[HostileHost]:
    with serving(authority.certify("i.ytimg.com", "images.kick.com")) as real:
        yield real


@pytest.fixture
def simulators() -> Iterator[HostileHost]:
    with serving(None) as simulated:
        yield simulated


@pytest.fixture
def real(authority: Authority, host: HostileHost) -> Iterator[PictureHosts]:
    access = PictureAccess(real=frozenset({Platform.YOUTUBE, Platform.KICK}), simulated={})
    yield from closing_pictures(access, LedAstray(host), authority)


@pytest.fixture
def simulated(authority: Authority, host: HostileHost, simulators: HostileHost) -> Iterator[PictureHosts]:
    """YouTube is simulated, Kick is real."""
    access = PictureAccess(real=frozenset({Platform.KICK}), simulated={Platform.YOUTUBE: (LOOPBACK, simulators.port)})
    yield from closing_pictures(access, LedAstray(host), authority)


def closing_pictures(access: PictureAccess, network: LedAstray, authority: Authority) -> Iterator[PictureHosts]:
    pictures = PictureHosts(access, Limits(), SetClock(NOW), network=network.make(authority.trust()))
    yield pictures
    pictures.close()


def fetch(pictures: PictureHosts, last: LastPicture | None = None, url: str = URL) -> FetchedPicture:
    return pictures.fetch(Platform.YOUTUBE, url, last, at=AT)


def refuse(pictures: PictureHosts, url: str = URL, last: LastPicture | None = None) -> PictureRefusal:
    with pytest.raises(PictureRefused) as refused:
        fetch(pictures, last, url)
    return refused.value.refusal


def answer_picture(sender: Sender) -> None:
    sender.answer("200 OK", PICTURE, ETag='W/"1"')


def answer_if_changed(sender: Sender) -> None:
    if b'\r\nIf-None-Match: W/"1"' in sender.request:
        sender.send(b'HTTP/1.1 304 Not Modified\r\nETag: W/"1"\r\n\r\n')
    else:
        answer_picture(sender)


def test_one_connection_serves_picture_after_picture_changed_or_not(real: PictureHosts, host: HostileHost) -> None:
    host.answers[PATH] = answer_if_changed
    first = fetch(real)
    last = LastPicture(captured_at=NOW, sha256="", picture_url=URL, etag=first.etag)
    answers = [fetch(real, last).body, fetch(real).body, fetch(real, last).body]
    assert (answers, first.etag) == ([None, PICTURE, None], 'W/"1"')
    assert (host.connections, len(host.requests)) == (1, 4)


def test_a_host_is_asked_for_changes_only_of_the_same_address_and_in_its_own_words(
    real: PictureHosts, host: HostileHost
) -> None:
    host.answers |= {PATH: answer_picture, "/other.jpg": answer_picture}
    told = {"captured_at": NOW, "sha256": "", "picture_url": URL}
    fetch(real, LastPicture(**told, etag='"a"', last_modified="Sat, 31 Jan 2026 11:00:00 GMT"))
    assert host.requests[-1].endswith(b'\r\nIf-None-Match: "a"\r\nIf-Modified-Since: Sat, 31 Jan 2026 11:00:00 GMT')
    fetch(real, LastPicture(**told, etag='"a"'), url="https://i.ytimg.com/other.jpg")
    fetch(real, LastPicture(**told))
    fetch(real, LastPicture(**told, etag='"\r\nX-Evil: 1', last_modified="\N{SNOWMAN}" * 3))
    for request in host.requests[1:]:
        assert b"If-" not in request
        assert b"Evil" not in request


def test_what_a_host_says_to_be_asked_with_is_kept_only_where_it_can_be_asked(
    real: PictureHosts, host: HostileHost
) -> None:
    host.answers[PATH] = lambda sender: sender.answer("200 OK", PICTURE, ETag="x" * 201, Last_Modified="\xe4\0")
    fetched = fetch(real)
    assert (fetched.etag, fetched.last_modified) == (None, None)


def test_a_host_that_says_unchanged_and_goes_on_is_hung_up_on(real: PictureHosts, host: HostileHost) -> None:
    sent: list[int] = []

    def say_more(sender: Sender) -> None:
        sender.send(b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            sender.send(b"400\r\n" + bytes(1_024) + b"\r\n")
            sent.append(1_024)

    host.answers |= {PATH: say_more, "/other.jpg": answer_picture}
    last = LastPicture(captured_at=NOW, sha256="", picture_url=URL, etag='"a"')
    assert fetch(real, last).body is None
    assert fetch(real, url="https://i.ytimg.com/other.jpg").body == PICTURE
    assert host.connections == 2
    so_far = len(sent)
    time.sleep(0.2)
    assert len(sent) == so_far


def test_an_error_costs_the_next_picture_nothing(real: PictureHosts, host: HostileHost) -> None:
    host.answers |= {PATH: answer_picture, "/gone.jpg": lambda sender: sender.answer("404 Not Found", bytes(50_000))}
    for _ in range(3):
        assert refuse(real, "https://i.ytimg.com/gone.jpg") is PictureRefusal.STATUS
        assert fetch(real).body == PICTURE


def test_a_connection_that_its_host_has_closed_is_replaced(real: PictureHosts, host: HostileHost) -> None:
    host.answers[PATH] = answer_picture
    fetch(real)
    host.hang_up()
    time.sleep(0.05)
    assert fetch(real).body == PICTURE
    assert host.connections == 2


def test_threads_share_the_hosts_and_each_has_its_own_time(real: PictureHosts, host: HostileHost) -> None:
    together = threading.Barrier(8)

    def answer_together(sender: Sender) -> None:
        together.wait(1.5)
        answer_picture(sender)

    host.answers |= {PATH: answer_together, "/slow.jpg": lambda sender: time.sleep(4)}
    with ThreadPoolExecutor(9) as pool:
        slow = pool.submit(refuse, real, "https://i.ytimg.com/slow.jpg")
        for _ in range(3):
            assert {one.body for one in pool.map(lambda _: fetch(real), range(8))} == {PICTURE}
        assert not slow.done()
        assert slow.result(4) is PictureRefusal.TOO_SLOW
    assert host.connections == 9


def test_no_proxy_password_or_cookie_is_taken_from_anywhere(
    real: PictureHosts, host: HostileHost, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / ".netrc").write_text("machine i.ytimg.com login canary password canary\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    host.answers[PATH] = lambda sender: sender.answer("200 OK", PICTURE, Set_Cookie="canary=1; Path=/")
    fetch(real)
    fetch(real)
    assert not [request for request in host.requests if b"canary" in request or b"Authorization" in request]


def test_a_simulated_picture_is_asked_of_the_simulators_at_their_time(
    simulated: PictureHosts, host: HostileHost, simulators: HostileHost
) -> None:
    simulators.answers[f"{SIMULATED}?t=1"] = answer_picture
    fetched = fetch(simulated, url=f"{URL}?t=1")
    assert (fetched.body, fetched.fetched_at) == (PICTURE, AT)
    [request] = simulators.requests
    assert b"\r\nSimulated-Now: 2025-11-21T10:05:00Z" in request
    assert f"\r\nHost: {LOOPBACK}:{simulators.port}\r\n".encode() in request
    assert host.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://i.ytimg.com/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://images.kick.com/a.webp",
        "https://i.ytimg.com/../../faults",
        "https://i.ytimg.com/%2e%2e/%2e%2e/faults",
        "https://i.ytimg.com@images.kick.com/a",
    ],
)
def test_a_simulated_site_has_the_same_hosts_as_the_real_one(
    simulated: PictureHosts, simulators: HostileHost, url: str
) -> None:
    assert refuse(simulated, url) is PictureRefusal.ADDRESS
    assert simulators.connections == 0


@pytest.mark.parametrize(
    "location",
    [
        "https://10.0.0.1/a.jpg",
        "http://{simulators}/faults",
        "//{simulators}/pictures/i.ytimg.com/a.jpg",
        "https://images.kick.com/a.webp",
    ],
)
def test_a_redirection_of_the_simulators_leads_nowhere_else(
    simulated: PictureHosts, host: HostileHost, simulators: HostileHost, location: str
) -> None:
    told = location.format(simulators=f"{LOOPBACK}:{simulators.port}")
    simulators.answers[SIMULATED] = lambda sender: sender.answer("302 Found", Location=told)
    assert refuse(simulated) is PictureRefusal.REDIRECT
    assert (host.connections, len(simulators.requests)) == (0, 1)


@pytest.mark.parametrize("location", ["https://i.ytimg.com/b.jpg", "/b.jpg", "../../b.jpg", "../../../../b.jpg"])
def test_a_redirection_of_the_simulators_is_read_as_if_it_came_from_the_host(
    simulated: PictureHosts, host: HostileHost, simulators: HostileHost, location: str
) -> None:
    simulators.answers[SIMULATED] = lambda sender: sender.answer("301 Moved", Location=location)
    simulators.answers["/pictures/i.ytimg.com/b.jpg"] = answer_picture
    assert fetch(simulated).body == PICTURE
    assert host.connections == 0


def test_a_real_site_never_asks_the_simulators_nor_tells_anybody_another_time(
    simulated: PictureHosts, host: HostileHost, simulators: HostileHost
) -> None:
    host.answers["/a.webp"] = answer_picture
    fetched = simulated.fetch(Platform.KICK, "https://images.kick.com/a.webp", None, at=AT)
    assert (fetched.body, fetched.fetched_at) == (PICTURE, NOW)
    assert b"Simulated-Now" not in host.requests[0]
    assert b"\r\nHost: images.kick.com\r\n" in host.requests[0]
    assert simulators.connections == 0


def test_where_all_sites_are_simulated_there_is_no_way_out_at_all(
    simulators: HostileHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "Network", lambda: pytest.fail("made a way out"))
    access = PictureAccess(simulated={Platform.YOUTUBE: (LOOPBACK, simulators.port)})
    pictures = PictureHosts(access, Limits(), SetClock(NOW))
    simulators.answers[SIMULATED] = answer_picture
    assert fetch(pictures).body == PICTURE
    pictures.close()


def test_simulators_that_are_down_are_told_as_such(simulated: PictureHosts, simulators: HostileHost) -> None:
    simulators.close()
    assert refuse(simulated) is PictureRefusal.UNREACHABLE


def test_a_site_without_a_connection_is_not_asked(simulated: PictureHosts) -> None:
    with pytest.raises(MisconfiguredError, match="airtide_twitch"):
        simulated.fetch(Platform.TWITCH, "https://static-cdn.jtvnw.net/a.jpg", None, at=AT)
