"""What a picture host's answer means: a picture, nothing new, the way to another address, or a reason to refuse it."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin

from urllib3.response import BaseHTTPResponse

from airtide.domain.errors import PartUnreachable
from airtide.domain.models import Platform
from airtide.domain.picture_types import tell_type
from airtide.domain.pictures import LastPicture, PictureRefusal, PictureRefused
from airtide.platforms.bodies import BodyTooLarge, BodyTooSlow, read_body
from airtide.platforms.pictures.hosts import PictureAddress, judge_address

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_OK: Final = 200
_NOT_MODIFIED: Final = 304
_TOO_MANY: Final = 429
_SERVER_FAILED: Final = 500
_IS_VALIDATOR: Final = re.compile(r"[\x20-\x7e]{1,200}").fullmatch
"""Whether a text may be kept and be carried back by a header, whatever a host wrote into it."""


def ask_for_changes(last: LastPicture | None, picture_url: str) -> dict[str, str]:
    """Return the headers that ask a host for a picture only if it is another one than `last`."""
    if last is None or last.picture_url != picture_url:
        return {}
    told = {"If-None-Match": last.etag, "If-Modified-Since": last.last_modified}
    return {name: value for name, value in told.items() if value is not None and _IS_VALIDATOR(value)}


def read_validator(response: BaseHTTPResponse, name: str) -> str | None:
    """Return what a later question can be asked with; None where the host told nothing of the kind."""
    told = response.headers.get(name)
    return told if told is not None and _IS_VALIDATOR(told) else None


def read_redirect(platform: Platform, asked: PictureAddress, response: BaseHTTPResponse) -> PictureAddress | None:
    """Return where an answer sends to, None where it sends nowhere; raises `PictureRefused` if nobody may go there."""
    if response.status not in _REDIRECTS:
        return None
    try:
        return judge_address(platform, urljoin(asked.url, response.headers.get("Location", "")))
    except (ValueError, PictureRefused) as error:
        why = "to no address" if isinstance(error, ValueError) else str(error)
    raise PictureRefused(PictureRefusal.REDIRECT, f"{asked.name} sends elsewhere: {why}")


def read_picture(
    asked: PictureAddress, response: BaseHTTPResponse, *, is_conditional: bool, max_bytes: int, ends_at: float
) -> bytes | None:
    """Return the bytes of a picture; None when the host says that nothing has changed since what it was asked with.

    Status and headers are looked at before a byte of the body is read. Raises `PictureRefused`.
    """
    if response.status == _NOT_MODIFIED and is_conditional:
        # no body belongs to it; finding its end gives the connection back, except where chunks are told of: the driver
        # would wait for them
        if "Transfer-Encoding" not in response.headers:
            _read_body(asked, response, 0, ends_at)
        return None
    if response.status != _OK:
        is_busy = response.status == _TOO_MANY or response.status >= _SERVER_FAILED
        raise PictureRefused(
            PictureRefusal.BUSY if is_busy else PictureRefusal.STATUS, f"{asked.name} answered with {response.status}"
        )
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise PictureRefused(PictureRefusal.NO_PICTURE, f"{asked.name} answered packed, which was not asked for")
    if response.length_remaining is not None and response.length_remaining > max_bytes:
        raise PictureRefused(
            PictureRefusal.TOO_LARGE,
            f"{asked.name} would send {response.length_remaining:,} bytes, more than {max_bytes:,}",
        )
    body = _read_body(asked, response, max_bytes, ends_at)
    if tell_type(body) is None:
        raise PictureRefused(PictureRefusal.NO_PICTURE, f"{asked.name} sent {len(body)} bytes of no picture")
    return body


def _read_body(asked: PictureAddress, response: BaseHTTPResponse, max_bytes: int, ends_at: float) -> bytes:
    try:
        return read_body(asked.name, response, ends_at, max_bytes)
    except BodyTooLarge:
        refusal, said = PictureRefusal.TOO_LARGE, f"sent more than {max_bytes:,} bytes"
    except BodyTooSlow:
        refusal, said = PictureRefusal.TOO_SLOW, "was still sending when its time was up"
    except PartUnreachable:
        refusal, said = PictureRefusal.UNREACHABLE, "broke off"
    raise PictureRefused(refusal, f"{asked.name} {said}")
