"""Calls to one site: bounded in time, retried, decoded, and without a secret in any error or log line."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Generic, TypeVar

import msgspec
import requests

from airtide.domain.errors import AirtideError, MisconfiguredError, PartUnreachable
from airtide.domain.models import Platform
from airtide.platforms.access import name_connection
from airtide.platforms.bodies import read_body
from airtide.platforms.bounds import BoundedAdapter
from airtide.platforms.decoding import UnreadableAnswer, decode_answer
from airtide.platforms.quota import Booking
from airtide.platforms.refusals import Refusal, RefusalReader, name_refusal, read_http_date
from airtide.platforms.retries import CallRetry, strip_driver_logs, strip_queries
from airtide.platforms.session import SiteSession

TIMEOUTS_PER_CALL = 4
"""A call with all its retries and waits is over by then; its last try begins one time-out before."""

T = TypeVar("T")

Params = Mapping[str, str | Sequence[str]]
"""A query; a sequence repeats its parameter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """A decoded answer and the site's own time, UTC (None when its Date header cannot be read)."""

    value: T
    site_time: datetime | None


@dataclass(frozen=True, slots=True)
class _Call:
    """One request to be sent, once or again until `retry_until`, and cut at `ends_at` (monotonic seconds).

    Headers, query and form hold the key.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    params: Params | None = field(repr=False)
    form: Mapping[str, str] | None = field(repr=False)
    book: Booking
    retry_until: float
    ends_at: float

    @property
    def name(self) -> str:
        """Method and address, without a query."""
        return _name_call(self.method, self.url)


class SiteHttp:
    """The connection to one site. One thread uses it at a time.

    A call with all its retries and waits ends within `TIMEOUTS_PER_CALL` times `timeout_s`, or sooner where its sweep
    has to end, however steadily headers or body drip. A redirection is not followed.
    Errors carry the method and the address without its query, never a header, a body or the driver's own text.
    """

    def __init__(
        self,
        platform: Platform,
        *,
        timeout_s: float,
        headers: Mapping[str, str] | None = None,
        simulated_now: Callable[[], datetime] | None = None,
        read_refusal: RefusalReader | None = None,
    ) -> None:
        strip_driver_logs()
        self._platform = platform
        self._timeout_s = timeout_s
        self._simulated_now = simulated_now
        self._read_refusal = read_refusal
        self._adapter = BoundedAdapter()
        self._session = SiteSession(self._adapter, headers or {})

    @property
    def longest_call_s(self) -> float:
        """Seconds after which any call is over."""
        return TIMEOUTS_PER_CALL * self._timeout_s

    def get(
        self,
        url: str,
        decoder: msgspec.json.Decoder[T],
        *,
        book: Booking,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer[T]:
        """Ask for `url` and decode the answer; `book` is called before every attempt, and told of its answer.

        Raises `CredentialsRejected`, `RateLimited`, `QuotaSpent`, `PartUnreachable`, `ContractChanged`. An answer that
        is not JSON, or breaks off, is asked for once more.
        """
        call = self._start_call("GET", url, book=book, headers=headers, params=params)
        try:
            return self._ask(call, decoder)
        except UnreadableAnswer:
            if time.monotonic() >= call.retry_until:
                raise
        self._book(call.book, call.name)
        return self._ask(call, decoder)

    def post_form(
        self, url: str, decoder: msgspec.json.Decoder[T], *, book: Booking, form: Mapping[str, str]
    ) -> Answer[T]:
        """Send `form` in the body to `url` and decode the answer; raises like `get`."""
        return self._ask(self._start_call("POST", url, book=book, form=form), decoder)

    def _start_call(
        self,
        method: str,
        url: str,
        *,
        book: Booking,
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
        form: Mapping[str, str] | None = None,
    ) -> _Call:
        # booking may wait for a limit, which takes nothing from the time for the call itself
        self._book(book, _name_call(method, url))
        clock = {} if self._simulated_now is None else {"Simulated-Now": write_instant(self._simulated_now())}
        now = time.monotonic()
        ends_at = now + min(self.longest_call_s, book.find_time_left())
        retry_until = min(now + self.longest_call_s - self._timeout_s, ends_at)
        return _Call(method, url, {**(headers or {}), **clock}, params, form, book, retry_until, ends_at)

    def _book(self, book: Booking, call_name: str) -> None:
        try:
            book()
        except AirtideError as error:
            error.request = f"{self._platform}: {call_name}"
            raise

    def _ask(self, call: _Call, decoder: msgspec.json.Decoder[T]) -> Answer[T]:
        with self._adapter.cut_at(call.ends_at):
            return self._exchange(call, decoder)

    def _exchange(self, call: _Call, decoder: msgspec.json.Decoder[T]) -> Answer[T]:
        response = self._send(call)
        asked = f"{self._platform}: {call.name}"
        site_time = read_http_date(response.headers.get("Date"))
        received_at = site_time or datetime.now(UTC)
        call.book.note_answer(response.headers, received_at)
        try:
            body = read_body(asked, response.raw, call.ends_at)
        except PartUnreachable:
            response.close()
            if response.status_code == 200:
                raise
            # what a refusal means its status says: no body is needed for that
            body = b""
        if response.status_code != 200:
            raise call.book.note_error(self._name_error(call, response, body, received_at), received_at)
        return Answer(value=decode_answer(asked, body, decoder), site_time=site_time)

    def _send(self, call: _Call) -> requests.Response:
        failure: AirtideError
        self._adapter.max_retries = CallRetry.until(call.retry_until, partial(self._book, call.book, call.name))
        try:
            return self._session.request(
                call.method,
                call.url,
                params=call.params,
                data=call.form,
                headers=call.headers,
                timeout=self._timeout_s,
                allow_redirects=False,
                stream=True,
            )
        except (requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL):
            failure = self._misconfigured(call, "its host must be an address that begins with https://")
        except requests.exceptions.InvalidHeader:
            failure = self._misconfigured(call, "its key holds blanks or line breaks")
        except UnicodeError:
            failure = self._misconfigured(call, "its key holds characters that no header can carry")
        except requests.RequestException as error:
            failure = PartUnreachable(f"{self._platform}: {call.name} got no answer ({_name_cause(error)})")
        except AirtideError as refusal:
            # there was an answer or none, but nothing is left for another try
            failure = _forget_context(refusal)
        # raised here and not above: the driver's error, which holds the whole address, must not travel along
        raise failure

    def _misconfigured(self, call: _Call, why: str) -> MisconfiguredError:
        connection = name_connection(self._platform)
        return MisconfiguredError(f"{self._platform}: {call.name} cannot be sent; mend connection {connection}: {why}")

    def _name_error(self, call: _Call, response: requests.Response, body: bytes, received_at: datetime) -> AirtideError:
        refusal = Refusal(
            platform=self._platform,
            request=call.name,
            status=response.status_code,
            headers=response.headers,
            body=body,
            received_at=received_at,
        )
        read = self._read_refusal(refusal) if self._read_refusal is not None else None
        return read or name_refusal(refusal)


def _name_call(method: str, url: str) -> str:
    return f"{method} {strip_queries(url)}"


def write_instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _forget_context(error: AirtideError) -> AirtideError:
    """Return `error` without the errors amid which it and its causes were raised."""
    link: BaseException | None = error
    while link is not None:
        link.__context__ = None
        link = link.__cause__
    return error


def _name_cause(error: BaseException) -> str:
    """Return the kind of the innermost cause, without its text: that may hold the address or the key."""
    inner = error.args[0] if error.args else None
    reason = getattr(inner, "reason", inner)
    return type(reason if isinstance(reason, BaseException) else error).__name__
