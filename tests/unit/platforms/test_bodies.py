"""Bodies that do not end, break off, or blow up: each costs bounded memory and time."""

from __future__ import annotations

import gzip
import io
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import pytest
from urllib3.response import HTTPResponse

from airtide.domain.errors import PartUnreachable
from airtide.platforms.bodies import MAX_BODY_BYTES, read_body
from airtide.platforms.decoding import UnreadableAnswer

ASKED = "soop: GET https://site.test/list"
LATER = time.monotonic() + 3600


class Pieces(io.RawIOBase):
    """A connection that gives one piece a read, and then what `end` does."""

    def __init__(self, pieces: Iterator[bytes], end: Callable[[], bytes] = bytes) -> None:
        self._pieces = pieces
        self._end = end

    def read1(self, _amount: int = -1) -> bytes:
        piece = next(self._pieces, None)
        return self._end() if piece is None else piece


def answer(pieces: Iterator[bytes] | list[bytes], end: Callable[[], bytes] = bytes, **headers: str) -> HTTPResponse:
    """Return an answer whose body comes in `pieces`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HTTPResponse(body=Pieces(iter(pieces), end), headers=named, preload_content=False)


def endless(piece: bytes) -> Iterator[bytes]:
    while True:
        yield piece


def reset() -> bytes:
    raise ConnectionResetError("https://site.test/list?client_id=canary")


def test_a_body_without_end_is_given_up_at_the_size_that_no_page_has() -> None:
    with pytest.raises(PartUnreachable, match=f"^{ASKED} answered with more than 64 MiB$") as caught:
        read_body(ASKED, answer(endless(b" " * 65536)), LATER)
    assert not isinstance(caught.value, UnreadableAnswer)


def test_a_body_that_is_small_only_until_it_is_unpacked_is_given_up_in_bounded_memory() -> None:
    bomb = gzip.compress(bytes(4 * MAX_BODY_BYTES), compresslevel=9)
    assert len(bomb) < MAX_BODY_BYTES // 200
    tracemalloc.start()
    try:
        with pytest.raises(PartUnreachable, match="more than 64 MiB"):
            read_body(ASKED, answer([bomb], Content_Encoding="gzip"), LATER)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * MAX_BODY_BYTES


def test_the_largest_body_that_is_allowed_is_taken() -> None:
    assert read_body(ASKED, answer([b"12345", b"67890"]), LATER, 10) == b"1234567890"
    with pytest.raises(PartUnreachable, match="more than"):
        read_body(ASKED, answer([b"12345", b"678901"]), LATER, 10)


def test_a_body_that_drips_is_left_at_the_deadline() -> None:
    with pytest.raises(PartUnreachable, match=f"^{ASKED} answered too slowly: 1 bytes by the deadline of the call$"):
        read_body(ASKED, answer(endless(b" ")), time.monotonic() - 1)


def test_a_packed_body_that_drips_without_giving_anything_is_left_at_the_deadline() -> None:
    head = gzip.compress(b"x")[:10]
    with pytest.raises(PartUnreachable, match="answered too slowly: 0 bytes"):
        read_body(ASKED, answer([head, *[b""] * 3], Content_Encoding="gzip"), time.monotonic() - 1)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (answer([b"12345"], reset), r"broke off after 5 bytes \(ProtocolError\)"),
        (answer([b"12345"], Content_Length="9"), r"broke off after 5 bytes \(IncompleteRead|ProtocolError\)"),
        (answer([gzip.compress(b"12345")[:-4]], Content_Encoding="gzip"), r"broke off after 5 bytes \(cut short\)"),
        (answer([b"no gzip at all"], Content_Encoding="gzip"), r"broke off after 0 bytes \(error\)"),
    ],
    ids=["reset", "shorter than told", "packed and cut short", "not packed"],
)
def test_a_body_that_breaks_off_may_be_asked_for_again_and_tells_no_key(raw: HTTPResponse, said: str) -> None:
    with pytest.raises(UnreadableAnswer, match=said) as caught:
        read_body(ASKED, raw, LATER)
    assert caught.value.__context__ is None
    assert "canary" not in repr(caught.value)


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "deflate", "anything"])
def test_an_encoding_that_was_not_asked_for_is_not_undone(encoding: str) -> None:
    with pytest.raises(PartUnreachable, match="an encoding that was not asked for"):
        read_body(ASKED, answer([zlib.compress(b"x")], Content_Encoding=encoding), LATER)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"12345", ""), (b"12345", "identity"), pytest.param(gzip.compress(b"12345"), " GZIP ", id="packed")],
)
def test_a_body_is_read_whole_and_unpacked(body: bytes, encoding: str) -> None:
    assert read_body(ASKED, answer([body[:3], body[3:]], Content_Encoding=encoding), LATER) == b"12345"
