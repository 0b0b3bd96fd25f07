"""App tokens: one request for all, renewed once, and never the wrong one."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.platforms.sites import SECRET, TOKENS, make_clock
from tests.unit.platforms.token_server import LIFE_S, TokenServer, call_site, make_token

from airtide.domain.clock import SetClock
from airtide.domain.errors import CredentialsRejected, MisconfiguredError, PartUnreachable
from airtide.domain.models import Platform
from airtide.domain.pages import Tally
from airtide.platforms.refusals import KeyRefused, RequestRefused
from airtide.platforms.token_files import TokenFile


@pytest.fixture
def server() -> TokenServer:
    return TokenServer()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "tokens"


def refuse(status: int = 403) -> KeyRefused:
    return KeyRefused(f"twitch: POST {TOKENS}/oauth2/token was answered with HTTP {status}", status=status)


@pytest.mark.parametrize("error", [refuse(), RequestRefused("HTTP 400")], ids=["key refused", "request refused"])
def test_a_refused_key_names_the_connection_and_is_not_sent_again_for_a_minute(
    server: TokenServer, folder: Path, error: Exception
) -> None:
    clock = make_clock()
    server.refusal = error
    for _ in range(100):
        with pytest.raises(CredentialsRejected, match="client id and secret of connection airtide_twitch") as caught:
            make_token(server, folder, clock=clock).read(Tally())
        assert SECRET not in str(caught.value)
    assert len(server.asked) == 1
    clock.set(clock.now() + timedelta(seconds=61))
    server.refusal = None
    assert make_token(server, folder, clock=clock).read(Tally()) == "canary-token-2"


def test_a_mended_key_is_sent_at_once(server: TokenServer, folder: Path) -> None:
    server.refusal = refuse()
    with pytest.raises(CredentialsRejected):
        make_token(server, folder).read(Tally())
    server.refusal = None
    assert make_token(server, folder, password="mended").read(Tally()) == "canary-token-2"


def test_a_refusal_seen_by_a_clock_that_was_moved_back_is_not_believed(server: TokenServer, folder: Path) -> None:
    clock = make_clock()
    server.refusal = refuse()
    with pytest.raises(CredentialsRejected):
        make_token(server, folder, clock=clock).read(Tally())
    server.refusal = None
    earlier = SetClock(clock.now() - timedelta(days=1))
    assert make_token(server, folder, clock=earlier).read(Tally()) == "canary-token-2"


@pytest.mark.parametrize("change", [{"login": "other"}, {"password": "other"}, {"token_url": "https://other.test"}])
def test_a_changed_key_never_gets_the_token_of_the_old_one(
    server: TokenServer, folder: Path, change: dict[str, str]
) -> None:
    assert make_token(server, folder).read(Tally()) == "canary-token-1"
    assert make_token(server, folder, **change).read(Tally()) == "canary-token-2"


@pytest.mark.parametrize("shared", [True, False], ids=["in a folder", "in memory"])
def test_a_token_is_renewed_shortly_before_it_ends(server: TokenServer, folder: Path, shared: bool) -> None:
    clock = make_clock()
    begin = clock.now()
    token = make_token(server, folder if shared else None, clock=clock)
    told = []
    for age_s in (0, LIFE_S - 301, LIFE_S - 299):
        clock.set(begin + timedelta(seconds=age_s))
        told.append(token.read(Tally()))
    assert told == ["canary-token-1", "canary-token-1", "canary-token-2"]


@pytest.mark.parametrize(
    ("life", "held_s"),
    [
        ("7200", 6_899),
        (60, 53),
        (None, 3_299),
        ("soon", 3_299),
        (0, 3_299),
        (-5, 3_299),
        ("nan", 3_299),
        ("inf", 3_299),
    ],
)
def test_a_life_is_read_however_the_site_writes_it(
    server: TokenServer, folder: Path, life: float | str | None, held_s: int
) -> None:
    server.life = life
    clock = make_clock()
    begin = clock.now()
    for age_s in (0, held_s, held_s + 2):
        clock.set(begin + timedelta(seconds=age_s))
        make_token(server, folder, clock=clock).read(Tally())
    assert len(server.asked) == 2


def test_a_token_holds_for_a_process_whose_clock_is_days_behind(server: TokenServer, folder: Path) -> None:
    make_token(server, folder).read(Tally())
    past = SetClock(make_clock().now() - timedelta(days=2))
    assert make_token(server, folder, clock=past).read(Tally()) == "canary-token-1"


def test_a_token_that_is_refused_is_renewed_once_and_for_all(server: TokenServer, folder: Path) -> None:
    mine, other = make_token(server, folder), make_token(server, folder)
    assert mine.read(Tally()) == other.read(Tally()) == "canary-token-1"
    good = {"canary-token-2"}
    assert call_site(mine, good) == call_site(other, good) == "canary-token-2"
    assert len(server.asked) == 2


def test_a_token_that_is_refused_twice_ends_the_call(server: TokenServer, folder: Path) -> None:
    with pytest.raises(KeyRefused):
        call_site(make_token(server, folder), good=set())
    assert len(server.asked) == 2


def test_a_server_that_gives_the_refused_token_again_is_not_asked_for_every_call(
    server: TokenServer, folder: Path
) -> None:
    server.same = "canary-token-0"
    token = make_token(server, folder)
    with pytest.raises(KeyRefused):
        call_site(token, good=set())
    assert [call_site(token, good={"canary-token-0"}) for _ in range(3)] == ["canary-token-0"] * 3
    assert len(server.asked) == 2


def test_only_an_unknown_token_is_worth_another_one(server: TokenServer, folder: Path) -> None:
    def forbid(_token: str) -> str:
        raise refuse(403)

    with pytest.raises(KeyRefused):
        make_token(server, folder).call(Tally(), forbid)
    assert len(server.asked) == 1


def test_a_token_server_that_does_not_answer_is_asked_again_by_the_next(server: TokenServer, folder: Path) -> None:
    server.refusal = PartUnreachable("twitch: POST … got no answer")
    with pytest.raises(PartUnreachable):
        make_token(server, folder).read(Tally())
    server.refusal = None
    assert make_token(server, folder).read(Tally()) == "canary-token-2"


def test_threads_that_need_a_token_at_once_cause_one_request(server: TokenServer, folder: Path) -> None:
    server.may_answer.clear()
    told: list[str] = []
    tokens = [make_token(server, folder) for _ in range(8)]
    threads = [threading.Thread(target=lambda token=token: told.append(token.read(Tally()))) for token in tokens]
    for thread in threads:
        thread.start()
    assert server.entered.wait(30)
    server.may_answer.set()
    for thread in threads:
        thread.join(30)
    assert told == ["canary-token-1"] * 8
    assert len(server.asked) == 1


def test_a_request_is_booked_by_whoever_makes_it(server: TokenServer, folder: Path) -> None:
    first, second = Tally(), Tally()
    make_token(server, folder).read(first)
    make_token(server, folder).read(second)
    assert (first.spend, second.spend) == ({"twitch.tokens": 1}, {})


@pytest.mark.parametrize(
    ("missing", "named"), [("login", "client id"), ("password", "client secret"), ("token_url", "token_url")]
)
def test_a_connection_that_lacks_a_part_is_refused_at_once(server: TokenServer, missing: str, named: str) -> None:
    with pytest.raises(MisconfiguredError, match=f"connection airtide_twitch holds no {named}"):
        make_token(server, None, **{missing: ""})


def test_no_record_shows_its_token(server: TokenServer, folder: Path) -> None:
    make_token(server, folder).read(Tally())
    assert "canary-token" not in repr(TokenFile(Platform.TWITCH, folder).read())
