"""Heads of messages: those that are known but for their count are read as all others are."""

from __future__ import annotations

import msgspec
import pytest
from tests.fakes.observations import make_snapshot

from airtide.bus import heads
from airtide.bus.decode import SnapshotDecoder
from airtide.bus.encode import encode_snapshot
from airtide.bus.heads import HeadBook
from airtide.bus.records import RawRecord
from airtide.domain.models import Platform

TICK = "2026-01-31T12:00:00Z"
TICK_MS = 1_769_860_800_000
SWEEP = f"twitch:{TICK}:0badcafe"


def write_head(count: str, fetched_at: str = "2026-01-31T12:00:01.5Z", sweep_id: str = SWEEP) -> bytes:
    """Return what our encoder writes before the rest of a message."""
    return (
        f'{{"v":1,"sampled_at":"{TICK}","fetched_at":"{fetched_at}","viewers":{count},"sweep_id":"{sweep_id}"'.encode()
    )


@pytest.fixture
def book() -> HeadBook:
    """A book that knows the head."""
    book = HeadBook()
    book.read(write_head("5"))
    return book


@pytest.mark.parametrize(
    ("count", "viewers"),
    [("0", 0), ("7", 7), ("999999999", 999_999_999), ("2147483647", 2**31 - 1), ("null", None), (" 5", 5)],
)
def test_the_count_of_a_known_head_is_read(book: HeadBook, count: str, viewers: int | None) -> None:
    assert book.read(write_head(count)) == (TICK_MS, TICK_MS + 1500, viewers, SWEEP)


@pytest.mark.parametrize("count", ["", "-1", "07", "1.0", "1e3", "2147483648", "5 5", '"5"', "\u0665", "5,", "true"])
def test_what_is_no_count_is_refused_in_a_known_head_too(book: HeadBook, count: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        book.read(write_head(count))


def test_a_known_head_spares_the_decoder(book: HeadBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(heads, "_decoder")
    assert book.read(write_head("6"))[2] == 6
    with pytest.raises(NameError):
        book.read(write_head("6", fetched_at="2026-01-31T12:00:02Z"))


def test_heads_of_another_length_are_found_again(book: HeadBook) -> None:
    other = write_head("8", fetched_at="2026-01-31T12:00:02Z", sweep_id="twitch:another")
    for _ in range(2):
        assert book.read(other) == (TICK_MS, TICK_MS + 2000, 8, "twitch:another")
        assert book.read(write_head("9")) == (TICK_MS, TICK_MS + 1500, 9, SWEEP)


def test_a_head_of_another_encoder_is_read_and_not_taken_apart() -> None:
    book = HeadBook()
    spaced = write_head("5").replace(b":", b": ", 1)
    assert book.read(spaced) == book.read(spaced)
    with pytest.raises(msgspec.DecodeError):
        book.read(spaced.replace(b'"viewers":5', b'"viewers":x'))


def test_a_time_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a UTC time"):
        HeadBook().read(write_head("5", fetched_at="yesterday"))


def test_too_many_are_forgotten_between_two_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    record = RawRecord("airtide.snapshots.twitch.v1", 0, 0, encode_snapshot(make_snapshot(platform=Platform.TWITCH)))
    decoder = SnapshotDecoder(Platform.TWITCH)
    monkeypatch.setattr(heads, "MOST_HEADS", 1)
    for _ in range(2):
        # the rest is known from the first time on, the head from the second
        assert len(decoder.decode([record, record])[0]) == 2
    assert decoder.decode([])[1] == []
    monkeypatch.delattr(heads, "_decoder")
    with pytest.raises(NameError):
        decoder.decode([record])
