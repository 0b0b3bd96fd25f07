"""Bodies of answers, read within bounds: a site that sends without end must cost neither the memory nor the tick."""

from __future__ import annotations

import time
import zlib

from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from airtide.domain.errors import PartUnreachable
from airtide.platforms.decoding import UnreadableAnswer

MAX_BODY_BYTES = 64 * 1024 * 1024
"""Decoded; the largest page of any site, 1,000 broadcasts of Kick, has about one hundredth of it."""

ENCODINGS = "gzip"
"""What is asked for; `requests` would offer all that it can decode, and decode without a bound."""

_PIECE_BYTES = 64 * 1024


class BodyTooLarge(PartUnreachable):
    """A body has more bytes than it may have."""


class BodyTooSlow(PartUnreachable):
    """A body was not whole at the deadline of its call."""


def read_body(asked: str, raw: BaseHTTPResponse, deadline_at: float, max_bytes: int | None = None) -> bytes:
    """Return the decoded body; `asked` names platform and request in errors.

    Raises `UnreadableAnswer` for a body that breaks off, `BodyTooLarge` for one that is larger than `max_bytes`
    (`MAX_BODY_BYTES` unless told), `BodyTooSlow` for one still coming at `deadline_at` (monotonic seconds), and
    `PartUnreachable` for one that is encoded otherwise than asked.
    """
    most = MAX_BODY_BYTES if max_bytes is None else max_bytes
    body = bytearray()
    decoder = _Decoder(asked, raw.headers.get("Content-Encoding", ""))
    failure: str
    try:
        # one piece is what one read of the socket gave: only so can a drip be told from a stream
        while piece := raw.read1(_PIECE_BYTES, decode_content=False):
            body += decoder.decode(piece, most + 1 - len(body))
            if len(body) > most:
                raise BodyTooLarge(f"{asked} answered with more than {most >> 20} MiB")
            if time.monotonic() >= deadline_at:
                break
        failure = "" if decoder.is_whole else "cut short"
    except (HTTPError, OSError, zlib.error) as error:
        failure = type(error).__name__
    # an end may be that of a connection which was cut at the deadline, whatever it looks like
    if time.monotonic() >= deadline_at:
        raise BodyTooSlow(f"{asked} answered too slowly: {len(body)} bytes by the deadline of the call")
    if not failure:
        return bytes(body)
    # raised here and not above: the driver's error, which may hold the whole address, must not travel along
    raise UnreadableAnswer(f"{asked} broke off after {len(body)} bytes ({failure})")


class _Decoder:
    """Undoes the encoding of one body, never giving more at once than asked for."""

    def __init__(self, asked: str, encoding: str) -> None:
        name = encoding.strip().lower()
        if name not in ("", "identity", ENCODINGS):
            raise PartUnreachable(f"{asked} answered in an encoding that was not asked for")
        self._gzip = zlib.decompressobj(zlib.MAX_WBITS | 16) if name == ENCODINGS else None

    def decode(self, piece: bytes, limit: int) -> bytes:
        """Return the piece decoded, at most `limit` bytes of it."""
        return piece if self._gzip is None else self._gzip.decompress(piece, limit)

    @property
    def is_whole(self) -> bool:
        """Whether the end that the encoding itself marks has come."""
        return self._gzip is None or self._gzip.eof
