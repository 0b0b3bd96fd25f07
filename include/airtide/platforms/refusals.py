"""Answers that are no answers, turned into errors named by what to do next."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from airtide.domain.errors import AirtideError, ContractChanged, CredentialsRejected, PartUnreachable, RateLimited
from airtide.domain.models import Platform
from airtide.platforms.access import name_connection

MAX_WAIT_S = 86_400.0
"""A site that asks for a longer wait is asked again after a day all the same."""

_EPOCH_S_FROM = 1_000_000_000
_HOST = re.compile(r"[A-Za-z0-9.-]{1,100}")


class KeyRefused(CredentialsRejected):
    """The site refused the key with HTTP `status`."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class RequestRefused(ContractChanged):
    """The site does not accept the request as it was put; asking again changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One answer with a status other than 200."""

    platform: Platform
    request: str
    """Method and address, without the query."""
    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    """The site's own time where it told one, else ours; UTC."""


RefusalReader = Callable[[Refusal], AirtideError | None]
"""Reads a site's own error form; None leaves it to the status."""


def name_refusal(refusal: Refusal) -> AirtideError:
    """Return the error that an HTTP status stands for where the site's own form says no more."""
    said = f"{refusal.platform}: {refusal.request} was answered with HTTP {refusal.status}"
    if refusal.status in (401, 403):
        mend = f"mend connection {name_connection(refusal.platform)}"
        return KeyRefused(f"{said}: the key was refused, {mend}", status=refusal.status)
    if refusal.status == 429:
        wait_s = read_wait_s(refusal)
        told = "without a time to wait" if wait_s is None else f"wait {wait_s:.0f} s"
        return RateLimited(f"{said}: too many requests, {told}", retry_after_s=wait_s)
    if 300 <= refusal.status < 400:
        mend = f"see whether the host of connection {name_connection(refusal.platform)} is still the right one"
        return RequestRefused(f"{said}: the site sends on to {_name_target(refusal)}, {mend}")
    if refusal.status == 408 or refusal.status >= 500:
        return PartUnreachable(f"{said} again and again")
    return RequestRefused(f"{said}: the site does not take this request")


def read_wait_s(refusal: Refusal) -> float | None:
    """Return the seconds to wait that the site told (Retry-After, else Ratelimit-Reset), or None when it told none.

    At most `MAX_WAIT_S`, whatever the site says.
    """
    told_s = _read_retry_after(refusal)
    if told_s is None:
        told_s = read_reset_s(refusal.headers, refusal.received_at)
    return None if told_s is None else min(max(0.0, told_s), MAX_WAIT_S)


def _read_retry_after(refusal: Refusal) -> float | None:
    retry_after = refusal.headers.get("Retry-After", "").strip()
    if retry_after.isdecimal():
        return float(retry_after)
    until = read_http_date(retry_after)
    return None if until is None else (until - refusal.received_at).total_seconds()


def read_reset_s(headers: Mapping[str, str], received_at: datetime) -> float | None:
    """Return the seconds until the site's own limit is full again, as Ratelimit-Reset tells; None when it does not."""
    reset = read_count(headers, "Ratelimit-Reset", "X-Ratelimit-Reset")
    if reset is None:
        return None
    # Twitch sends epoch seconds, the IETF draft of this header counts from now
    return max(0.0, reset - received_at.timestamp() if reset >= _EPOCH_S_FROM else reset)


def read_count(headers: Mapping[str, str], *names: str) -> float | None:
    """Return the number in the first of the headers `names` that is there; None where none is, or it is no count.

    More digits than can be reckoned with are infinitely many.
    """
    told = next((headers[name].strip() for name in names if name in headers), "")
    return float(told) if told.isdecimal() else None


def _name_target(refusal: Refusal) -> str:
    """Return the host that a redirection names, without the rest of the address."""
    try:
        host = urlsplit(refusal.headers.get("Location", "")).hostname or ""
    except ValueError:
        host = ""
    return host if _HOST.fullmatch(host) else "another address"


def read_http_date(text: str | None) -> datetime | None:
    """Return an HTTP date in UTC; None when there is none to read."""
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
