"""One call to a site: what it raises, what it costs, and what it never tells."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import requests
import responses
from tests.unit.platforms.sites import BASE, DATE, SECRET, SITE_TIME, TICK, answer, make_clock
from urllib3.exceptions import HeaderParsingError, MaxRetryError, ReadTimeoutError

from airtide.domain.clock import SetClock
from airtide.domain.errors import (
    AirtideError,
    ContractChanged,
    CredentialsRejected,
    MisconfiguredError,
    PartUnreachable,
    RateLimited,
)
from airtide.domain.models import Platform
from airtide.domain.pages import Tally
from airtide.domain.quota import Bucket, BucketLimit
from airtide.platforms.decoding import UnreadableAnswer
from airtide.platforms.http import SiteHttp, _Call
from airtide.platforms.paging import fail_page, name_page
from airtide.platforms.quota import Booking, Quota
from airtide.platforms.refusals import MAX_WAIT_S, RequestRefused

URL = f"{BASE}/list"
NUMBERS = msgspec.json.Decoder(dict[str, int])


class Calls:
    """Counts attempts and makes calls with a secret in every place where one may stand."""

    def __init__(self, **settings: object) -> None:
        self.tally = Tally()
        self.http = SiteHttp(Platform.SOOP, timeout_s=5.0, headers={"X-Key": SECRET}, **settings)  # type: ignore[arg-type]

    def get(self, url: str = URL) -> dict[str, int]:
        """Ask with a secret in the query."""
        book = Quota().book(self.tally, Bucket.SOOP_REQUESTS)
        return self.http.get(url, NUMBERS, book=book, params={"client_id": SECRET}).value

    @property
    def attempts(self) -> int:
        """How many were booked."""
        return self.tally.requests


def book_freely() -> Booking:
    """Return a booking of a bucket without a limit."""
    return Quota().book(Tally(), Bucket.SOOP_REQUESTS)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, RequestRefused),
        (400, RequestRefused),
        (401, CredentialsRejected),
        (403, CredentialsRejected),
        (404, ContractChanged),
        (408, PartUnreachable),
        (429, RateLimited),
        (500, PartUnreachable),
        (503, PartUnreachable),
    ],
)
def test_a_status_becomes_the_error_that_says_what_to_do(
    web: responses.RequestsMock, status: int, error: type[AirtideError]
) -> None:
    for _ in range(4 if status >= 500 else 1):
        answer(web, URL, {}, status=status)
    with pytest.raises(error, match=f"soop: GET https://site.test/list was answered with HTTP {status}"):
        Calls().get()


def test_a_refused_key_names_the_connection_to_mend(web: responses.RequestsMock) -> None:
    answer(web, URL, {}, status=401)
    with pytest.raises(CredentialsRejected, match="mend connection airtide_soop"):
        Calls().get()


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": "Fri, 20 Nov 2026 12:02:03 GMT"}, 120.0),
        ({"Retry-After": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"Ratelimit-Reset": str(int(SITE_TIME.timestamp()) + 42)}, 42.0),
        ({"Ratelimit-Reset": "42"}, 42.0),
        ({"Retry-After": "soon"}, None),
        ({"Ratelimit-Reset": "soon"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_a_rate_limit_carries_the_wait_that_the_site_told_by_its_own_clock(
    headers: dict[str, str], wait_s: float | None
) -> None:
    with responses.RequestsMock() as web:
        # a short Retry-After is waited for within the call: all its tries are answered alike
        answer(web, URL, {}, status=429, headers=headers)
        with pytest.raises(RateLimited) as caught:
            Calls().get()
    assert caught.value.retry_after_s == wait_s


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "9" * 5000},
        {"Retry-After": "99999999999"},
        {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"},
        {"Ratelimit-Reset": "9" * 5000},
        {"Ratelimit-Reset": "9999999999"},
    ],
    ids=["digits without end", "centuries", "a far date", "epoch without end", "a far epoch"],
)
def test_a_wait_without_reason_is_cut_to_a_day(headers: dict[str, str]) -> None:
    with responses.RequestsMock() as web:
        answer(web, URL, {}, status=429, headers=headers)
        with pytest.raises(RateLimited) as caught:
            Calls().get()
    assert caught.value.retry_after_s == MAX_WAIT_S


def test_a_wait_longer_than_the_deadline_is_not_begun(web: responses.RequestsMock) -> None:
    answer(web, URL, {}, status=429, headers={"Retry-After": "16"})
    calls = Calls()
    with pytest.raises(RateLimited):
        calls.get()
    assert calls.attempts == 1


def test_a_wait_within_the_deadline_is_waited_for(web: responses.RequestsMock) -> None:
    answer(web, URL, {}, status=429, headers={"Retry-After": "1"})
    answer(web, URL, {"n": 1})
    calls = Calls()
    assert calls.get() == {"n": 1}
    assert calls.attempts == 2


def test_server_errors_are_asked_again_and_each_try_is_booked(web: responses.RequestsMock) -> None:
    for status in (500, 502, 503):
        answer(web, URL, {}, status=status)
    answer(web, URL, {"n": 1})
    calls = Calls()
    assert calls.get() == {"n": 1}
    assert calls.attempts == 4


@pytest.mark.parametrize(
    "body",
    ["<html>Checking your browser</html>", "", '{"n": 1', 'callback({"n": 1})', b"\xff\xfe"],
    ids=["html", "nothing", "truncated", "jsonp", "no utf-8"],
)
def test_a_good_status_without_json_is_asked_again_once_and_then_unreachable(
    web: responses.RequestsMock, body: str | bytes
) -> None:
    answer(web, URL, body=body)
    answer(web, URL, body=body)
    calls = Calls()
    with pytest.raises(UnreadableAnswer, match=r"bytes that are not JSON or are cut short"):
        calls.get()
    assert calls.attempts == 2


def test_an_answer_that_is_json_the_second_time_is_taken(web: responses.RequestsMock) -> None:
    answer(web, URL, body="<html></html>")
    answer(web, URL, {"n": 1})
    assert Calls().get() == {"n": 1}


def test_json_of_another_shape_is_a_changed_contract_that_names_the_field(web: responses.RequestsMock) -> None:
    answer(web, URL, {"n": "one"})
    with pytest.raises(ContractChanged, match=r"Expected `int`, got `str` - at `\$\[...\]`"):
        Calls().get()


def test_half_a_character_in_a_title_does_not_cost_the_page(web: responses.RequestsMock) -> None:
    answer(web, URL, body='{"title": "cut \\ud83d", "n": 1}')
    http = Calls().http
    assert http.get(URL, msgspec.json.Decoder(dict[str, str | int]), book=book_freely()).value == {
        "title": "cut ?",
        "n": 1,
    }


@pytest.mark.parametrize(
    "failure",
    [
        requests.ConnectTimeout(f"{URL}?client_id={SECRET}"),
        requests.ConnectionError(MaxRetryError(None, f"{URL}?client_id={SECRET}")),  # type: ignore[arg-type]
        requests.ReadTimeout(ReadTimeoutError(None, f"{URL}?client_id={SECRET}", "slow")),  # type: ignore[arg-type]
        requests.exceptions.ChunkedEncodingError(f"{URL}?client_id={SECRET}"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_a_site_that_does_not_answer_is_unreachable(web: responses.RequestsMock, failure: Exception) -> None:
    answer(web, URL, body=failure)
    with pytest.raises(PartUnreachable, match=r"soop: GET https://site.test/list got no answer \(\w+\)") as caught:
        Calls().get()
    check_silence(caught.value)


@pytest.mark.parametrize(
    ("location", "told"),
    [
        (f"https://new.site.test/list?client_id={SECRET}", "sends on to new.site.test, see whether the host"),
        (f"/login?next={SECRET}", "sends on to another address"),
        ("https://[", "sends on to another address"),
        (f"https://x{'y' * 500}", "sends on to another address"),
        ("", "sends on to another address"),
    ],
)
def test_a_redirection_is_not_followed_and_names_the_new_host_alone(
    web: responses.RequestsMock, location: str, told: str
) -> None:
    answer(web, URL, {}, status=302, headers={"Location": location})
    with pytest.raises(RequestRefused, match=told) as caught:
        Calls().get()
    assert "connection airtide_soop" in str(caught.value)
    check_silence(caught.value)


@pytest.mark.parametrize(("status", "error"), [(400, RequestRefused), (401, CredentialsRejected), (429, RateLimited)])
@pytest.mark.parametrize("headers", [{"Content-Length": "99"}, {"Content-Encoding": "gzip"}], ids=["cut", "not packed"])
def test_a_refusal_counts_also_without_a_body_that_can_be_read(
    web: responses.RequestsMock, status: int, error: type[AirtideError], headers: dict[str, str]
) -> None:
    web.add("GET", URL, body=b"{", status=status, headers=headers, auto_calculate_content_length=False)
    with pytest.raises(error, match=f"HTTP {status}"):
        Calls().get()


def test_an_answer_that_breaks_off_is_asked_for_once_more(web: responses.RequestsMock) -> None:
    answer(web, URL, body=b"no gzip", headers={"Content-Encoding": "gzip"})
    answer(web, URL, {"n": 1})
    calls = Calls()
    assert calls.get() == {"n": 1}
    assert calls.attempts == 2


def test_only_an_encoding_that_is_unpacked_within_bounds_is_asked_for(web: responses.RequestsMock) -> None:
    answer(web, URL, {})
    Calls().get()
    assert web.calls[0].request.headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize("status", [302, 400, 401, 429, 500])
def test_every_error_names_the_page_that_was_asked_for(web: responses.RequestsMock, status: int) -> None:
    for _ in range(4 if status >= 500 else 1):
        answer(web, URL, {}, status=status)
    with pytest.raises(AirtideError, match=r"soop: GET https://site.test/list .*\(page 7\)$") as caught, name_page(7):
        Calls().get()
    check_silence(caught.value)
    assert fail_page(7, make_clock(), str(caught.value)).error == str(caught.value).removesuffix(" (page 7)")


@pytest.mark.parametrize("status", [302, 400, 401, 429, 500])
def test_no_error_tells_the_key(web: responses.RequestsMock, status: int) -> None:
    for _ in range(4 if status >= 500 else 1):
        answer(web, URL, {"message": f"no such key: {SECRET}"}, status=status)
    with pytest.raises(AirtideError) as caught:
        Calls().get()
    check_silence(caught.value)


def check_silence(error: BaseException) -> None:
    """Hold every text that may be printed of an error to tell no secret."""
    assert error.__context__ is None
    assert SECRET not in "".join(traceback.format_exception(error))
    assert SECRET not in repr(error)


@pytest.mark.parametrize(
    ("logger", "level"), [("urllib3.connectionpool", logging.WARNING), ("urllib3.util.retry", logging.DEBUG)]
)
def test_the_drivers_own_log_lines_lose_their_queries(
    caplog: pytest.LogCaptureFixture, logger: str, level: int
) -> None:
    Calls()
    with caplog.at_level(logging.DEBUG):
        logging.getLogger(logger).log(level, "Retrying (%r): %s", "reset", f"/list?client_id={SECRET}&page_no=2")
    assert [record.getMessage() for record in caplog.records] == ["Retrying ('reset'): /list?…"]


def test_headers_that_nobody_can_read_fill_no_log(caplog: pytest.LogCaptureFixture) -> None:
    SiteHttp(Platform.SOOP, timeout_s=1.0)
    log = logging.getLogger("urllib3.connectionpool")
    try:
        raise HeaderParsingError([], "canary" * 10_000)
    except HeaderParsingError as error:
        log.warning("Failed to parse headers (url=%s): %s", "https://site.test/a", error, exc_info=True)
    [record] = caplog.records
    assert len(caplog.handler.format(record)) < 700


def test_a_call_shows_neither_key_nor_token(web: responses.RequestsMock) -> None:
    shown = _Call(
        "POST",
        URL,
        {"Authorization": SECRET},
        {"client_id": SECRET},
        {"client_secret": SECRET},
        book_freely(),
        retry_until=1.0,
        ends_at=2.0,
    )
    assert SECRET not in repr(shown)
    assert URL in repr(shown)


def test_a_call_that_finds_no_place_names_site_request_and_page() -> None:
    clock = SetClock(TICK)
    book = limited(1, Tally(read_until=TICK + timedelta(seconds=59)), clock)
    book()
    with (
        pytest.raises(
            RateLimited, match=r"^soop: GET https://site.test/list: soop\.requests is .*\(page 3\)$"
        ) as caught,
        name_page(3),
    ):
        SiteHttp(Platform.SOOP, timeout_s=5.0).get(URL, NUMBERS, book=book, params={"client_id": SECRET})
    check_silence(caught.value)


@pytest.mark.parametrize(
    ("base_url", "key"),
    [("site.test", "key"), ("ftp://site.test", "key"), ("https://", "key"), (BASE, "key\nnext line"), (BASE, " key")],
)
def test_a_host_or_key_that_cannot_be_sent_is_a_misconfigured_connection(base_url: str, key: str) -> None:
    http = SiteHttp(Platform.SOOP, timeout_s=1.0, headers={"X-Key": key})
    with pytest.raises(MisconfiguredError, match="mend connection airtide_soop") as caught:
        http.get(f"{base_url}/list", NUMBERS, book=book_freely())
    assert "next line" not in str(caught.value)
    assert caught.value.__context__ is None


def test_the_sites_own_time_comes_from_its_date_header(web: responses.RequestsMock) -> None:
    answer(web, URL, {})
    assert Calls().http.get(URL, NUMBERS, book=book_freely()).site_time == SITE_TIME


@pytest.mark.parametrize("date", ["", "yesterday", "Fri, 99 Nov 2026 12:00:03 GMT"])
def test_a_date_header_that_cannot_be_read_is_no_time(web: responses.RequestsMock, date: str) -> None:
    answer(web, URL, {}, headers={"Date": date})
    assert Calls().http.get(URL, NUMBERS, book=book_freely()).site_time is None


def test_a_date_in_another_zone_becomes_utc(web: responses.RequestsMock) -> None:
    answer(web, URL, {}, headers={"Date": DATE.replace("GMT", "+0900")})
    assert Calls().http.get(URL, NUMBERS, book=book_freely()).site_time == datetime(2026, 11, 20, 3, 0, 3, tzinfo=UTC)


def test_a_simulated_sites_clock_is_moved_by_every_request(web: responses.RequestsMock) -> None:
    answer(web, URL, {}, match=(responses.matchers.header_matcher({"Simulated-Now": "2026-11-20T12:00:00Z"}),))
    assert Calls(simulated_now=lambda: TICK).get() == {}


def test_a_real_site_is_told_no_time(web: responses.RequestsMock) -> None:
    answer(web, URL, {})
    Calls().get()
    assert "Simulated-Now" not in web.calls[0].request.headers


def test_an_entry_of_netrc_does_not_replace_our_key(
    web: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests.sessions.get_netrc_auth", lambda url: ("somebody", "else"))
    answer(web, URL, {})
    Calls().http.get(URL, NUMBERS, book=book_freely(), headers={"Authorization": "Bearer ours"})
    assert web.calls[0].request.headers["Authorization"] == "Bearer ours"


def limited(per_minute: int, tally: Tally, clock: SetClock) -> Booking:
    """Return a booking of a bucket that holds so many calls a minute."""
    return Quota({Bucket.SOOP_REQUESTS: BucketLimit(per_minute, "minute")}, clock=clock).book(
        tally, Bucket.SOOP_REQUESTS
    )


def test_what_an_answer_tells_of_the_limit_is_waited_for_before_the_next_call(web: responses.RequestsMock) -> None:
    reset = str(int(SITE_TIME.timestamp()) + 20)
    for left in ("1", "0", "799"):
        answer(web, URL, {"n": 1}, headers={"ratelimit-remaining": left, "ratelimit-reset": reset})
    clock, http = SetClock(TICK), SiteHttp(Platform.SOOP, timeout_s=5.0)
    book = limited(800, Tally(), clock)
    http.get(URL, NUMBERS, book=book)
    http.get(URL, NUMBERS, book=book)
    assert clock.now() == TICK
    http.get(URL, NUMBERS, book=book)
    assert clock.now() == TICK + timedelta(seconds=20)


def test_an_answer_that_is_no_json_is_booked_again(web: responses.RequestsMock) -> None:
    answer(web, URL, body="<html>")
    answer(web, URL, {"n": 1})
    calls = Calls()
    assert calls.get() == {"n": 1}
    assert calls.attempts == 2


def test_a_retry_that_finds_no_place_is_not_made_and_tells_no_secret(web: responses.RequestsMock) -> None:
    answer(web, f"{URL}?client_id={SECRET}", body=requests.exceptions.ConnectionError("dropped"))
    tally = Tally(read_until=TICK + timedelta(seconds=59))
    book = limited(1, tally, SetClock(TICK))
    with pytest.raises(PartUnreachable):
        SiteHttp(Platform.SOOP, timeout_s=5.0).get(URL, NUMBERS, book=book, params={"client_id": SECRET})
    with pytest.raises(RateLimited, match=r"soop\.requests is spent for now: full again in 60 s") as caught:
        SiteHttp(Platform.SOOP, timeout_s=5.0).get(URL, NUMBERS, book=book, params={"client_id": SECRET})
    assert caught.value.retry_after_s == 60
    assert tally.requests == 1


def test_a_second_try_that_is_refused_ends_the_call_without_the_drivers_error(web: responses.RequestsMock) -> None:
    answer(web, URL, {}, status=503)
    tally = Tally(read_until=TICK + timedelta(seconds=59))
    with pytest.raises(RateLimited) as caught:
        SiteHttp(Platform.SOOP, timeout_s=5.0).get(
            URL, NUMBERS, book=limited(1, tally, SetClock(TICK)), params={"client_id": SECRET}
        )
    assert tally.requests == 1
    assert (caught.value.__context__, caught.value.__cause__) == (None, None)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
