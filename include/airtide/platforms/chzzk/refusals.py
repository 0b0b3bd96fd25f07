"""CHZZK's own error form, read for what to do next."""

from __future__ import annotations

import re

import msgspec

from airtide.domain.errors import AirtideError, PartUnreachable, RateLimited
from airtide.domain.models import Platform
from airtide.platforms.access import name_connection
from airtide.platforms.refusals import KeyRefused, Refusal, RequestRefused

STALE_CURSOR = "잘못된 next 값입니다"
"""What the site says of a cursor that it no longer knows: "wrong next value"."""

_STATUS_BY_NAME = {
    "INVALID_CLIENT": 401,
    "INVALID_TOKEN": 401,
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "TOO_MANY_REQUESTS": 429,
    "INTERNAL_SERVER_ERROR": 500,
}
"""Names that the site writes into `message`, or into `code` in place of a number."""

_KEY_STATUSES = (401, 403)
_STATUS = re.compile("[1-5][0-9]{2}")
_LONGEST_CODE = 40


class StaleCursor(RequestRefused):
    """The site no longer knows the cursor of the next page."""


class ErrorEnvelope(msgspec.Struct, frozen=True):
    """The envelope of an error; anything may stand in it."""

    code: int | str | None = None
    message: str | None = None


_ERRORS = msgspec.json.Decoder(ErrorEnvelope)


def read_chzzk_refusal(refusal: Refusal) -> AirtideError | None:
    """Return the error that the body of a 400 names: a stale cursor or an unknown client; else the status says it."""
    if refusal.status != 400:
        return None
    try:
        told = _ERRORS.decode(refusal.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    said = f"{refusal.platform}: {refusal.request} was answered with HTTP {refusal.status}"
    if STALE_CURSOR in (told.message or ""):
        return _name_stale_cursor(said)
    named = _STATUS_BY_NAME.get(str(told.code)) or _STATUS_BY_NAME.get(told.message or "")
    return _name_refused_key(said, 400) if named in _KEY_STATUSES else None


def name_own_error(asked: str, code: int | str, message: str | None) -> AirtideError:
    """Return what an error means that the site sends with HTTP status 200; `asked` names platform and request."""
    said = f"{asked} answered with its own error {str(code)[:_LONGEST_CODE]!r}"
    status = read_status(code) or _STATUS_BY_NAME.get(message or "")
    if STALE_CURSOR in (message or ""):
        return _name_stale_cursor(said)
    if status in _KEY_STATUSES:
        return _name_refused_key(said, status)
    if status == 429:
        return RateLimited(f"{said}: too many requests, without a time to wait")
    if status is not None and 400 <= status < 500:
        return RequestRefused(f"{said}: the site does not take this request")
    return PartUnreachable(said)


def read_status(code: int | str) -> int | None:
    """Return the HTTP status that a code stands for, be it a number, digits or a name; None for any other code."""
    text = str(code)
    return int(text) if _STATUS.fullmatch(text) else _STATUS_BY_NAME.get(text)


def _name_stale_cursor(said: str) -> StaleCursor:
    return StaleCursor(f"{said}: the cursor of this page has gone stale while the list was read")


def _name_refused_key(said: str, status: int) -> KeyRefused:
    return KeyRefused(f"{said}: the key was refused, mend connection {name_connection(Platform.CHZZK)}", status=status)
